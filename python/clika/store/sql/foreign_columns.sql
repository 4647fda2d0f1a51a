-- One row for each column of an object of another library, in its order.
select column_name, data_type
from duckdb_columns()
where table_name = 'foreign_rows'
order by column_index
