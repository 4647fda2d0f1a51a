-- One row for each language that an item's text is known in.
select language, question, options
from item_texts
where task = $task and item = $item
order by language;
