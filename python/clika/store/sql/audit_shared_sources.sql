-- One row for each cell (model, task, language) whose source file has the same bytes as another's.
with sources as (
    select distinct source_sha256, model, task, language
    from answers
)
select source_sha256, task, language, model
from sources
where source_sha256 in (
    select source_sha256 from sources group by source_sha256 having count(*) > 1
)
order by task, language, source_sha256, model;
