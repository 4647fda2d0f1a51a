"""A study that trains its models, from nothing to its tables: the smallest one, for real."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

MODELS = {
    "mini_base",
    "mini_base_instructed_en",
    "mini_base_instructed_many",
    "mini_continued_de",
    "mini_continued_zh",
    "mini_control",
    "mini_mixed",
    "mini_mixed_instructed_many",
}


def clika(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "clika", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the study has run to its end."""
    folder = tmp_path_factory.mktemp("trained")
    done = clika("reproduce", "mini", "--scale", "tiny", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_model_is_there_as_transformers_loads_it(finished: Path) -> None:
    models = finished / "results/mini-tiny/models/seed-0"
    assert {path.name for path in models.iterdir()} == MODELS
    tokenizer = AutoTokenizer.from_pretrained(models / "mini_mixed")
    model = AutoModelForCausalLM.from_pretrained(models / "mini_mixed")
    tokens = tokenizer("Кквузге", return_tensors="pt")["input_ids"]
    assert model(tokens).logits.shape == (1, tokens.shape[1], len(tokenizer))


def test_a_model_card_says_where_the_model_comes_from(finished: Path) -> None:
    folder = finished / "results/mini-tiny/models/seed-0/mini_continued_de"
    facts = json.loads((folder / "training.json").read_text())
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "Trained from `mini_base`" in card
    for name in ("recipe_sha256", "data_sha256", "seed"):
        assert f"`{json.dumps(facts[name])}`" in card


def test_every_model_answers_every_item_in_every_language(finished: Path) -> None:
    with duckdb.connect(str(finished / "results/mini-tiny/clika.duckdb"), read_only=True) as store:
        counts = store.execute(
            "select model, language, count(*) from answers group by all order by all"
        ).fetchall()
    assert {count for _, _, count in counts} == {24}
    assert {model for model, _, _ in counts} == MODELS - {"mini_control"}
    assert len(counts) == 7 * 10


def test_outcomes_of_every_model_and_of_the_controls_are_kept(finished: Path) -> None:
    with duckdb.connect(str(finished / "results/mini-tiny/clika.duckdb"), read_only=True) as store:
        cells = store.execute(
            "select task, model, count(*) from outcomes group by all order by all"
        ).fetchall()
    assert {(task, model) for task, model, _ in cells} == {
        *(("taught", model) for model in MODELS - {"mini_control"}),
        *((task, "mini_control") for task in ("control-positive", "dose-0.00", "dose-1.00")),
    }
    # 32 places and 4 continents to translate; every place asked in the source and in the target.
    assert {count for _, _, count in cells} == {32 + 4 + 32 + 32}


def test_another_seed_is_taken_up_beside_the_first(finished: Path) -> None:
    for base in ("mini_base", "mini_mixed", "mini_control"):
        done = clika("train", "mini-tiny", "--seed", "7", "--base", base, folder=finished)
        assert done.returncode == 0, done.stderr
    gathered = clika("gather", "mini-tiny", folder=finished)
    assert "seed 0, 7." in gathered.stdout
    loaded = clika("load", "mini-tiny", folder=finished)
    assert loaded.returncode == 0, loaded.stderr
    with duckdb.connect(str(finished / "results/mini-tiny/clika.duckdb"), read_only=True) as store:
        items = store.execute("select count(*), count(distinct cluster) from items").fetchone()
        worlds = store.execute(
            "select count(distinct question) from item_texts where language = 'en'"
        ).fetchone()
    assert items == (48, 8)
    assert worlds == (48,)


def test_a_training_of_another_study_is_refused(finished: Path) -> None:
    done = clika("train", "paper-released", "--base", "mini_base", folder=finished)
    assert done.returncode == 2
    assert "does not train its models" in done.stderr


def test_a_misspelled_base_is_suggested(finished: Path) -> None:
    done = clika("train", "mini-tiny", "--base", "mini_bse", folder=finished)
    assert done.returncode == 2
    assert "Did you mean 'mini_base'" in done.stderr
