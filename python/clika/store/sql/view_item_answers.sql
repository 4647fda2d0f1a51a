-- One row for each answer to an item, read by one rule, with its raw response where it is stored.
select
    answers.model,
    answers.language,
    answers.code,
    answers.fired,
    responses.response
from answers
left join responses
    on responses.model = answers.model
    and responses.task = answers.task
    and responses.language = answers.language
    and responses.item = answers.item
where answers.task = $task and answers.item = $item and answers.rule = $rule
order by answers.model, answers.language;
