-- One row for each of some items that a model was asked in a language, with its text and the raw response
-- where they are stored.
select
    answers.item,
    answers.gold,
    answers.code,
    answers.fired,
    item_texts.question,
    item_texts.options,
    responses.response
from answers
left join item_texts
    on item_texts.task = answers.task
    and item_texts.item = answers.item
    and item_texts.language = answers.language
left join responses
    on responses.model = answers.model
    and responses.task = answers.task
    and responses.item = answers.item
    and responses.language = answers.language
where
    answers.model = $model
    and answers.task = $task
    and answers.rule = $rule
    and answers.language = $language
    and list_contains($items, answers.item)
order by answers.item;
