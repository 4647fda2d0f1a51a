-- One row for each response of the cell at hand.
create or replace temp table cell_rows as
select
    parsed.file,
    parsed.line,
    sources.language,
    parsed.item,
    parsed.uuid,
    parsed.response,
    parsed.gold,
    parsed.prompt_hash,
    sources.name as source_file,
    sources.sha256 as source_sha256
from parsed
inner join sources using (file);
