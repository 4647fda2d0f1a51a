-- One row: the file at hand.
create or replace table table_source as
select $name as name, $sha256 as sha256;
