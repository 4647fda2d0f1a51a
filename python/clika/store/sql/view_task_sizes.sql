-- One row for each task: how many items it has.
select task, count(*) as n_items
from items
group by task
order by task;
