-- One row: how much the database holds.
select
    (select count(*) from items) as items,
    (select count(*) from responses) as responses,
    (select count(*) from answers) as answers,
    (select count(*) from outcomes) as outcomes;
