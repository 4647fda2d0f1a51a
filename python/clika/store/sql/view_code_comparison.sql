-- One row for each cell and rule: how the codes in a Parquet file compare with those of the database.
with compared as (
    select
        coalesce(derived.model, shipped.model) as model,
        coalesce(derived.task, shipped.task) as task,
        coalesce(derived.language, shipped.language) as language,
        coalesce(derived.rule, shipped.rule) as rule,
        derived.item is not null as is_derived,
        shipped.item is not null as is_shipped,
        (derived.gold, derived.code, derived.fired)
            is distinct from (shipped.gold, shipped.code, shipped.fired) as differs,
        derived.source_sha256 = shipped.source_sha256 as same_source
    from answers as derived
    full join read_parquet($path) as shipped
        on shipped.model = derived.model
        and shipped.task = derived.task
        and shipped.language = derived.language
        and shipped.rule = derived.rule
        and shipped.item = derived.item
)

select
    model,
    task,
    language,
    rule,
    count(*) filter (where is_derived and is_shipped) as n_both,
    count(*) filter (where is_derived and is_shipped and differs) as n_differ,
    count(*) filter (where not is_derived) as n_only_shipped,
    count(*) filter (where not is_shipped) as n_only_derived,
    coalesce(bool_and(same_source), true) as same_source
from compared
group by model, task, language, rule
order by model, task, language, rule;
