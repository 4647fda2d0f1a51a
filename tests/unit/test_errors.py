from __future__ import annotations

import doctest
import inspect

import pytest

from clika import errors
from clika.errors import BadInputError, ClikaError, Problem, UnknownNameError

ERRORS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, ClikaError) and kind is not ClikaError
]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_has_an_example_that_runs(kind: type[ClikaError]) -> None:
    finder = doctest.DocTestFinder(recurse=False)
    (example,) = finder.find(kind, kind.__name__, globs=vars(errors).copy())
    assert example.examples
    assert doctest.DocTestRunner(verbose=False).run(example).failed == 0


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_exits_with_two(kind: type[ClikaError]) -> None:
    assert kind.exit_code == 2


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("a.jsonl", None, None, "the file is empty"), "a.jsonl: the file is empty"),
        (Problem("a.jsonl", 3, None, "not JSON"), "a.jsonl:3: not JSON"),
        (Problem("a.jsonl", 3, "label", "missing"), "a.jsonl:3: label: missing"),
    ],
)
def test_a_problem_names_its_place(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_bad_input_lists_every_problem_and_the_advice() -> None:
    problems = [Problem("a", row, None, "bad") for row in range(1, 101)]
    lines = str(BadInputError(problems, advice="Mend them.")).splitlines()
    assert len(lines) == 102
    assert lines[-1] == "Mend them."


@pytest.mark.parametrize(
    ("name", "suggested"), [("LLAMA_7", "llama_7b"), ("zw", None), ("bloom-7b1", "bloom_7b1")]
)
def test_an_unknown_name_suggests_the_nearest(name: str, suggested: str | None) -> None:
    message = str(UnknownNameError("model", name, ["llama_7b", "bloom_7b1"]))
    assert message.startswith(f"Unknown model {name!r}.")
    assert ("Did you mean" in message) == (suggested is not None)
    assert suggested is None or repr(suggested) in message
