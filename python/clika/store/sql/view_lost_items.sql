-- One row for each item that one model has right in one language and wrong in another, with the texts
-- and the raw responses of both where they are stored.
select
    a.item,
    a.gold,
    b.code,
    b.fired,
    a_texts.question,
    a_texts.options,
    b_texts.options as options_wrong,
    a_responses.response,
    b_responses.response as response_wrong
from answers as a
inner join answers as b
    on b.model = a.model and b.task = a.task and b.rule = a.rule and b.item = a.item
left join item_texts as a_texts
    on a_texts.task = a.task and a_texts.item = a.item and a_texts.language = a.language
left join item_texts as b_texts
    on b_texts.task = b.task and b_texts.item = b.item and b_texts.language = b.language
left join responses as a_responses
    on a_responses.model = a.model
    and a_responses.task = a.task
    and a_responses.item = a.item
    and a_responses.language = a.language
left join responses as b_responses
    on b_responses.model = b.model
    and b_responses.task = b.task
    and b_responses.item = b.item
    and b_responses.language = b.language
where
    a.model = $model
    and a.task = $task
    and a.rule = $rule
    and a.language = $right
    and b.language = $wrong
    and a.code = a.gold
    and b.code <> b.gold
order by a.item;
