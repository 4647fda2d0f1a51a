-- One row for each response and rule.
insert into answers
select model, task, language, item, gold, rule, code, fired, source_sha256
from read_parquet($path)
order by rule, model, task, language, item;
