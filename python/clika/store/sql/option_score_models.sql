-- The models whose options were scored in one task.
select distinct model from option_scores where task = $task;
