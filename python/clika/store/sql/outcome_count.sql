-- One row: how many questions were asked for conductivity.
select count(*) as outcomes
from outcomes
