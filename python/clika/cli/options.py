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
    "format_option",
    "in_folder",
    "intervals_options",
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
    """Add ``--threads``."""
    return click.option(
        "--threads",
        type=click.IntRange(min=1),
        default=None,
        help="Threads to use; by default RAYON_NUM_THREADS, else as many as the process may use "
        "(affinity, container limits). No number depends on it.",
    )(command)


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
    for option in (
        click.option(
            "--seed",
            type=click.IntRange(min=0, max=2**64 - 1),
            default=None,
            help="With --ci: seed of every random number; by default 20240404.",
        ),
        click.option(
            "--replicates",
            type=click.IntRange(min=100, max=2**24),
            default=None,
            help="With --ci: bootstrap replicates; by default 10,000.",
        ),
        click.option("--ci", is_flag=True, help="Compute and print 95 % intervals."),
    ):
        command = option(command)
    return command


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
