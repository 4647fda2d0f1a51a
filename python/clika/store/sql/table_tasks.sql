-- One row for each task: how many items and options it has, and how that is known.
create or replace table table_tasks as
with found as (
    select
        task,
        count(distinct item) as items,
        coalesce(mode(len(options) order by len(options)), max(len(scores))) as listed,
        greatest(max(gold), coalesce(max(code), 0)) + 1 as seen,
        least(
            min(gold) filter (where regexp_matches(gold_text, '^[0-9]')),
            min(code) filter (where code >= 0)
        ) as lowest
    from table_rows
    group by task
)
select
    task,
    items,
    coalesce($options, listed, greatest(seen, 2)) as k,
    $options is null and listed is null as k_is_a_guess,
    lowest > 0 as no_zero
from found
order by task;
