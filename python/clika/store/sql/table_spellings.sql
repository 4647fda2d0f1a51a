-- One row for each spelling of a model, task or language, with the rows that have it.
select kind, given, list(row order by row) as rows
from (
    unpivot (select row, model, task, language from table_given)
    on model, task, language
    into name kind value given
)
where trim(given) <> ''
group by kind, given
order by kind, min(row);
