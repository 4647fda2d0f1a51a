-- One row: how many answers of a model to a task in a language are right, and how many there are.
select count(*) filter (where code = gold), count(*)
from answers
where task = $task and model = $model and language = $language and rule = $rule
