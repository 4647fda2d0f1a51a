-- One row for each question that was asked for conductivity, in the order of the shards and of their rows.
insert into outcomes
select
    task, model, seed, source_language, target_language, question_set, item, cluster, answered,
    is_right, is_identical, is_ambiguous, response
from read_parquet($paths);
