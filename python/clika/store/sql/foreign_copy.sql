-- The rows of an object of another library, in their order; a stream can be read only once.
create table foreign_rows as
from foreign_object
