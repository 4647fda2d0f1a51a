-- One row for each question that was asked for conductivity, without its text.
select
    task, model, source_language, target_language, seed, question_set, item, cluster,
    coalesce(answered, -2) as answered, is_right, is_identical, is_ambiguous
from outcomes
order by task, model, source_language, target_language, seed, question_set, item;
