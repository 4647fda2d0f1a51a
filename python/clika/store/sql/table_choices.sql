-- The choice stands for the answer: the option with the highest score, -1 where several have it.
update table_given
set answer = case when len(choices.highest) = 1 then choices.highest[1] - 1 else -1 end
from (
    select
        found.row,
        list_filter(range(1, len(found.scores) + 1), lambda place: found.scores[place] = list_max(found.scores)) as highest
    from (
        select
            row,
            case
                when json_valid(scores) and json_type(scores) = 'ARRAY'
                    then from_json(scores, '["double"]')
            end as scores
        from table_given
    ) as found
    where len(found.scores) > 0
) as choices
where choices.row = table_given.row;
