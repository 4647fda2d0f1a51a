-- One row for each response of the cell at hand.
select
    cell_name.model,
    cell_name.task,
    rows.language,
    rows.item,
    rows.uuid,
    rows.response,
    rows.gold,
    rows.prompt_hash,
    rows.source_file,
    rows.source_sha256
from cell_rows as rows
cross join cell_name
order by rows.file, rows.item
