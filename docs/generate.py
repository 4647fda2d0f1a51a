"""Write docs/reference from the code and the measured figures: commands, columns, errors, speed.

python docs/generate.py            writes the pages
python docs/generate.py --check    exits with 1 where a page is not what it would write
"""

from __future__ import annotations

import argparse
import doctest
import importlib
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from clika import errors, schema
from clika.cli import COMMANDS, cli
from clika.errors import ClikaError
from clika.metrics.comparison.power import minimum_detectable_difference
from clika.steps.expectations import expected_verdicts
from clika.study import load_study, packaged_studies

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clika.steps.expectations import ClaimVerdicts
    from clika.study import Study

REFERENCE = Path(__file__).parent / "reference"
RESULTS = Path(__file__).parents[1] / "benches" / "results"
_NOTE = "<!-- Written by docs/generate.py from the code: change it there. -->"
_WIDTH = 96
#: Shares of items on which two models differ, and sizes of a task.
_DISCORDANT = (0.05, 0.1, 0.2, 0.3, 0.4)
_ITEMS = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


def _page(title: str, *paragraphs: str) -> str:
    return "\n\n".join([_NOTE, f"# {title}", *paragraphs]) + "\n"


def _table(heads: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    escaped = ([cell.replace("|", "\\|") for cell in row] for row in lines)
    return "\n".join(f"| {' | '.join(row)} |" for row in escaped)


def _helps(command: click.Command, name: str, parent: click.Context | None) -> Iterator[str]:
    """Yield heading and help text of a command, then of its subcommands."""
    context = click.Context(
        command,
        info_name=name,
        parent=parent,
        terminal_width=_WIDTH,
        max_content_width=_WIDTH,
        **command.context_settings,
    )
    path = context.command_path
    yield f"{'##' if parent else '#'} `{path}`" if parent else ""
    yield f"```text\n{command.get_help(context).rstrip()}\n```"
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found is not None:
                yield from _helps(found, child, context)


def commands() -> str:
    """Return the page of all commands with their options."""
    intro = (
        "Exit codes: 0 done; 1 it ran and found something amiss; 2 it could not run; 141 the "
        "reader of its pipe left. "
        "`clika --debug COMMAND` shows the traceback of an error."
    )
    return _page("Commands", intro, *filter(None, _helps(cli, "clika", None)))


def tables() -> str:
    """Return the page of tables, columns, metric ids and flags."""

    def columns(of: Sequence[schema.Column]) -> str:
        rows = ([f"`{c.name}`", c.type, "yes" if c.nullable else "", c.meaning] for c in of)
        return _table(["Column", "Type", "NULL", "Meaning"], rows)

    database = [
        part
        for name, of in schema.DATABASE_TABLES.items()
        for part in (f"### `{name}`", columns(of))
    ]
    variants = (
        [f"`{metric}`", ", ".join(f"`{variant}`" for variant in names)]
        for metric, names in schema.METRICS.items()
    )
    conductivity = (
        [f"`{metric}`", ", ".join(f"`{variant}`" for variant in names)]
        for metric, names in schema.CONDUCTIVITY_METRICS.items()
    )
    flags = ([f"`{flag}`", meaning] for flag, meaning in schema.FLAGS.items())
    files = " and ".join(f"`{name}.parquet`" for name in schema.SCORE_FILES)
    return _page(
        "Tables and columns",
        f"Schema version {schema.SCHEMA_VERSION}. A file of another version is refused, "
        "and made again by the command that the message names.",
        "## `clika.duckdb`",
        *database,
        "## `scores/`",
        f"{files} have the same columns; a value is a share, never a percentage.",
        columns(schema.SCORE_COLUMNS),
        "## `scores/shards/`",
        "A file of sums, of one share of the items: what `clika score --shard` and "
        "`clika.save_counts` write. [Files of sums](../data.md#files-of-sums) says how its "
        "metadata lays the sums out.",
        columns(schema.SUMS_COLUMNS),
        "## Metrics",
        "What they mean: [the metrics](../metrics.md).",
        _table(["Id", "Variants"], variants),
        f"Those of `{schema.CONDUCTIVITY_FILE}.parquet`, a file of the same columns for a study "
        "with outcomes:",
        _table(["Id", "Variants"], conductivity),
        "## A comparison",
        "What `clika compare --write FILE` writes, as Parquet or CSV, a row for each line of its "
        "tables; `--format csv` prints the same.",
        columns(schema.COMPARISON_COLUMNS),
        "## Flags",
        _table(["Flag", "Meaning"], flags),
    )


def _error_classes() -> Iterator[type[ClikaError]]:
    for name in errors.__all__:
        found = getattr(errors, name)
        if inspect.isclass(found) and issubclass(found, ClikaError) and found is not ClikaError:
            yield found


def _example(error: type[ClikaError]) -> str:
    """Return the sentence that the class's docstring shows, as the command line prints it."""
    examples = doctest.DocTestParser().get_examples(inspect.getdoc(error) or "")
    shown = next(e.exc_msg or e.want for e in examples if e.exc_msg or e.want)
    return shown.removeprefix(f"{error.__module__}.{error.__name__}: ").strip()


def error_page() -> str:
    """Return the page of errors: what each asks of the user, with an example."""
    parts = [
        part
        for error in _error_classes()
        for part in (
            f"## {error.__name__}",
            (inspect.getdoc(error) or "").partition("\n\n")[0].replace("\n", " "),
            f"Exit code {error.exit_code}. For example:",
            f"```text\n{_example(error)}\n```",
        )
    ]
    intro = (
        "An error is a sentence that says what is wrong and what to do. "
        "There is one class for each thing that a user can do about it."
    )
    return _page("Errors", intro, *parts)


def measured() -> str:
    """Return the page of the measured figures that are kept under benches/results/."""
    intro = (
        "What `make bench`, `make bench-train` and `make simulate` printed. What it means: "
        "[speed](../speed.md), and [how far to trust the intervals](../trust.md)."
    )
    runs = (
        path.read_text(encoding="utf-8").strip().replace("\n#", "\n##")
        for path in sorted(RESULTS.glob("*.md"))
    )
    return _page("Measured figures", intro, *(f"#{run}" for run in runs))


def detectable() -> str:
    """Return the page of minimum detectable differences: by task of each study, and by n."""
    heads = ["n", *(f"d = {share:g}" for share in _DISCORDANT)]
    by_task = (
        [task.heading, study.name, f"{task.items:,}", *_points(task.items)]
        for name in packaged_studies()
        for study in [load_study(name)]
        for task in study.tasks
        if task.items is not None and study.reading_rules
    )
    by_items = ([f"{items:,}", *_points(items)] for items in _ITEMS)
    return _page(
        "Minimum detectable differences",
        "How far apart the accuracies of two models must be for a task to show it: in points, "
        "two-sided at 5 %, power 80 %. d is the share of items on which the two differ (one right, "
        "the other not): "
        "[the definition](../metrics.md#minimum-detectable-difference). A dash says that the "
        "difference would be more than d, so none can be shown. `clika plan` gives the same with "
        "the d of the models at hand. Items in clusters show less.",
        "## By task",
        _table(["Task", "Study", *heads], by_task),
        "## By number of items",
        _table(heads, by_items),
    )


def _points(items: int) -> list[str]:
    n, shares = np.full(len(_DISCORDANT), items), np.array(_DISCORDANT)
    found = minimum_detectable_difference(n, shares).value
    return ["–" if np.isnan(value) else f"{100 * value:.1f}" for value in found.tolist()]


def verdicts() -> str:
    """Return the page of the verdicts that ship with the studies."""
    parts = [
        part
        for name in packaged_studies()
        for study in [load_study(name)]
        for expected in [expected_verdicts(study)]
        if expected is not None
        for part in (f"## `{name}`: {study.title}", *_claims(study, expected))
    ]
    return _page(
        "Verdicts",
        "The verdicts on the claims of each study, as a test pins them; `clika verify` shows the "
        "numbers. [How they are made](../claims.md#how-a-verdict-is-made). A pair in brackets is "
        "shown beside and counts for no verdict.",
        *parts,
    )


def _claims(study: Study, expected: dict[str, ClaimVerdicts]) -> Iterator[str]:
    for number, claim in enumerate(study.claims, start=1):
        found = expected[claim.name]
        heads = [part.name for part in claim.parts if part.decides]
        rows = (
            [
                contrast.name if contrast.decides else f"({contrast.name})",
                *(found.pairs[contrast.name].parts.get(head, "") for head in heads),
                found.pairs[contrast.name].verdict,
            ]
            for contrast in claim.contrasts
        )
        yield f"### {number}. {claim.title}"
        yield f"**{found.verdict}**"
        yield _table(["Pair", *heads, "Verdict"], rows)


def pages() -> dict[Path, str]:
    """Return every generated page with its text."""
    for name in COMMANDS:
        importlib.import_module(f"clika.cli.{name}")
    return {
        REFERENCE / "cli.md": commands(),
        REFERENCE / "tables.md": tables(),
        REFERENCE / "errors.md": error_page(),
        REFERENCE / "verdicts.md": verdicts(),
        REFERENCE / "measured.md": measured(),
        REFERENCE / "detectable.md": detectable(),
    }


def main() -> None:
    """Write the pages, or with ``--check`` compare them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare and write nothing")
    check = parser.parse_args().check
    stale = []
    for path, text in pages().items():
        if check and (not path.is_file() or path.read_text(encoding="utf-8") != text):
            stale.append(path.name)
        elif not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.exit(f"docs/reference is not current ({', '.join(stale)}): run `make docs`.")


if __name__ == "__main__":
    main()
