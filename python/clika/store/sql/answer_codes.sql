-- One row for each answer: where its rule, task, model and language stand in the lists asked for,
-- its item and its code.
select
    (list_position($rules::varchar[], rule) - 1)::usmallint as rule,
    (list_position($tasks::varchar[], task) - 1)::usmallint as task,
    (list_position($models::varchar[], model) - 1)::usmallint as model,
    (list_position($languages::varchar[], language) - 1)::usmallint as language,
    item,
    code
from answers
where
    list_contains($rules::varchar[], rule)
    and list_contains($tasks::varchar[], task)
    and list_contains($models::varchar[], model)
    and list_contains($languages::varchar[], language)
    and item between $first and $last;
