-- One row for each response, with the options that were asked.
select
    responses.model,
    responses.task,
    responses.language,
    responses.item,
    responses.gold,
    responses.source_sha256,
    responses.response,
    items.k as n_options,
    nullif(item_texts.options, []) as options
from responses
inner join items
    on items.task = responses.task and items.item = responses.item
left join item_texts
    on item_texts.task = responses.task
    and item_texts.language = responses.language
    and item_texts.item = responses.item
