-- One row for each thing that a Parquet file which clika wrote says of itself.
select key, value
from parquet_kv_metadata($path)
where starts_with(key::varchar, 'clika_')
order by key;
