-- One row: the reference model and the pivot language.
create or replace table table_reference_cell as
select $model as model, $language as language;
