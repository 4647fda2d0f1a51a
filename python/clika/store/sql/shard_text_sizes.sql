-- One row for each task and language: items that a model can be asked, as items_to_ask.sql has them or, of a table,
-- without their options; and bytes of questions and options.
select
    task,
    language,
    count(*) as n_items,
    sum(strlen(question) + coalesce(list_sum([strlen(text) for text in options]), 0))::bigint as n_bytes
from read_parquet($paths)
where
    question <> ''
    and len(options) in (0, k)
    and k > 1
group by task, language
order by task, language;
