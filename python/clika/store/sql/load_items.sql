-- One row for each item.
insert into items
select distinct task, item, k, gold, cluster, stratum
from read_parquet($path)
order by task, item;
