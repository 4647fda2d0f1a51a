"""The errors of clika, one class for each thing that a user can do about them.

Every error is a sentence that says what is wrong and what to do. The command line prints the
sentence and exits with :attr:`ClikaError.exit_code`; a traceback is shown only under ``--debug``.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "BadInputError",
    "BusyError",
    "CheckpointError",
    "ClikaError",
    "ConfigError",
    "FileSystemError",
    "InterruptedDownloadError",
    "PrerequisiteError",
    "Problem",
    "StaleStoreError",
    "TrainingError",
    "UnknownNameError",
    "WorkflowError",
]


#: More known names than this are not listed in an error, only counted.
_MOST_LISTED = 120


class Problem(NamedTuple):
    """One thing wrong with one place of an input file.

    Attributes
    ----------
    file
        Path of the file as the user would type it.
    row
        1-based line or row; ``None`` when the file as a whole is meant.
    column
        Name of the key or column; ``None`` when the row as a whole is meant.
    reason
        What is wrong there, without a full stop.
    """

    file: str
    row: int | None
    column: str | None
    reason: str

    def __str__(self) -> str:
        """Return ``file:row: column: reason``, leaving out what is not known."""
        place = self.file if self.row is None else f"{self.file}:{self.row}"
        return ": ".join(part for part in (place, self.column, self.reason) if part)


class ClikaError(Exception):
    """Base of every error that clika raises on purpose.

    Attributes
    ----------
    exit_code
        What the command line exits with: 2, it could not run.
    """

    exit_code = 2


class BadInputError(ClikaError):
    """The input is wrong: mend the named places and run again.

    Attributes
    ----------
    problems
        Every bad place found, in the order of files and rows.

    Examples
    --------
    >>> print(BadInputError([Problem("a.jsonl", 3, "label", "'F' is not one of A..E")]))
    1 problem in the input:
      a.jsonl:3: label: 'F' is not one of A..E
    """

    def __init__(self, problems: Iterable[Problem], *, advice: str = "") -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        self.advice = advice
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in the input:"
        lines = [head, *(f"  {problem}" for problem in self.problems)]
        super().__init__("\n".join([*lines, advice] if advice else lines))


class ConfigError(ClikaError):
    """A study, a registry or an option is not valid: mend it.

    Examples
    --------
    >>> raise ConfigError("study.yaml: tasks[0].options must be at least 2")
    Traceback (most recent call last):
    clika.errors.ConfigError: study.yaml: tasks[0].options must be at least 2
    """


class PrerequisiteError(ClikaError):
    """Something must be there first: type the named command.

    Examples
    --------
    >>> print(PrerequisiteError("No database at results/x/clika.duckdb.", command="clika load"))
    No database at results/x/clika.duckdb. Run: clika load
    """

    def __init__(self, message: str, *, command: str) -> None:
        self.command = command
        super().__init__(f"{message} Run: {command}")


class UnknownNameError(ClikaError):
    """A name is not known: choose one of the known names, the nearest are suggested.

    Examples
    --------
    >>> print(UnknownNameError("language", "zw", ["en", "zh"]))
    Unknown language 'zw'. Did you mean 'zh'? Known: en, zh.
    """

    def __init__(self, kind: str, name: str, known: Sequence[str]) -> None:
        self.kind, self.name, self.known = kind, name, tuple(known)
        by_folded = {item.casefold(): item for item in reversed(self.known)}
        near = difflib.get_close_matches(name.casefold(), list(by_folded), n=2, cutoff=0.5)
        hint = " or ".join(repr(by_folded[item]) for item in near)
        suggestion = f" Did you mean {hint}?" if hint else ""
        listing = f" Known: {', '.join(self.known)}." if self.known else ""
        if len(self.known) > _MOST_LISTED:
            listing = f" Known: {len(self.known):,} names, {self.known[0]} to {self.known[-1]}."
        super().__init__(f"Unknown {kind} {name!r}.{suggestion}{listing}")


class StaleStoreError(PrerequisiteError):
    """A derived file was written by another version of clika: derive it again.

    Examples
    --------
    >>> print(StaleStoreError("x.duckdb has schema 0, this clika reads 1.", command="clika load"))
    x.duckdb has schema 0, this clika reads 1. Run: clika load
    """


class FileSystemError(ClikaError):
    """The file system refused: free space, or choose another folder. Nothing is half-written.

    Examples
    --------
    >>> print(FileSystemError("No space left to write results/x/clika.duckdb."))
    No space left to write results/x/clika.duckdb.
    """


class BusyError(ClikaError):
    """Another process is at work on the same folder: wait for it or end it.

    Examples
    --------
    >>> print(BusyError("Process 41 is running 'clika reproduce' in results/x."))
    Process 41 is running 'clika reproduce' in results/x.
    """


class InterruptedDownloadError(ClikaError):
    """A download did not finish: run the same command again, it goes on where it stopped.

    Examples
    --------
    >>> print(InterruptedDownloadError("The server closed the connection at 3 of 9 MB."))
    The server closed the connection at 3 of 9 MB.
    """


class WorkflowError(ClikaError):
    """A step of a workflow failed: mend what it says and run the same command again.

    Examples
    --------
    >>> print(WorkflowError("The step 'ingest' failed; results/x/logs/ingest.log says why."))
    The step 'ingest' failed; results/x/logs/ingest.log says why.
    """


class TrainingError(ClikaError):
    """Training cannot go on: choose another learning rate, batch or device; what was kept is named.

    Examples
    --------
    >>> print(TrainingError("The loss is not a number at step 40."))
    The loss is not a number at step 40.
    """


class CheckpointError(ClikaError):
    """A checkpoint is of another training: remove its folder, or name another one.

    Examples
    --------
    >>> print(CheckpointError("spool/a/step-40 is of another recipe. Remove it to begin anew."))
    spool/a/step-40 is of another recipe. Remove it to begin anew.
    """
