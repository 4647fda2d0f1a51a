-- One row for each answer of the cell at hand.
select
    cell_name.model,
    cell_name.task,
    given.language,
    given.item,
    nullif(given.uuid, '') as uuid,
    given.response,
    given.gold,
    given.prompt_hash,
    given.source_file,
    given.source_sha256
from given_answers as given
cross join cell_name
order by given.language, given.item
