-- One row for each key that clika wrote into a Parquet file's metadata.
select key, value
from parquet_kv_metadata($path)
where key in ('clika_schema'::blob, 'clika_key'::blob)
order by key;
