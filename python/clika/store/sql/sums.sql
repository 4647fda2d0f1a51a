-- One row for each sum, in the order of the file: a reader keeps it, and the header's digest checks it.
select sums
from read_parquet($path);
