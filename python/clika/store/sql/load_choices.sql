-- One row for each response whose options were scored: the highest is the answer, -1 where several are.
insert into answers
select
    responses.model,
    responses.task,
    responses.language,
    responses.item,
    responses.gold,
    $rule as rule,
    case when len(scored.highest) = 1 then scored.highest[1] - 1 else -1 end as code,
    case when len(scored.highest) = 1 then 'highest-score' else 'tie' end as fired,
    responses.source_sha256
from responses
inner join (
    select
        model,
        task,
        language,
        item,
        list_filter(range(1, len(scores) + 1), lambda place: scores[place] = list_max(scores)) as highest
    from option_scores
) as scored using (model, task, language, item)
order by responses.model, responses.task, responses.language, responses.item;
