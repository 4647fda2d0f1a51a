-- One row for each place where a response file disagrees with the task's items.
with joined as (
    select
        rows.file,
        rows.line,
        rows.source_file,
        rows.item,
        rows.uuid,
        rows.gold,
        reference.item as known,
        reference.uuid as expected_uuid,
        reference.gold as expected_gold
    from cell_rows as rows
    left join item_reference as reference
        on reference.task = $task and reference.item = rows.item
),

row_problems as (
    select
        file,
        line,
        source_file,
        case
            when known is null then 'id'
            when uuid <> expected_uuid then 'uuid'
            else 'label'
        end as column_name,
        case
            when known is null then 'the task has no item ' || item
            when uuid <> expected_uuid
                then 'item ' || item || ' is ' || expected_uuid || ' in the task, but '
                    || left(uuid, 40) || ' here: the rows are in another order'
            else 'item ' || item || ' has another right option in the task'
        end as reason
    from joined
    where known is null or uuid <> expected_uuid or gold <> expected_gold
),

expected as (
    select count(*) as items
    from item_reference
    where task = $task
),

short_files as (
    select
        file,
        null::bigint as line,
        source_file,
        null::varchar as column_name,
        count(*) || ' rows where the task has ' || max(expected.items) || ' items' as reason
    from cell_rows
    cross join expected
    group by file, source_file
    having count(*) < max(expected.items)
)

select source_file, line, column_name, reason
from (
    select file, line, source_file, column_name, reason from row_problems
    union all
    select file, line, source_file, column_name, reason from short_files
)
order by file, line nulls last, column_name;
