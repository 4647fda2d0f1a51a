-- One row for each item in each language that it occurs in.
select
    rows.task,
    rows.language,
    rows.item,
    first(rows.uuid order by rows.row) as uuid,
    first(rows.question order by rows.question = '', rows.row) as question,
    coalesce(
        first(rows.options order by rows.row) filter (where rows.options is not null), []
    )::varchar[] as options,
    any_value(tasks.k)::tinyint as k,
    first(rows.gold order by rows.row)::tinyint as gold,
    any_value(places.place)::integer as cluster,
    null::varchar as stratum
from table_rows as rows
inner join table_tasks as tasks using (task)
inner join (
    select task, item, row_number() over (partition by task order by item) - 1 as place
    from table_rows
    group by task, item
) as places using (task, item)
group by rows.task, rows.language, rows.item
order by rows.task, rows.language, rows.item
