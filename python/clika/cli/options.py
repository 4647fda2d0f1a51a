"""Options that several commands share, so that each is spelled and explained alike."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from clika.metrics.intervals.uncertainty import Resampling

__all__ = [
    "chosen_resampling",
    "chosen_study",
    "draws_options",
    "format_option",
    "in_folder",
    "intervals_options",
    "model_threads_option",
    "results_option",
    "rule_option",
    "study_argument",
    "study_option",
    "threads_option",
    "where_option",
]

Command = TypeVar("Command", bound=Callable[..., Any])


def study_argument(command: Command) -> Command:
    """Add ``[STUDY]``, by default the paper's released outputs."""
    return click.argument("study", default="paper-released")(command)


def study_option(command: Command) -> Command:
    """Add ``[STUDY]`` and ``--study``, which :func:`chosen_study` makes one name of."""
    argument = click.argument("study", required=False)
    option = click.option("--study", "named", default=None, help="The study, as STUDY.")
    return argument(option(command))


def chosen_study(argument: str | None, option: str | None) -> str:
    """Return the study that is named, by default the paper's released outputs."""
    if argument and option and argument != option:
        raise click.UsageError(f"STUDY is {argument} and --study is {option}: name one.")
    return argument or option or "paper-released"


def results_option(command: Command) -> Command:
    """Add ``--results``."""
    return click.option(
        "--results",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("results"),
        show_default=True,
        help="Folder of results; a study has a folder of its name in it.",
    )(command)


def in_folder(results: Path) -> str:
    """Return what a command to type needs to work in the same folder of results."""
    return "" if results == Path("results") else f" --results {shlex.quote(str(results))}"


def threads_option(command: Command) -> Command:
    """Add ``--threads`` of a command whose numbers are the same with any."""
    return _threads("No number depends on it.")(command)


def model_threads_option(command: Command) -> Command:
    """Add ``--threads`` of a command that runs a model on a processor."""
    return _threads(
        "On a processor the sums within a model depend on it in their last digits, and what it "
        "learns or answers may follow."
    )(command)


def _threads(matters: str) -> Callable[[Command], Command]:
    return click.option(
        "--threads",
        type=click.IntRange(min=1),
        default=None,
        help="Threads to use; by default RAYON_NUM_THREADS, else as many as the process may use "
        f"(affinity, container limits). {matters}",
    )


def where_option(command: Command) -> Command:
    """Add ``--where``."""
    return click.option(
        "--where",
        multiple=True,
        metavar="KEY=V[,V...]",
        help="Keep a part: model, task, language (both of a pair), source, target. "
        "Repeat to narrow.",
    )(command)


def rule_option(command: Command) -> Command:
    """Add ``--rule``."""
    return click.option(
        "--rule",
        default=None,
        help="Extraction rule; by default the study's headline rule.",
    )(command)


def intervals_options(command: Command) -> Command:
    """Add ``--ci``, ``--replicates`` and ``--seed``, which :func:`chosen_resampling` reads."""
    drawn = draws_options(
        replicates="With --ci: bootstrap replicates; by default 10,000.",
        seed="With --ci: seed of every random number; by default 20240404.",
        defaults=False,
    )
    return click.option("--ci", is_flag=True, help="Compute and print 95 % intervals.")(
        drawn(command)
    )


def draws_options(
    *, replicates: str, seed: str, fewest: int = 100, defaults: bool = True
) -> Callable[[Command], Command]:
    """Add ``--replicates`` and ``--seed``.

    Parameters
    ----------
    replicates, seed
        Their lines of help.
    fewest
        The least number of replicates.
    defaults
        Whether they are given where the user gives none; else they are ``None``.
    """

    def add(command: Command) -> Command:
        for name, least, most, default, said in (
            ("--seed", 0, 2**64 - 1, 20240404, seed),
            ("--replicates", fewest, 2**24, 10_000, replicates),
        ):
            command = click.option(
                name,
                type=click.IntRange(least, most),
                default=default if defaults else None,
                show_default=defaults,
                help=said,
            )(command)
        return command

    return add


def chosen_resampling(*, ci: bool, replicates: int | None, seed: int | None) -> Resampling | None:
    """Return what the intervals are a function of; ``None`` without ``--ci``."""
    from clika.metrics.intervals.uncertainty import Resampling

    if not ci:
        if replicates is not None or seed is not None:
            raise click.UsageError("--replicates and --seed belong to intervals: add --ci.")
        return None
    given = {"replicates": replicates, "seed": seed}
    return Resampling(**{name: value for name, value in given.items() if value is not None})


def format_option(command: Command) -> Command:
    """Add ``--format``."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["table", "json", "csv", "latex", "markdown"]),
        default="table",
        show_default=True,
        help="How the tables are printed.",
    )(command)
