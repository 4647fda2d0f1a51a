-- One row for each cell of conductivity and seed that shards or shipped outcomes hold.
select distinct task, model, source_language, target_language, seed
from read_parquet($paths)
order by task, model, source_language, target_language, seed;
