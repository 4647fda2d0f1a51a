-- One row for each language and item of the cell at hand that has option scores.
select
    cell_name.model,
    cell_name.task,
    given.language,
    given.item,
    list(given.score order by given.option) as scores,
    list(given.rank order by given.option) as ranks
from read_options as given
cross join cell_name
group by cell_name.model, cell_name.task, given.language, given.item
order by given.language, given.item
