-- One row: the cell at hand (a COPY takes no parameters).
create or replace temp table cell_name (
    model varchar not null,
    task varchar not null
);
