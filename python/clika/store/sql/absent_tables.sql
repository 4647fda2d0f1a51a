-- One row for each table that a database should have and has not.
select name
from unnest($names) as wanted(name)
where name not in (select table_name from duckdb_tables() where database_name = 'store')
order by name;
