-- One row for each cell and rule: the codes of its answers and their items, both in the items' order.
select
    rule,
    task,
    model,
    language,
    list(item order by item) as items,
    list(code order by item) as codes
from answers
where
    list_contains($rules::varchar[], rule)
    and list_contains($tasks::varchar[], task)
    and item between $first and $last
group by rule, task, model, language
order by rule, task, model, language;
