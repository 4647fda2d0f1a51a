-- One row for each item, as the pivot language has it.
insert into item_reference
select task, item, uuid, gold
from read_parquet($path)
where language = $pivot
order by task, item;
