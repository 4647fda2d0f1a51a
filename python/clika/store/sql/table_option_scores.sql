-- One row for each option that the cell at hand has a score of.
select
    cells.language,
    cells.item,
    unnest(range(len(cells.scores))) as option,
    unnest(cells.scores) as score
from table_rows as cells
inner join cell_name using (model, task)
where cells.scores is not null
order by cells.language, cells.item, option;
