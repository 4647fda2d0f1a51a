-- One spelling.
insert into table_names values ($1, $2, $3);
