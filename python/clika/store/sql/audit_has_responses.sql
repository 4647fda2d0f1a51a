-- One row: whether the database holds responses.
select exists (from responses) as has_responses
order by all;
