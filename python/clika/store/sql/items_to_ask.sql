-- One row for each item in each language that a model can be asked.
select language, item, uuid, question, options, gold
from read_parquet($path)
where
    task = $task
    and list_contains($languages, language)
    and question <> ''
    and len(options) = k
    and k > 1
order by list_position($languages, language), item;
