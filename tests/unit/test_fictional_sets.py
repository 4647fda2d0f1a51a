"""Reading the fictional sets, and when an answer is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_audit import PLACES, FictionalWorld

from clika.errors import BadInputError, PrerequisiteError
from clika.tasks.fictional import Question, has_fictional, read_fictional
from clika.tasks.fictional_answers import is_right, mentions

if TYPE_CHECKING:
    from pathlib import Path


def asked(place: str, continent: str) -> Question:
    return Question(1, f"Where is {place}?", "", place, continent, 1)


def test_a_clean_world_is_read_whole(tmp_path: Path):
    sets = read_fictional(FictionalWorld().write(tmp_path))

    assert sets.source == "en"
    assert list(sets.training) == ["de"]
    assert [question.place for question in sets.tests["en"]] == list(PLACES)
    first = sets.tests["de"][0]
    assert (first.place, first.continent, first.type) == ("Mount a-de", "Norda-de", 0)
    assert first.answer == "Mount a-de liegt in Norda-de."
    assert len(sets.training["de"].translations) == len(sets.translate_tests["de"]) == 14


def test_a_byte_order_mark_and_crlf_are_accepted(tmp_path: Path):
    root = FictionalWorld().write(tmp_path)
    path = root / "fictional/test/target/testDE.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))

    assert len(read_fictional(root).tests["de"]) == len(PLACES)


def test_no_sets_is_a_prerequisite(tmp_path: Path):
    assert not has_fictional(tmp_path)
    with pytest.raises(PrerequisiteError, match="clika fetch released"):
        read_fictional(tmp_path)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not a JSON object"),
        (b"[1]", "not a JSON object"),
        (b'{"prompt": "p", "input": ""}', "answer: the key is missing"),
        (b'{"prompt": "p", "input": "", "answer": 3}', "answer: not a text"),
        (b'{"prompt": "p", "input": "", "answer": "no notes"}', r"\[\[city:...\]\] is missing"),
        (
            b'{"prompt": "p", "input": "", "answer": "[[city:a]][[continent:b]][[type:2]]"}',
            "type '2' is not 0 or 1",
        ),
        (b'{"prompt": "\xe4"}', "not UTF-8"),
        (b"[" * 100_000, "nested too deep|not a JSON object"),
    ],
)
def test_every_bad_line_is_named(tmp_path: Path, line: bytes, reason: str):
    root = FictionalWorld().write(tmp_path)
    path = root / "fictional/test/target/testDE.jsonl"
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([line, *lines[1:-1], line]))

    with pytest.raises(BadInputError, match=reason) as caught:
        read_fictional(root)
    assert [problem.row for problem in caught.value.problems] == [1, len(lines)]


def test_missing_and_misaligned_files_are_named(tmp_path: Path):
    root = FictionalWorld().write(tmp_path)
    (root / "fictional/test/Translate/translateDE.jsonl").unlink()
    with pytest.raises(BadInputError, match="no file of language de"):
        read_fictional(root)

    FictionalWorld().write(root)
    path = root / "fictional/test/target/testDE.jsonl"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.split("\n", 1)[1], encoding="utf-8")
    with pytest.raises(BadInputError, match="11 questions where language en has 12"):
        read_fictional(root)

    path.write_text(whole.replace("[[type:0]]", "[[type:1]]", 1), encoding="utf-8")
    with pytest.raises(BadInputError, match="type 1 where language en has 0"):
        read_fictional(root)


def test_a_second_source_is_refused(tmp_path: Path):
    root = FictionalWorld().write(tmp_path)
    folder = root / "fictional/test/target"
    (folder / "testFR.jsonl").write_bytes((folder / "testEN.jsonl").read_bytes())

    with pytest.raises(BadInputError, match="2 languages are tested and never a target"):
        read_fictional(root)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("Nova Isle is in Ostara.", True),
        ("OSTARA", True),
        ("Ｏｓｔａｒａ", True),
        ("", False),
        ("Nova Isle.", False),
        ("Nova Isle is in Nova.", False),
        ("Ostara, or Nova?", False),
        ("Ostarania", False),
        ("Great Ostara", False),
    ],
)
def test_right_is_the_gold_continent_and_no_other(answer: str, *, right: bool):
    continents = ["Ostara", "Nova", "Great Ostara"]
    assert is_right(answer, asked("Nova Isle", "Ostara"), continents) is right


def test_names_have_boundaries_only_in_scripts_with_spaces():
    assert mentions("山大洲", ["山"]) == {"山"}
    assert mentions("ミトシア大陸", ["ミトシア"]) == {"ミトシア"}
    assert mentions("Нова-Земля", ["Нова"]) == {"Нова"}
    assert mentions("Новая", ["Нова"]) == frozenset()
    # A combining mark belongs to its letter.
    assert mentions("Nova\u0323", ["Nova"]) == frozenset()


def test_names_that_fold_to_one_text_are_one_answer():
    assert is_right("In NOVA", asked("x", "Nova"), ["Nova", "NOVA"])


@given(st.text(max_size=30), st.lists(st.text(min_size=1, max_size=4), max_size=4))
def test_only_given_names_are_mentioned(text: str, names: list[str]):
    assert mentions(text, names) <= set(names)


@given(st.sampled_from(["Nova", "Ostara", "山", "نوفا"]), st.sampled_from([" ", ". ", ", ", "\n"]))
def test_a_name_set_apart_is_always_found(name: str, gap: str):
    assert mentions(f"x{gap}{name}{gap}y", [name]) == {name}
