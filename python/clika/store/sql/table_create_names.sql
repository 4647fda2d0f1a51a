-- One row for each spelling of a model, task or language in the table at hand, and how clika spells it.
create or replace table table_names (
    kind varchar not null,
    given varchar not null,
    name varchar not null
);
