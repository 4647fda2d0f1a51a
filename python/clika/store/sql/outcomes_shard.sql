-- One row for each question that was asked for conductivity, in the order of a total key.
select
    task::varchar as task,
    model::varchar as model,
    seed::integer as seed,
    source_language::varchar as source_language,
    target_language::varchar as target_language,
    question_set::varchar as question_set,
    item::bigint as item,
    cluster::integer as cluster,
    answered::integer as answered,
    is_right::boolean as is_right,
    is_identical::boolean as is_identical,
    is_ambiguous::boolean as is_ambiguous,
    response::varchar as response
from asked_outcomes
order by task, model, source_language, target_language, seed, question_set, item
