-- The tables of clika.duckdb; clika.schema.DATABASE_TABLES describes each column.
create table meta (
    key varchar not null,
    value varchar not null
);
create table items (
    task varchar not null,
    item bigint not null,
    k tinyint not null,
    gold tinyint not null,
    cluster integer not null,
    stratum varchar
);
create table item_texts (
    task varchar not null,
    language varchar not null,
    item bigint not null,
    question varchar not null,
    options varchar[] not null
);
create table responses (
    model varchar not null,
    task varchar not null,
    language varchar not null,
    item bigint not null,
    uuid varchar,
    response varchar not null,
    gold tinyint not null,
    prompt_hash varchar,
    source_file varchar not null,
    source_sha256 varchar not null
);
create table answers (
    model varchar not null,
    task varchar not null,
    language varchar not null,
    item bigint not null,
    gold tinyint not null,
    rule varchar not null,
    code tinyint not null,
    fired varchar not null,
    source_sha256 varchar not null
);
create table option_scores (
    model varchar not null,
    task varchar not null,
    language varchar not null,
    item bigint not null,
    scores double[] not null,
    ranks utinyint[] not null
);
create table outcomes (
    task varchar not null,
    model varchar not null,
    seed integer not null,
    source_language varchar not null,
    target_language varchar not null,
    question_set varchar not null,
    item bigint not null,
    cluster integer not null,
    answered integer,
    is_right boolean not null,
    is_identical boolean not null,
    is_ambiguous boolean not null,
    response varchar
);
