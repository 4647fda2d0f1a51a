-- One row for each response that restates its item's question, or whose text (what follows the
-- option's letter, where it begins with one) neither begins an option of its item nor is begun by one.
with asked as (
    select
        task, language, item, question,
        trim(regexp_replace(lower(nfc_normalize(question)), '\s+', ' ', 'g')) as asked_text,
        list_transform(
            options, lambda option: trim(regexp_replace(lower(nfc_normalize(option)), '\s+', ' ', 'g'))
        ) as option_texts
    from item_texts
),
answered as (
    select
        model, task, language, item, response,
        regexp_matches(response, '^\s*[A-Z]\s*[.)．、:：]') as lettered,
        trim(regexp_replace(
            lower(nfc_normalize(regexp_replace(response, '^\s*[A-Z]\s*[.)．、:：]', ''))),
            '\s+', ' ', 'g'
        )) as answer_text
    from responses
)
select model, task, language, item, response, lettered, question
from answered
join asked using (task, language, item)
where answer_text <> '' and (
    (asked_text <> '' and contains(answer_text, asked_text))
    or len(list_filter(
        option_texts,
        lambda option: starts_with(option, answer_text) or starts_with(answer_text, option)
    )) = 0
)
order by model, task, language, item;
