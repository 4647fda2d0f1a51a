-- One row for each response and rule, without its text.
select
    model,
    task,
    language,
    item::integer as item,
    gold,
    rule,
    code,
    fired,
    source_sha256
from answers
order by rule, task, model, language, item
