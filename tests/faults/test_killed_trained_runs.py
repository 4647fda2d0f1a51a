"""A study that trains, teaches and asks, killed at random moments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_kills import SEEDS, Undisturbed, kill_and_run_again, run_undisturbed

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return run_undisturbed(tmp_path_factory.mktemp("undisturbed"), "mini-tiny")


@pytest.mark.parametrize(
    ("seed", "orphans"), [*((seed, False) for seed in SEEDS), (SEEDS[0], True)]
)
def test_next_run_gives_the_same_tables(
    seed: int, *, orphans: bool, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    kill_and_run_again(tmp_path, undisturbed, seed=seed, orphans=orphans)
