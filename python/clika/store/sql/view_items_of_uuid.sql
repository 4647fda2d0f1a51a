-- One row for each item that the source calls $uuid.
select distinct task, item
from responses
where uuid = $uuid
order by task, item;
