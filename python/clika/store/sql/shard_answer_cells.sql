-- One row for each cell that shards or shipped answer codes hold: how many of the task's items.
select model, task, language, count(distinct item) as n_items
from read_parquet($paths)
group by model, task, language
order by model, task, language;
