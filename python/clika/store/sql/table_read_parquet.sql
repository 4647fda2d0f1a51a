-- One row for each row of a Parquet file, counted from 1.
create or replace table table_read as
select file_row_number + 1 as row, * exclude (file_row_number)
from read_parquet($path, file_row_number = true)
order by row;
