-- One row for each response, in the order of the shards and of their rows.
insert into responses
select
    model,
    task,
    language,
    item,
    uuid,
    response,
    gold,
    prompt_hash,
    source_file,
    source_sha256
from read_parquet($paths);
