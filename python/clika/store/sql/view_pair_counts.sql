-- One row: how one model's answers to one task in two languages turned out, over the items that were
-- asked in both.
select
    count(*) as n,
    count(*) filter (where a.code = a.gold) as n_right,
    count(*) filter (where a.code = a.gold and b.code <> b.gold) as n_lost,
    count(*) filter (where a.code = a.gold and b.code = -1) as n_lost_invalid
from answers as a
inner join answers as b
    on b.model = a.model and b.task = a.task and b.rule = a.rule and b.item = a.item
where
    a.model = $model
    and a.task = $task
    and a.rule = $rule
    and a.language = $right
    and b.language = $wrong;
