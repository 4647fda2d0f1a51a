-- One row for each response, read by one rule.
insert into answers
select
    model,
    task,
    language,
    item,
    gold,
    $rule as rule,
    code,
    fired,
    source_sha256
from read_answers
order by model, task, language, item;
