"""``clika show``."""

from __future__ import annotations

from pathlib import Path

import click

from clika.cli.options import results_option, rule_option

__all__ = ["show"]


@click.command()
@click.argument("item", required=False)
@click.option("--study", default="paper-released", show_default=True, help="The study.")
@click.option("--task", default=None, help="Task; ITEM may be a mere number then.")
@click.option("--model", "models", multiple=True, help="Only this model, raw. Repeat for more.")
@click.option("--language", "languages", multiple=True, help="Only this language. Repeat for more.")
@click.option("--right", default=None, help="Without ITEM: the language of the right answers.")
@click.option("--wrong", default=None, help="Without ITEM: the language of the wrong answers.")
@click.option("--raw", is_flag=True, help="Print raw responses where letters would do.")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
@rule_option
@click.option("--database", type=click.Path(path_type=Path), default=None, help="The database.")
@results_option
def show(
    item: str | None,
    *,
    study: str,
    task: str | None,
    models: tuple[str, ...],
    languages: tuple[str, ...],
    right: str | None,
    wrong: str | None,
    raw: bool,
    as_json: bool,
    rule: str | None,
    database: Path | None,
    results: Path,
) -> None:
    r"""Show one ITEM in all its languages: text, options, and what each model answered.

    ITEM is TASK:NUMBER, NUMBER with --task, or the source's own id.

    With --model M --task T --right en --wrong he and no ITEM: every item of the task that the model
    has right in the one language and wrong in the other.

    Whatever would act on the terminal (escapes, line ends, overrides of direction) is shown as
    \n, \x1b and so on.
    """
    from clika.cli.page import print_lines
    from clika.study import load_study
    from clika.views.show import Choice, show_item, show_lost
    from clika.views.show_rendering import item_data, item_lines, lost_data, lost_lines
    from clika.views.terminal_text import json_text

    chosen = load_study(study, results)
    choice = Choice(task=task, models=models, languages=languages, rule=rule)
    database = database or results / chosen.name / "clika.duckdb"
    if item is not None:
        if right is not None or wrong is not None:
            raise click.UsageError("--right and --wrong list items: leave ITEM out.")
        found = show_item(chosen, item, choice, database=database)
        if as_json:
            click.echo(json_text(item_data(found)))
        else:
            raw = raw or bool(models)
            print_lines(lambda console, width: item_lines(found, console, width=width, raw=raw))
        return
    if right is None or wrong is None:
        raise click.UsageError(
            "Name an ITEM such as x_geo:17, or --model, --task, --right and --wrong."
        )
    lost = show_lost(chosen, choice, right=right, wrong=wrong, database=database)
    if as_json:
        click.echo(json_text(lost_data(lost)))
    else:
        print_lines(lambda console, width: lost_lines(lost, console, width=width, raw=raw))
