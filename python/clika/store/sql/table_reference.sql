-- One row for each task: the reference model's right answers and all its answers.
select task, count(*) filter (where code = gold) as correct, count(*) as answers
from table_reference_read
group by task
order by task;
