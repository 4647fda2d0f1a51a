-- One row for each option of one model and task, with its score and its rank.
select
    language,
    item,
    unnest(range(len(scores))) as option,
    unnest(scores) as score,
    unnest(ranks) as rank
from option_scores
where model = $model and task = $task
order by language, item, option;
