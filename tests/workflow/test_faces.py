"""One verb, three faces: the step's parameters, the command's options and the rule's arguments."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import click
import pytest

from clika.cli import COMMANDS, cli
from clika.workflow import snakefile

#: Verb, which is also its rule: (modules and functions of the steps, path of the command).
VERBS = {
    "fetch": ({"clika.steps.fetch": "fetch"}, ("fetch",)),
    "ingest": ({"clika.steps.ingest": "ingest_released"}, ("ingest", "released")),
    "load": ({"clika.steps.load": "load"}, ("load",)),
    "score": (
        SCORE := {"clika.steps.score": "score", "clika.steps.score_share": "score_share"},
        ("score",),
    ),
    "score_share": (SCORE, ("score",)),
    "merge": ({"clika.steps.merge": "merge"}, ("merge",)),
    "verify": ({"clika.steps.verify": "verify"}, ("verify",)),
}
#: How a command spells what a step takes: a study by name, and where its files are by default.
SPELLED = {"rules": {"rule"}, "resampling": {"ci", "replicates", "seed"}}
#: Another spelling of a study.
ALIASES = {"named"}
#: What only a person at a terminal needs.
PRESENTATION = {"progress", "form", "quiet", "help", "as_json", "pin", "exit_zero"}
#: Verbs that cannot leave their intervals out, and so have no option that asks for them.
ALWAYS_WITH_INTERVALS = {"verify"}
#: Folder from which a command derives the paths that were not given.
DERIVES = {"results"}


def command_of(path: tuple[str, ...]) -> click.Command:
    command: click.Command = cli
    for name in path:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found
    return command


def shell_of(verb: str) -> str:
    rules = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted(snakefile().parent.glob("rules/*.smk"))
    )
    match = re.search(rf"rule {verb}:.*?shell:\n(?P<lines>(?:\s+\"[^\n]*\"\n)+)", rules, re.DOTALL)
    assert match, f"no rule {verb}"
    return "".join(re.findall(r'"(.*)"', match["lines"]))


@pytest.mark.parametrize("verb", VERBS)
def test_a_command_takes_what_its_step_takes(verb: str) -> None:
    steps, path = VERBS[verb]
    names = {
        name
        for module, function in steps.items()
        for name in inspect.signature(getattr(importlib.import_module(module), function)).parameters
    }
    taken = {option for name in names for option in SPELLED.get(name, {name})} - PRESENTATION
    offered = {parameter.name for parameter in command_of(path).params}
    implied = {"ci"} if verb in ALWAYS_WITH_INTERVALS else set()
    assert offered - PRESENTATION - DERIVES - ALIASES == taken - implied


@pytest.mark.parametrize("verb", VERBS)
def test_a_rule_is_one_command_with_options_that_exist(verb: str) -> None:
    shell = shell_of(verb)
    path = VERBS[verb][1]
    assert shell.startswith(f"clika {' '.join(path)} ")
    assert shell.count("clika ") == 1
    options = {option for parameter in command_of(path).params for option in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", shell)) <= options


def test_every_command_has_a_module_and_every_module_a_command() -> None:
    folder = Path(inspect.getfile(importlib.import_module("clika.cli"))).parent
    modules = {path.stem for path in folder.glob("*.py")}
    shared = {"__init__", "options", "page", "progress", "scored", "wording"}
    displays = {"steps_display", "training_display"}
    assert modules - shared - displays == set(COMMANDS)
