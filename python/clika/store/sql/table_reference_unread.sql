-- One row for each answer of the reference model in the pivot language.
select rows.task, rows.gold, rows.response, tasks.k as n_options, rows.options
from table_rows as rows
inner join table_tasks as tasks using (task)
inner join table_reference_cell as cell using (model, language)
where rows.asked
