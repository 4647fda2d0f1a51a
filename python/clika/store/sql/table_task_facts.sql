-- One row for each task: how many items and options it has, and how that is known.
select task, items, k, k_is_a_guess, coalesce(no_zero, false) as no_zero
from table_tasks
order by task;
