-- One row: how the answers are written.
select
    coalesce(
        bool_and(regexp_full_match(trim(answer), '-?[0-9]{1,18}(\.0)?')) filter (where trim(answer) <> ''),
        false
    ) as coded,
    count(*) filter (where answer is not null) as n_asked,
    count(*) filter (where answer is null) as n_not_asked
from table_given
order by all;
