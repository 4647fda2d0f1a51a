-- One row for each cell (model, task, language) and extraction rule: how its answers were read.
select
    rule,
    model,
    task,
    language,
    count(*) as n,
    count(*) filter (where code = -1) as n_invalid,
    count(*) filter (where fired = 'out-of-options') as n_beyond,
    count(*) filter (where code = gold) as n_right,
    count(distinct code) filter (where code >= 0) as n_letters,
    coalesce(mode(code order by code) filter (where code >= 0), -1) as top_code
from answers
group by rule, model, task, language
order by rule, model, task, language;
