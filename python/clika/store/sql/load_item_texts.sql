-- One row for each item in each language, where any text of it is known.
insert into item_texts
select task, language, item, question, options
from read_parquet($path)
where question <> '' or len(options) > 0
order by task, language, item;
