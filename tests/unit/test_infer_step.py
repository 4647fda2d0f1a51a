"""Asking a study: shards, what outlives a stop, and what is refused."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import made_answers
import pytest
from made_answers import (
    ITEMS,
    LANGUAGES,
    STUDY,
    HashBackend,
    Stopped,
    make_model,
    make_study,
)

from clika.errors import BusyError, ConfigError, PrerequisiteError, UnknownNameError
from clika.infer.model_files import model_digest
from clika.steps.infer import InferChoices, InferReport, infer
from clika.steps.load import load
from clika.study import load_study

if TYPE_CHECKING:
    from collections.abc import Iterator

QUESTIONS = len(STUDY.tasks) * len(LANGUAGES) * ITEMS


@pytest.fixture
def results(tmp_path: Path) -> Path:
    make_study(tmp_path / "results")
    make_model(tmp_path / "model")
    return tmp_path / "results"


def ask(results: Path, backend: HashBackend, *, model: str = "m", **others: object) -> InferReport:
    choices = InferChoices(model=model, source=str(results.parent / "model"))
    return infer(
        load_study(STUDY.name, results),
        choices=choices._replace(**others),
        results=results,
        backend=lambda: backend,
    )


def rows(results: Path, kind: str, *, model: str = "m") -> list[tuple[object, ...]]:
    path = results / STUDY.name / "shards" / kind / "*" / f"{model}.parquet"
    with closing(duckdb.connect()) as connection:
        return connection.sql(f"from '{path}' order by task, language, item").fetchall()


def shards(results: Path) -> dict[str, bytes]:
    folder = results / STUDY.name / "shards"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.glob("*/*/*.parquet"))
    }


def database(results: Path) -> duckdb.DuckDBPyConnection:
    folder = results / STUDY.name
    path = folder / "clika.duckdb"
    study = load_study(STUDY.name, results)
    load(study, shards=folder / "shards", database=path, origin="responses")
    return duckdb.connect(path, read_only=True)


def test_every_item_is_asked_once_in_each_language(results: Path) -> None:
    backend = HashBackend()
    assert ask(results, backend) == InferReport("m", QUESTIONS, 0, ())
    assert len(set(backend.questions)) == len(backend.questions) == QUESTIONS


def test_the_response_is_the_letter_of_the_highest_score(results: Path) -> None:
    ask(results, HashBackend())
    best = ["ABCD"[max(range(4), key=row[4].__getitem__)] for row in rows(results, "option_scores")]
    assert [row[5] for row in rows(results, "responses")] == best


def test_a_tie_is_an_empty_response_and_invalid_by_choice(results: Path) -> None:
    ask(results, HashBackend(tie=True), tasks=("far",))
    assert {row[5] for row in rows(results, "responses")} == {""}
    with closing(database(results)) as connection:
        found = connection.sql("select distinct code, fired from answers where rule = 'choice'")
        assert found.fetchall() == [(-1, "tie")]


def test_choice_and_robust_read_the_same_option(results: Path) -> None:
    ask(results, HashBackend())
    with closing(database(results)) as connection:
        by_rule = [
            connection.sql(
                f"select task, language, item, code from answers where rule = '{rule}' order by all"
            ).fetchall()
            for rule in STUDY.rules
        ]
    assert by_rule[0] == by_rule[1]
    assert len(by_rule[0]) == QUESTIONS


def test_a_generated_text_is_kept_as_it_is(results: Path) -> None:
    ask(results, HashBackend(), longest=32)
    assert rows(results, "responses")[0][5].startswith("The answer is ")
    assert not list((results / STUDY.name / "shards").glob("option_scores/*/*"))


def test_a_generated_text_has_no_answer_by_choice(results: Path) -> None:
    ask(results, HashBackend(), longest=32)
    with closing(database(results)) as connection:
        found = connection.sql("select distinct rule from answers").fetchall()
    assert found == [("robust",)]


def test_a_stopped_run_asks_again_only_what_was_in_hand(results: Path) -> None:
    stopped = HashBackend(calls=1)
    with pytest.raises(Stopped):
        ask(results, stopped)
    second = HashBackend()
    report = ask(results, second)
    assert set(second.questions).isdisjoint(stopped.questions)
    assert (report.asked, report.kept) == (len(second.questions), len(stopped.questions))
    assert report.asked + report.kept == QUESTIONS


def test_a_stopped_run_ends_in_the_same_bytes(results: Path, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        ask(results, HashBackend(calls=3))
    ask(results, HashBackend())
    other = tmp_path / "other"
    make_study(other)
    ask(other, HashBackend())
    assert shards(results) == shards(other)


def in_a_process(results: Path, body: str) -> subprocess.Popen[str]:
    """Ask the study in another process, where ``body`` stands before each batch is answered."""
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from clika.steps.infer import InferChoices, infer\n"
        "from made_answers import STUDY, HashBackend\n"
        "class Disturbed(HashBackend):\n"
        "    def score(self, questions):\n"
        f"        {body}\n"
        "        return super().score(questions)\n"
        "results = Path(sys.argv[1])\n"
        "choices = InferChoices('m', str(results.parent / 'model'))\n"
        "infer(STUDY, choices=choices, results=results, backend=Disturbed)\n"
    )
    path = os.pathsep.join([str(Path(made_answers.__file__).parent), *sys.path])
    return subprocess.Popen(
        [sys.executable, "-c", code, results],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@contextmanager
def asking_elsewhere(results: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that asks the study, and goes on with it once its input ends."""
    with in_a_process(results, "print('asks', flush=True); sys.stdin.read()") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "asks\n"
        yield process


def test_a_killed_process_loses_one_piece_at_most(results: Path) -> None:
    with in_a_process(results, "self.questions and os.kill(os.getpid(), signal.SIGKILL)") as one:
        pass
    assert one.returncode == -signal.SIGKILL
    report = ask(results, HashBackend())
    assert (report.asked, report.kept) == (QUESTIONS - 256, 256)


@pytest.mark.parametrize("left", ["[[-1.5, -2.5], [-1", "[" * 100_000])
def test_a_damaged_piece_is_asked_again(results: Path, left: str) -> None:
    with pytest.raises(Stopped):
        ask(results, HashBackend(calls=1))
    (piece,) = (results / STUDY.name / "spool").glob("*/piece-*.json")
    piece.write_text(left, encoding="utf-8")
    assert ask(results, HashBackend()).kept == 0


def test_a_second_run_asks_nothing(results: Path) -> None:
    ask(results, HashBackend())
    assert ask(results, HashBackend(calls=0)) == InferReport("m", 0, 0, ("far", "near"))


def test_nothing_is_left_in_the_spool(results: Path) -> None:
    ask(results, HashBackend())
    assert not list((results / STUDY.name / "spool").glob("*/"))


def test_a_shard_that_was_written_and_not_entered_is_entered(results: Path) -> None:
    inventory = results / STUDY.name / "shards" / "ingest.json"
    before = inventory.read_bytes()
    ask(results, HashBackend())
    after = inventory.read_bytes()
    inventory.write_bytes(before)
    ask(results, HashBackend(calls=0))
    assert inventory.read_bytes() == after


def test_models_come_beside_each_other(results: Path) -> None:
    ask(results, HashBackend(), model="a")
    ask(results, HashBackend(), model="b", tasks=("near",))
    assert load_study(STUDY.name, results).models == ("a", "b")
    listed = json.loads((results / STUDY.name / "shards" / "ingest.json").read_bytes())
    assert [entry["path"] for entry in listed["responses"]] == [
        "responses/far/a.parquet",
        "responses/near/a.parquet",
        "responses/near/b.parquet",
    ]


def test_a_response_says_which_files_it_comes_from(results: Path) -> None:
    ask(results, HashBackend(), tasks=("far",))
    sources = {row[8:] for row in rows(results, "responses")}
    assert sources == {("model", model_digest(results.parent / "model"))}


def test_other_weights_under_the_same_name_are_refused(results: Path) -> None:
    ask(results, HashBackend())
    make_model(results.parent / "model", content="others")
    with pytest.raises(ConfigError, match="asked otherwise"):
        ask(results, HashBackend())


def test_another_prompt_under_the_same_name_is_refused(results: Path) -> None:
    ask(results, HashBackend())
    with pytest.raises(ConfigError, match="asked otherwise"):
        ask(results, HashBackend(), prompt="full-option")


def test_what_was_removed_is_asked_again(results: Path) -> None:
    ask(results, HashBackend())
    before = shards(results)
    (results / STUDY.name / "shards" / "responses" / "far" / "m.parquet").unlink()
    ask(results, HashBackend())
    assert shards(results) == before


def test_other_items_do_not_replace_those_that_were_answered(results: Path) -> None:
    ask(results, HashBackend())
    with pytest.raises(ConfigError, match="other items"):
        make_study(results, word="object")


def test_the_same_items_keep_their_answers(results: Path) -> None:
    ask(results, HashBackend())
    make_study(results)
    assert load_study(STUDY.name, results).models == ("m",)
    assert ask(results, HashBackend(calls=0)).asked == 0


def test_two_processes_do_not_ask_the_same(results: Path) -> None:
    with asking_elsewhere(results) as other, pytest.raises(BusyError, match=f"Process {other.pid}"):
        ask(results, HashBackend())


def test_whoever_waits_for_another_process_finds_nothing_left_to_ask(results: Path) -> None:
    told: list[str] = []
    with asking_elsewhere(results) as other:

        def tell(line: str) -> None:
            told.append(line)
            assert other.stdin is not None
            other.stdin.close()

        choices = InferChoices("m", str(results.parent / "model"))
        nobody = HashBackend(calls=0)
        report = infer(STUDY, choices=choices, results=results, backend=lambda: nobody, wait=tell)
    assert report == InferReport("m", 0, 0, ("far", "near"))
    (line,) = told
    assert line.startswith(f"Process {other.pid} on {platform.node()} is at work in ")
    assert line.endswith(": waiting for its end.")


def test_progress_ends_at_all_questions(results: Path) -> None:
    told: list[tuple[int, int]] = []
    infer(
        STUDY,
        choices=InferChoices("m", str(results.parent / "model")),
        results=results,
        backend=HashBackend,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told[-1] == (QUESTIONS, QUESTIONS)


def test_items_without_texts_are_refused(tmp_path: Path) -> None:
    make_study(tmp_path / "results", texts=False)
    make_model(tmp_path / "model")
    with pytest.raises(ConfigError, match="no texts"):
        ask(tmp_path / "results", HashBackend())


def test_an_unknown_task_is_refused(results: Path) -> None:
    with pytest.raises(UnknownNameError, match="task 'fra'"):
        ask(results, HashBackend(), tasks=("fra",))


def test_a_released_study_is_not_asked(results: Path) -> None:
    with pytest.raises(ConfigError, match="read, not asked for"):
        infer(
            load_study("paper-released"),
            choices=InferChoices("m", str(results.parent / "model")),
            results=results,
        )


def test_a_study_without_answers_is_not_loaded(results: Path) -> None:
    with pytest.raises(PrerequisiteError, match="clika infer colours"):
        database(results)


def test_what_training_leaves_beside_a_model_is_not_part_of_it(tmp_path: Path) -> None:
    before = model_digest(make_model(tmp_path))
    (tmp_path / "trainer_state.json").write_text("{}", encoding="utf-8")
    (tmp_path / "README.md").write_text("read me", encoding="utf-8")
    assert model_digest(tmp_path) == before


@pytest.mark.parametrize("name", ["source.spm", "bpe.codes", "prophetnet.tokenizer"])
def test_a_vocabulary_that_transformers_reads_is_part_of_a_model(name: str, tmp_path: Path) -> None:
    before = model_digest(make_model(tmp_path))
    (tmp_path / name).write_text("a 1", encoding="utf-8")
    assert model_digest(tmp_path) != before
