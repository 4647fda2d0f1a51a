-- One row for each item of a task.
select item, gold, cluster, stratum
from items
where task = $task
order by item;
