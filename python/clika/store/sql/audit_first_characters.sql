-- One row for each cell (model, task, language) and character of $letters that some of its responses
-- begin with and set apart as a label: nothing, or a mark as after an option's letter, follows it.
with firsts as (
    select
        model, task, language,
        regexp_extract(
            response, '^[\s\p{Z}]*[(\[*]*(\S)(?:[\s\p{Z}]*$|[\s\p{Z}]*[.)\]*．、:：<])', 1
        ) as first
    from responses
)
select model, task, language, first, count(*) as n
from firsts
where list_contains($letters, first)
group by model, task, language, first
order by model, task, language, first;
