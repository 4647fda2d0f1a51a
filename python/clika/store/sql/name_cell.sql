-- One row: the cell at hand.
insert into cell_name values ($model, $task);
