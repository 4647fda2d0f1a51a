-- One row for each model with answers.
select distinct model
from answers
order by model;
