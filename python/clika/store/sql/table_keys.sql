-- One row for each key of the objects of a JSONL file, in the order of first appearance.
with keys as (
    select row, unnest(json_keys(line)) as key, generate_subscripts(json_keys(line), 1) as place
    from table_read
    where is_object
)
select key
from keys
group by key
order by min(row), min(place);
