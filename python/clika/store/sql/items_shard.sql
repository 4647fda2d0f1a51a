-- One row for each item in each language.
select
    task,
    language,
    item,
    uuid,
    question,
    from_json(options, '["varchar"]') as options,
    k,
    gold,
    cluster,
    nullif(stratum, '') as stratum
from read_items
order by task, language, item
