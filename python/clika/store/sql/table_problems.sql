-- One row for each kind of fault: the key concerned, what is wrong, and the rows that have it.
with missing as (
    select row, key, 'the value is missing' as reason
    from (
        select
            row,
            unnest(['model', 'task', 'language', 'item', 'gold']) as key,
            unnest([model, task, language, item, gold]) as given
        from table_given
    )
    where given is null or trim(given) = ''
),

firsts as (
    select
        *,
        first_value(row) over same_item as item_row,
        first_value(gold) over same_item as item_gold,
        first_value(uuid) over same_item as item_uuid,
        first_value(row) over same_text as text_row,
        first_value(options_text) over same_text as text_options,
        first_value(row) over same_scores as scores_row,
        first_value(len(scores)) over same_scores as scores_length,
        count(*) over (partition by model, task, language, item) > 1 as is_repeated
    from table_rows
    window
        same_item as (partition by task, item order by row),
        same_scores as (partition by task, item order by scores is null, row),
        same_text as (partition by task, item, language order by options_text is null, row)
),

checked as (
    select firsts.*, tasks.k, chr((64 + tasks.k)::integer) as last_letter
    from firsts
    inner join table_tasks as tasks using (task)
),

found as (
    select row, key, reason from missing
    union all
    select
        row,
        'gold',
        '''' || left(gold_text, 40) || ''' is no option: write a letter from A on, or a number from 0 on'
    from checked
    where gold is null and gold_text <> ''
    union all
    select
        row,
        'gold',
        '''' || gold_text || ''' is beyond the ' || k || ' options of ' || task
            || ' (A..' || last_letter || ', or 0..' || k - 1 || ')'
    from checked
    where gold >= k
    union all
    select
        row,
        'gold',
        'item ' || coalesce(uuid, item::varchar) || ' of ' || task || ' has another right option in row '
            || item_row
    from checked
    where gold <> item_gold
    union all
    select
        row,
        'answer',
        code || ' is no option of ' || task || ': write 0..' || k - 1 || ', or -1 where none was read'
    from checked
    where code < -1 or code >= k
    union all
    select
        row,
        'options',
        'not a list of texts'
    from checked
    where options_text is not null and options is null
    union all
    select
        row,
        'options',
        len(options) || ' options where ' || task || ' has ' || k
    from checked
    where len(options) <> k
    union all
    select
        row,
        'options',
        'the item has other options in row ' || text_row || ', in the same language'
    from checked
    where options_text <> text_options and options is not null
    union all
    select
        row,
        'scores',
        'not a list of finite numbers'
    from checked
    where
        scores_text is not null
        and (scores is null or len(list_filter(scores, lambda score: not isfinite(score) or score is null)) > 0)
    union all
    select
        row,
        'scores',
        len(scores) || ' scores, but there must be 1 to 64'
    from checked
    where len(scores) not between 1 and 64
    union all
    select
        row,
        'scores',
        len(scores) || ' scores where the item has ' || scores_length || ' in row ' || scores_row
    from checked
    where len(scores) <> scores_length
    union all
    select
        row,
        'gold',
        gold_text || ' is beyond the ' || len(scores) || ' scores of the item'
    from checked
    where gold >= len(scores) and gold < k
    union all
    select
        row,
        'uuid',
        'item ' || item || ' of ' || task || ' is ' || left(item_uuid, 40) || ' in row ' || item_row
            || ', but ' || left(uuid, 40) || ' here'
    from checked
    where uuid <> item_uuid
    union all
    select
        row,
        'item',
        'the same model, task, language and item more than once'
    from checked
    where is_repeated
)

select key, reason, list(row order by row) as rows
from found
group by key, reason
order by min(row), key, reason;
