-- One row for each row of the table whose names are known: ids numbered, codes read as letters.
create or replace table table_rows as
with cells as (
    select
        given.row,
        models.name as model,
        tasks.name as task,
        languages.name as language,
        trim(given.item) as item_text,
        given.answer,
        upper(trim(given.gold)) as gold_text,
        nullif(given.uuid, '') as uuid,
        nullif(given.options, '') as options_text,
        nullif(given.scores, '') as scores_text,
        coalesce(given.question, '') as question,
        coalesce(bool_and(
            regexp_full_match(trim(given.item), '(0|[1-9][0-9]{0,17})(\.0)?')
        ) over (partition by tasks.name), false) as items_are_numbers
    from table_given as given
    inner join table_names as models
        on models.kind = 'model' and models.given = given.model
    inner join table_names as tasks
        on tasks.kind = 'task' and tasks.given = given.task
    inner join table_names as languages
        on languages.kind = 'language' and languages.given = given.language
    where trim(given.item) <> ''
),

-- All answers are codes, or none is: $coded says which.
coded as (
    select
        *,
        case when $coded then try_cast(replace(trim(answer), '.0', '') as bigint) end as code
    from cells
)

select
    row,
    model,
    task,
    language,
    case
        when items_are_numbers then replace(item_text, '.0', '')::bigint
        else dense_rank() over (partition by task order by item_text) - 1
    end as item,
    coalesce(uuid, case when not items_are_numbers then item_text end) as uuid,
    answer is not null as asked,
    case
        when code between 0 and 25 then chr((65 + code)::integer)
        when $coded then ''
        else answer
    end as response,
    code,
    gold_text,
    case
        when regexp_full_match(gold_text, '[A-Z]') then ord(gold_text) - 65
        when regexp_full_match(gold_text, '[0-9]{1,2}(\.0)?') then replace(gold_text, '.0', '')::integer
    end as gold,
    options_text,
    case
        when options_text is not null and json_valid(options_text) and json_type(options_text) = 'ARRAY'
            then from_json(options_text, '["varchar"]')
    end as options,
    scores_text,
    case
        when scores_text is not null and json_valid(scores_text) and json_type(scores_text) = 'ARRAY'
            then from_json(scores_text, '["double"]')
    end as scores,
    question
from coded
order by row;
