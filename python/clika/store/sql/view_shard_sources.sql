-- One row for each file that the shards were made from.
select distinct model, task, language, source_file, source_sha256
from read_parquet($paths)
order by model, task, language, source_file;
