-- One row for each line of a JSONL file.
create or replace table table_read as
select
    row_number() over () as row,
    line,
    case when json_valid(line) then json_type(line) = 'OBJECT' else false end as is_object
from read_csv(
    $path,
    auto_detect = false,
    header = false,
    columns = {'line': 'varchar'},
    delim = chr(1),
    quote = '',
    escape = '',
    strict_mode = false,
    store_rejects = true,
    compression = $compression,
    max_line_size = $max_line_bytes,
    buffer_size = 4 * $max_line_bytes
);
