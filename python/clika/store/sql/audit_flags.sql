-- One row for each task and flag: how many of its cells, or of its pairs of languages within a model,
-- carry the flag by the rule $rule. Flags of pairs are those of the chance-corrected overlap.
with flagged as (
    select task, 'not-above-chance' as flag, flags
    from performance
    where metric = 'acc' and rule = $rule
    union all
    select task, pair_flag as flag, flags
    from consistency, unnest(['position-bound', 'few']) as flag_names(pair_flag)
    where
        metric = 'co_star' and variant = 'gold-letter' and rule = $rule
        and source_language < target_language
)
select
    task,
    flag,
    count(*) filter (where list_contains(string_split(flags, ','), flag)) as n_flagged,
    count(*) as n
from flagged
group by task, flag
order by flag, task;
