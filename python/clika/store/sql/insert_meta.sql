-- One fact about the database.
insert into meta values ($1, $2);
