-- One row for each line of a text file that could not be split into fields.
select line, error_type
from reject_errors
group by line, error_type
order by line, error_type;
