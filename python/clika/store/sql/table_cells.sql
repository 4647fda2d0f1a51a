-- One row for each model, task and language of the table, with the answers that it has.
select model, task, language, count(*) filter (where asked) as answers
from table_rows
group by model, task, language
order by model, task, language;
