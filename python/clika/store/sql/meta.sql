-- One row for each fact about the database.
select key, value
from meta
order by key;
