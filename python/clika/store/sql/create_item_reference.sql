-- One row for each item: what every row of responses is checked against.
create or replace table item_reference (
    task varchar not null,
    item bigint not null,
    uuid varchar not null,
    gold tinyint not null
);
