"""The command line: one thin module for each command, imported only when it is asked for."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from clika.errors import ClikaError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["COMMANDS", "cli", "main"]

#: Every command with its line of help, in the order of the list: the module of its name holds it.
COMMANDS: dict[str, str] = {
    "reproduce": "Run a study from its data to its tables.",
    "profile": "Copy a profile of the workflow, to change it for a cluster.",
    "fetch": "Bring released data here, from the network or from a path.",
    "ingest": "Turn raw outputs into shards, the record.",
    "train": "Train the models of a study that makes its own.",
    "gather": "Make a study's record from what its trainings left.",
    "teach": "Teach a model the released fictional places and measure conductivity.",
    "infer": "Ask a model the items of a study.",
    "load": "Build the database of a study and read the answers.",
    "score": "Compute and print every number of a study.",
    "verify": "Judge the claims of a study by rule.",
    "merge": "Add up shares of a study that were scored on several machines.",
    "ship": "Write a study's answer codes, without any text.",
    "plan": "Say what a study is, what would run, and what differences it can show.",
    "status": "Say what is there, what is missing, what is stale and why.",
    "show": "Show one item, or what is known in one language and lost in another.",
    "map": "Set a model's languages side by side and draw how much they agree.",
    "compare": "Say what one model lost and gained against another.",
    "audit": "Look for faults in the data by general checks.",
    "doctor": "Look at this machine and say what is missing, and what mends it.",
}

#: Of a process that SIGPIPE ended, as a shell says it: 128 + 13.
_READER_LEFT = 141


class _ReaderLeftError(Exception):
    """The reader of a pipe left; not an OSError, of which click makes exit code 1."""


@contextmanager
def _past_click() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise _ReaderLeftError from error
    except SystemExit as end:
        # Rich ends with 1, too, which here is for other things.
        if isinstance(end.__context__, BrokenPipeError):
            raise _ReaderLeftError from end
        raise


class LazyGroup(click.Group):
    """A group that imports a command when it is run, and only that one."""

    def make_context(self, *given: Any, **named: Any) -> click.Context:  # noqa: ANN401
        """Read the arguments, and print what they ask for, such as help."""
        with _past_click():
            return super().make_context(*given, **named)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        """Run the command."""
        with _past_click():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names in the order of :data:`COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command of that name, ``None`` for an unknown one."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"clika.cli.{cmd_name}"), cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"clika.cli.{cmd_name}.{cmd_name} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest command for a misspelled one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from clika.errors import UnknownNameError

            ctx.fail(str(UnknownNameError("command", args[0], list(COMMANDS))))
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(None, "-V", "--version", package_name="clika", prog_name="clika")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(*, debug: bool) -> None:
    """Measure how well a language model's knowledge is aligned across languages.

    Exit codes: 0 done; 1 it ran and found something amiss; 2 it could not run; 141 the reader of
    its pipe left.
    """
    del debug  # read from the arguments by main, which is where errors end


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 something is amiss, 2 it could not run.

    Where the reader of a pipe left (``clika score | head``) nothing is said, and the code is that
    of a process that the signal for it ended: what would have followed is not known.
    """
    try:
        code = _run(list(sys.argv[1:] if arguments is None else arguments))
    except (BrokenPipeError, _ReaderLeftError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            # What is still in their buffers is written when the interpreter ends.
            os.dup2(nowhere, stream.fileno())
        code = _READER_LEFT
    sys.exit(code)


def _run(given: list[str]) -> int:
    """Run the command line and return its exit code."""
    try:
        code = cli.main(given, prog_name="clika", standalone_mode=False)
        sys.stdout.flush()
    except ClikaError as error:
        if "--debug" in given:
            raise
        click.echo(f"clika: {error}", err=True)
        return error.exit_code
    except click.exceptions.Abort:
        click.echo("clika: interrupted", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    return code if isinstance(code, int) else 0
