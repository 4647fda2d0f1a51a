-- One row for each answer of the cell at hand.
select
    rows.model,
    rows.task,
    rows.language,
    rows.item,
    rows.uuid,
    rows.response,
    rows.gold::tinyint as gold,
    null::varchar as prompt_hash,
    table_source.name as source_file,
    table_source.sha256 as source_sha256
from table_rows as rows
inner join cell_name using (model, task)
cross join table_source
where rows.asked
order by rows.language, rows.item
