-- One row for each line of a JSONL file that holds no JSON object.
select row
from table_read
where not is_object
order by row;
