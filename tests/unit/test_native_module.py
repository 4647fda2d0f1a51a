"""The compiled module as a whole: its version, its build, its docstrings."""

from __future__ import annotations

import doctest
import inspect

import numpy as np
import pytest

import clika
from clika import _native

FUNCTIONS = [
    "agreement_counts",
    "bootstrap_intervals",
    "bootstrap_replicates",
    "build_info",
    "capa_sums",
    "extract_answer",
    "extract_answers",
    "jeffreys_intervals",
    "pair_counts",
    "parse_responses",
    "rankc_counts",
    "resample_weights",
    "stream_agreement_counts",
    "stream_pair_counts",
    "swap_statistics",
    "thread_count",
]


def test_version_is_the_package_s() -> None:
    assert _native.__version__ == _native.build_info()["version"] == clika.__version__


def test_build_info_names_one_of_the_available_instruction_sets() -> None:
    info = _native.build_info()
    assert info["instructions"] == info["instructions_available"][-1]
    assert info["instructions_available"][0] == "portable"
    assert info["profile"] in ("release", "debug")
    assert info["threads"] >= 1


def test_these_are_all_functions() -> None:
    assert [
        name
        for name, _ in inspect.getmembers(_native, inspect.isbuiltin)
        if name in _native.__all__
    ] == FUNCTIONS


@pytest.mark.parametrize("name", FUNCTIONS)
def test_examples_in_the_docstring_hold(name: str) -> None:
    names = {**vars(_native), "np": np}
    text = getattr(_native, name).__doc__
    example = doctest.DocTestParser().get_doctest(text, names, name, None, None)
    assert doctest.DocTestRunner().run(example).failed == 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstring_documents_each_parameter(name: str) -> None:
    function = getattr(_native, name)
    documented = function.__doc__.split("Parameters\n----------\n")[-1].split("\n")
    for parameter in inspect.signature(function).parameters:
        assert parameter in documented
