-- One row for each item of a task.
select item, gold
from items
where task = $task
order by item;
