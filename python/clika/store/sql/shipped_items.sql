-- One row for each item, without its texts.
select task, item, k, gold, cluster, stratum
from items
order by task, item
