-- The header of a file of sums, and how many rows the file has.
select
    header.value,
    file.num_rows
from parquet_kv_metadata($path) as header, parquet_file_metadata($path) as file
where header.key = 'clika_sums'::blob
order by header.value;
