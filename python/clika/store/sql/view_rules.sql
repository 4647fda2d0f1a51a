-- One row for each extraction rule that the answers were read by.
select distinct rule
from answers
order by rule;
