-- One row for each item.
select task, item, k, gold, cluster, stratum
from items
order by task, item;
