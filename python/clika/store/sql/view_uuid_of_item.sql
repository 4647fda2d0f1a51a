-- One row for each name that the source has for an item.
select distinct uuid
from responses
where task = $task and item = $item and uuid is not null
order by uuid;
