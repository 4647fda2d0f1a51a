-- One row for each cell: how many of the task's items were asked. Every rule reads every response,
-- so one rule counts for all.
select model, task, language, count(*) as n_items
from answers
where rule = (select min(rule) from answers)
group by model, task, language
order by model, task, language;
