-- One row for each record of a CSV file; the header is row 1. An empty field is NULL, "" is not.
create or replace table table_read as
select row_number() over () + 1 as row, *
from read_csv(
    $path,
    auto_detect = false,
    header = true,
    columns = $columns,
    delim = $delimiter,
    quote = '"',
    escape = '"',
    nullstr = '',
    allow_quoted_nulls = false,
    strict_mode = true,
    store_rejects = true,
    compression = $compression,
    max_line_size = $max_line_bytes,
    buffer_size = 4 * $max_line_bytes
);
