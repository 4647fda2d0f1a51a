"""Models and tokenizers made here: whole, loadable by anyone, with a card that says whence."""

from __future__ import annotations

import mmap
import os
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from made_disk import small_disk as small_disk  # noqa: PLC0414 - a fixture
from made_training import SHAPE, tiny_model, tokenizer, weight_bytes
from msgspec.structs import replace
from transformers import AutoModelForCausalLM, AutoTokenizer

from clika.errors import ConfigError, FileSystemError, PrerequisiteError
from clika.train.models import (
    END,
    Card,
    is_model,
    load_model,
    new_model,
    save_model,
    train_tokenizer,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: What a small disk counts by.
_PAGE = mmap.PAGESIZE
CARD = Card(
    "mini", "mini_base", ("de", "zh"), {"recipe_sha256": "a1", "data_sha256": "b2", "seed": 7}
)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@given(st.text())
def test_a_tokenizer_gives_any_text_back(text: str) -> None:
    made = tokenizer()
    assert made.decode(made(text)["input_ids"]) == text


def test_a_tokenizer_is_the_same_each_time() -> None:
    texts = ["Where is Ava?", "Ava is in Nova.", "Ава в Нове."]
    first, second = (train_tokenizer(texts, vocabulary=290) for _ in range(2))
    assert first.backend_tokenizer.to_str() == second.backend_tokenizer.to_str()


def test_the_first_token_is_the_end_of_a_text() -> None:
    assert tokenizer().convert_tokens_to_ids(END) == 0
    assert tokenizer().eos_token_id == 0


def test_a_vocabulary_without_room_for_the_bytes_is_refused() -> None:
    assert len(train_tokenizer(["a"], vocabulary=257)) == 257
    with pytest.raises(ConfigError, match="A vocabulary of 256 tokens: it needs 257 or more"):
        train_tokenizer(["a"], vocabulary=256)


@pytest.mark.parametrize(("hidden", "heads"), [(32, 3), (36, 12)])
def test_heads_that_do_not_divide_the_width_are_refused(hidden: int, heads: int) -> None:
    with pytest.raises(ConfigError, match=f"A width of {hidden} with {heads} heads"):
        new_model(replace(SHAPE, hidden=hidden, heads=heads), tokens=300, seed=0)


def test_random_weights_are_a_function_of_the_seed() -> None:
    first, same, other = (weight_bytes(tiny_model(seed=seed)) for seed in (0, 0, 1))
    assert first == same
    assert first != other


def test_a_saved_model_is_one_of_transformers(tmp_path: Path) -> None:
    model, folder = tiny_model().eval(), tmp_path / "made" / "mini"
    save_model(model, tokenizer(), folder, CARD)
    loaded = AutoModelForCausalLM.from_pretrained(folder)
    read = AutoTokenizer.from_pretrained(folder)
    ids = read("Where is Ava?", return_tensors="pt")["input_ids"]
    assert ids.tolist() == [tokenizer()("Where is Ava?")["input_ids"]]
    with torch.inference_mode():
        assert torch.equal(loaded(ids).logits, model(ids).logits)


def test_a_saved_model_comes_back_to_the_byte(tmp_path: Path) -> None:
    save_model(tiny_model(), tokenizer(), tmp_path / "mini", CARD)
    model, read = load_model(tmp_path / "mini")
    assert weight_bytes(model) == weight_bytes(tiny_model())
    assert read.eos_token == END


def test_the_card_says_what_the_weights_are_a_function_of(tmp_path: Path) -> None:
    save_model(tiny_model(), tokenizer(), tmp_path / "mini", CARD)
    said = (tmp_path / "mini" / "README.md").read_text(encoding="utf-8").splitlines()
    assert said[:3] == ["---", 'language: ["de", "zh"]', 'library_name: "transformers"']
    assert "# mini" in said
    assert any(line.startswith("Trained from `mini_base`.") for line in said)
    assert {'| recipe_sha256 | `"a1"` |', '| data_sha256 | `"b2"` |', "| seed | `7` |"} < {*said}


def test_the_card_of_a_model_without_a_base_says_so(tmp_path: Path) -> None:
    save_model(tiny_model(), tokenizer(), tmp_path / "mini", CARD._replace(base=""))
    assert "Trained from random weights." in (tmp_path / "mini" / "README.md").read_text()


def test_what_is_saved_over_another_replaces_it(tmp_path: Path) -> None:
    for seed in (0, 1):
        save_model(tiny_model(seed=seed), tokenizer(), tmp_path / "mini", CARD)
    assert weight_bytes(load_model(tmp_path / "mini")[0]) == weight_bytes(tiny_model(seed=1))
    assert [path.name for path in tmp_path.iterdir()] == ["mini"]


def test_a_model_has_its_name_only_once_its_bytes_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = []
    plain = os.fsync

    def fsync(descriptor: int) -> None:
        there.append((tmp_path / "mini").exists())
        plain(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    save_model(tiny_model(), tokenizer(), tmp_path / "mini", CARD)
    assert there == [False] * len(list((tmp_path / "mini").iterdir()))


def test_what_a_killed_process_left_of_a_model_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".mini.tmp").mkdir()
    (tmp_path / ".mini.tmp" / "model.safetensors").write_bytes(b"half")
    save_model(tiny_model(), tokenizer(), tmp_path / "mini", CARD)
    assert [path.name for path in tmp_path.iterdir()] == ["mini"]


@pytest.mark.parametrize("lacking", [1, 2, 3, 4, 10])
def test_a_full_disk_ends_in_a_sentence(
    lacking: int, small_disk: Callable[[str], Path], tmp_path: Path
) -> None:
    whole = tmp_path / "whole"
    save_model(tiny_model(), tokenizer(), whole, CARD)
    pages = sum(-(-path.stat().st_size // _PAGE) for path in whole.iterdir())
    folder = small_disk(str((pages - lacking) * _PAGE)) / "mini"
    with pytest.raises(FileSystemError) as caught:
        save_model(tiny_model(), tokenizer(), folder, CARD)
    assert str(caught.value) == (
        f"No space is left on the device to write {folder}. Free some and run again."
    )
    assert list(folder.parent.iterdir()) == []


def test_a_folder_without_a_model_says_what_makes_one(tmp_path: Path) -> None:
    assert not is_model(tmp_path)
    with pytest.raises(PrerequisiteError, match=r"There is no model in .* Run: clika train"):
        load_model(tmp_path)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("kept", [0, 0.5])
def test_a_damaged_model_ends_in_a_sentence_that_names_its_folder(
    kept: float, name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "mini"
    save_model(tiny_model(), tokenizer(), folder, CARD)
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(ConfigError) as caught:
        load_model(folder)
    said = str(caught.value)
    assert said.startswith(f"{folder} cannot be loaded as a language model: ")
    assert said.endswith("remove the folder: the model is then trained again.")
    assert "\n" not in said


def test_nothing_is_printed_while_a_model_is_saved_and_loaded(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    save_model(tiny_model(), tokenizer(), tmp_path / "mini", CARD)
    load_model(tmp_path / "mini")
    assert capfd.readouterr() == ("", "")
