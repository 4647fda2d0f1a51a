-- One row for each cell (model, task, language) and file that its responses were read from.
select distinct model, task, language, source_file
from responses
order by model, task, language, source_file;
