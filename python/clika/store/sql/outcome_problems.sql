-- One row for each question that is there twice, or whose place is on two continents.
select concat_ws(', ', task, model, seed, source_language, target_language) as cell,
    item,
    question_set || ' is there twice' as reason
from asked_outcomes
group by task, model, seed, source_language, target_language, question_set, item
having count(*) > 1
union all
select concat_ws(', ', task, model, seed, source_language, target_language) as cell,
    item,
    'is on two continents' as reason
from asked_outcomes
where question_set <> 'continent'
group by task, model, seed, source_language, target_language, item
having count(distinct cluster) > 1
union all
select concat_ws(', ', task, model, seed, source_language, target_language) as cell,
    item,
    question_set || ' is not a question set' as reason
from asked_outcomes
where not list_contains($sets, question_set)
order by cell, item, reason;
