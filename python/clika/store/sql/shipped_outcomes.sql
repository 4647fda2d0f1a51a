-- One row for each question that was asked for conductivity, without the answer's text.
select
    task, model, seed, source_language, target_language, question_set, item::integer as item, cluster,
    answered, is_right, is_identical, is_ambiguous, null::varchar as response
from outcomes
order by task, model, source_language, target_language, seed, question_set, item
