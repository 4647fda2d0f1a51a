-- One row for each model, language and item with option scores, in the order of the shards and of their rows.
insert into option_scores
select model, task, language, item, scores, ranks
from read_parquet($paths);
