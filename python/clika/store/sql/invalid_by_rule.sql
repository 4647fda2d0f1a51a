-- One row for each rule: how many answers it could not read.
select rule, count_if(code < 0) as invalid
from answers
group by rule
order by rule;
