"""Show: one item in all its languages, and what is lost between two."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from made_colours import OPTIONS, RIGHT, STUDY, ingest, load_shards, write_release
from rich.cells import cell_len

from clika.cli import main
from clika.errors import ConfigError, PrerequisiteError, UnknownNameError
from clika.store.connection import building
from clika.views.show import Choice, show_item, show_lost

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "B. \x1b[2J\x1b]0;gone\x07\n\u202egnorw\u2069\x9b31m"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("show")
    special = {
        ("llama_7b", "he"): ("A.", HOSTILE, "?"),
        ("llama_7b", "zh"): RIGHT,
        ("llama_7b", "ru"): ("", "B. " + "очень " * 300, "C."),
    }
    ingest(write_release(root / "data", special), root / "results")
    load_shards(root / "results")
    return root / "results"


@pytest.fixture
def database(results: Path) -> Path:
    return results / STUDY.name / "clika.duckdb"


@pytest.fixture
def codes_only(tmp_path: Path) -> Path:
    path = tmp_path / "clika.duckdb"
    with building(path, {"origin": "codes", "study": STUDY.name}, threads=1) as connection:
        connection.execute("insert into items values ('x_geo', 0, 4, 0, 0, 'he')")
        connection.executemany(
            "insert into answers values ('llama_7b', 'x_geo', ?, 0, 0, 'first-letter', ?, '', '')",
            [("en", 0), ("he", 1)],
        )
    return path


def run(
    arguments: list[str], results: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["show", *arguments, "--study", STUDY.name, "--results", str(results)])
    output = capsys.readouterr()
    code = ended.value.code
    assert isinstance(code, int)
    return code, output.out, output.err


@pytest.fixture(autouse=True)
def _known_study(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clika.study.load_study", lambda _name, _results: STUDY)
    monkeypatch.setenv("COLUMNS", "100")


@pytest.mark.parametrize("name", ["x_geo:1", "1", "101", "x_geo:101"])
def test_an_item_is_found_by_each_of_its_names(database: Path, name: str) -> None:
    view = show_item(STUDY, name, database=database)
    assert (view.facts.task, view.facts.item, view.uuid) == ("x_geo", 1, "101")


def test_an_item_has_every_text_and_answer(database: Path) -> None:
    view = show_item(STUDY, "x_geo:1", database=database)
    assert {code: text.options for code, text in view.texts.items()} == OPTIONS
    assert view.models == ("chatgpt", "llama_7b")
    assert {key: answer.code for key, answer in view.answers.items() if key[1] in ("en", "he")} == {
        ("chatgpt", "en"): 1,
        ("chatgpt", "he"): 1,
        ("llama_7b", "en"): 0,
        ("llama_7b", "he"): 1,
    }
    assert view.answers["llama_7b", "he"].response == HOSTILE


def test_a_choice_narrows_and_keeps_the_order_of_the_tables(database: Path) -> None:
    choice = Choice(models=("LLaMA-7B", "chatgpt"), languages=("Hebrew", "EN"))
    view = show_item(STUDY, "x_geo:1", choice, database=database)
    assert view.models == ("chatgpt", "llama_7b")
    assert view.languages == ("en", "he")


@pytest.mark.parametrize(
    ("name", "choice", "message"),
    [
        ("x_geo:7", Choice(), "Unknown item of x_geo '7'"),
        ("x_gea:1", Choice(), "Unknown task 'x_gea'. Did you mean 'x_geo'"),
        ("1", Choice(task="x_gea"), "Did you mean 'x_geo'"),
        ("1", Choice(models=("lama_7b",)), "Did you mean 'llama_7b'"),
        ("1", Choice(languages=("zw",)), "Did you mean 'zh'"),
        ("1", Choice(languages=("fr",)), "Unknown language 'fr'"),
        ("1", Choice(rule="first-leter"), "Did you mean 'first-letter'"),
        ("1", Choice(rule="robust"), "Unknown rule of study tiny 'robust'"),
        ("9" * 30, Choice(), "Unknown item"),
    ],
)
def test_an_unknown_name_is_refused(
    database: Path, name: str, choice: Choice, message: str
) -> None:
    with pytest.raises(UnknownNameError) as refused:
        show_item(STUDY, name, choice, database=database)
    assert message in str(refused.value)


def test_a_model_without_answers_is_not_unknown(database: Path) -> None:
    with pytest.raises(ConfigError, match="no answers of llama_13b"):
        show_item(STUDY, "1", Choice(models=("llama_13b",)), database=database)


def test_two_tasks_at_once_are_refused(database: Path) -> None:
    with pytest.raises(ConfigError, match="another task"):
        show_item(STUDY, "x_geo:1", Choice(task="x_name"), database=database)


def test_codes_alone_name_the_fetch(codes_only: Path) -> None:
    with pytest.raises(PrerequisiteError, match="clika fetch released"):
        show_item(STUDY, "x_geo:0", database=codes_only)


def test_no_database_names_the_fetch(tmp_path: Path) -> None:
    with pytest.raises(PrerequisiteError, match="clika fetch released"):
        show_item(STUDY, "x_geo:0", database=tmp_path / "clika.duckdb")


def test_what_is_lost_is_right_in_one_and_wrong_in_the_other(database: Path) -> None:
    choice = Choice(task="x_geo", models=("llama_7b",))
    view = show_lost(STUDY, choice, right="zh", wrong="he", database=database)
    assert view.counts == (3, 3, 1, 1)
    (lost,) = view.items
    assert (lost.item, lost.gold, lost.code, lost.response_wrong) == (2, 2, -1, "?")
    assert lost.options is not None
    assert lost.options[lost.gold] == OPTIONS["zh"][2]


def test_nothing_lost_is_an_empty_list(database: Path) -> None:
    choice = Choice(task="x_geo", models=("chatgpt",))
    view = show_lost(STUDY, choice, right="en", wrong="he", database=database)
    assert view.counts == (3, 3, 0, 0)
    assert view.items == ()


def test_lost_items_of_codes_are_counted_and_name_the_fetch(codes_only: Path) -> None:
    choice = Choice(task="x_geo", models=("llama_7b",))
    with pytest.raises(PrerequisiteError, match=r"1 of 1 items .* clika fetch released"):
        show_lost(STUDY, choice, right="en", wrong="he", database=codes_only)


@pytest.mark.parametrize(
    ("choice", "wrong", "error"),
    [
        (Choice(task="x_geo"), "he", ConfigError),
        (Choice(models=("chatgpt",)), "he", ConfigError),
        (Choice(task="x_geo", models=("chatgpt",)), "en", ConfigError),
        (Choice(task="x_geo", models=("chatgpt",)), "hx", UnknownNameError),
        (Choice(task="x_gio", models=("chatgpt",)), "he", UnknownNameError),
    ],
)
def test_a_pair_that_cannot_be_is_refused(
    database: Path, choice: Choice, wrong: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        show_lost(STUDY, choice, right="en", wrong=wrong, database=database)


def test_the_page_fits_in_100_columns(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, page, _ = run(["x_geo:1", "--raw"], results, capsys)
    assert code == 0
    assert max(cell_len(line) for line in page.splitlines()) <= 100


def test_the_page_marks_right_answers_without_colour(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, page, _ = run(["x_geo:2"], results, capsys)
    rows = {line.split()[0]: line.split()[1:] for line in page.splitlines() if line.strip()}
    assert rows["chatgpt"] == ["C+", "C+", "C+", "C+", "C+", "5/5"]
    assert rows["llama_7b"] == ["A", "C+", "A", "-", "C+", "2/5"]
    assert rows["right"] == ["1", "2", "1", "1", "2"]


def test_right_to_left_lines_are_isolated(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, page, _ = run(["x_geo:0"], results, capsys)
    assert f"A+ \u2067{OPTIONS['he'][0]}\u2069   B  \u2067{OPTIONS['he'][1]}\u2069" in page
    assert all(line.count("\u2067") == line.count("\u2069") for line in page.splitlines())


def test_a_hostile_response_is_shown_and_does_nothing(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, page, _ = run(["x_geo:1", "--model", "llama_7b", "--language", "he"], results, capsys)
    assert r"B. \x1b[2J\x1b]0;gone\x07\n\u202egnorw\u2069\x9b31m" in page
    assert not set(page) & set("\x1b\x07\x9b\u202e")


def test_a_long_response_is_cut_with_a_note(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, page, _ = run(["x_geo:1", "--model", "llama_7b", "--language", "ru"], results, capsys)
    assert "characters more: --json has them" in page


def test_an_empty_response_is_said_to_be_empty(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, page, _ = run(["x_geo:0", "--model", "llama_7b", "--language", "ru"], results, capsys)
    assert "(empty)" in page


def test_json_has_the_raw_responses(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, text, _ = run(["x_geo:1", "--language", "he", "--json"], results, capsys)
    data = json.loads(text)
    assert (data["task"], data["item"], data["gold"]) == ("x_geo", 1, "B")
    assert data["answers"][1] == {
        "model": "llama_7b",
        "language": "he",
        "answer": "B",
        "right": True,
        "fired": "letter",
        "response": HOSTILE,
    }
    assert not set(text) & set("\x1b\x07\x9b\u202e")


def test_the_lost_page_names_each_item(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair = ["--model", "llama_7b", "--task", "x_geo", "--right", "zh", "--wrong", "en"]
    _, page, _ = run(pair, results, capsys)
    assert "2 of the 3 items right in zh are wrong in en" in page
    assert "x_geo:2" in page
    assert "C+" in page
    assert "red" in page


def test_the_lost_items_as_json(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair = ["--model", "llama_7b", "--task", "x_geo", "--right", "zh", "--wrong", "he", "--json"]
    _, text, _ = run(pair, results, capsys)
    data = json.loads(text)
    assert (data["n"], data["n_lost"]) == (3, 1)
    (lost,) = data["items"]
    assert (lost["item"], lost["gold"], lost["answer"], lost["response_wrong"]) == (
        2,
        "C",
        None,
        "?",
    )


@pytest.mark.parametrize(
    "arguments",
    [[], ["--right", "en"], ["x_geo:1", "--right", "en", "--wrong", "he"], ["x_geo:9"]],
)
def test_what_cannot_be_shown_exits_2(
    results: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    code, page, message = run(arguments, results, capsys)
    assert (code, page) == (2, "")
    assert message
