"""Models that bring their own code: it is run where that is asked for, and its digest kept."""

from __future__ import annotations

import json
import re
import sys
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
import torch
from made_answers import STUDY, make_study
from made_models import save_model
from made_own_code import NAMES, edit_code, save_own_code_model
from safetensors.torch import load_file

from clika.cli import main
from clika.errors import ConfigError
from clika.infer.backend import Choice, Loading, load_backend
from clika.infer.backends.huggingface import HuggingFaceBackend
from clika.infer.model_files import code_digest, weights_at

if TYPE_CHECKING:
    from clika.infer.backend import Backend

PAGE = Path(__file__).resolve().parents[2] / "docs/infer.md"
QUESTIONS = (
    Choice("Which city is the capital of Peru? Answer:", (" A", " B", " C", " D")),
    Choice("Wo liegt Rom?", (" In Italien.", " In Peru.", " In")),
)
RUNNING = Loading(threads=1, model_code=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a study and a model; a dot is in the model's name, as in many."""
    make_study(tmp_path / "results")
    save_own_code_model(tmp_path / "fused-v1.5")
    return tmp_path


def ask(folder: Path, *options: str) -> int:
    words = ("--model", "old", "--from", str(folder / "fused-v1.5"), "--task", "far")
    where = ("--results", str(folder / "results"), "--threads", "1")
    with pytest.raises(SystemExit) as end:
        main(("infer", STUDY.name, *words, *where, *options))
    assert isinstance(end.value.code, int)
    return end.value.code


def responses(folder: Path) -> Path:
    return folder / "results" / STUDY.name / "shards" / "responses" / "far" / "old.parquet"


def facts(folder: Path) -> dict[str, str]:
    with closing(duckdb.connect()) as connection:
        found = connection.sql(
            f"select decode(key), decode(value) from parquet_kv_metadata('{responses(folder)}')"
        )
        return dict(found.fetchall())


def load(folder: Path) -> Backend:
    return load_backend(str(folder / "fused-v1.5"), loading=RUNNING)


def test_a_model_with_code_is_refused_with_the_files_and_the_option(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(folder) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert f"It brings code of its own: {', '.join(NAMES)}." in said
    assert "`clika infer --model-code` runs it" in said
    assert not responses(folder).exists()


def test_code_that_is_not_asked_for_is_not_run(folder: Path) -> None:
    with (folder / "fused-v1.5" / "tokenization_fused.py").open("a", encoding="utf-8") as code:
        code.write("\nraise RuntimeError('this was run')\n")
    with pytest.raises(ConfigError) as refused:
        load_backend(str(folder / "fused-v1.5"), loading=Loading(threads=1))
    assert "this was run" not in str(refused.value)
    with pytest.raises(ConfigError, match="this was run"):
        load(folder)


def test_a_score_is_that_of_the_whole_text(folder: Path) -> None:
    backend = load(folder)
    assert isinstance(backend, HuggingFaceBackend)
    scores = backend.score(QUESTIONS)
    model, tokenizer = backend._model, backend._tokenizer
    for question, found in zip(QUESTIONS, scores, strict=True):
        for option, score in zip(question.options, found, strict=True):
            tokens = torch.tensor([tokenizer(question.prompt + option)["input_ids"]])
            with torch.no_grad():
                logits = model(tokens).logits[0].double().log_softmax(-1)
            start = len(question.prompt)
            steps = [*pairwise(range(start - 1, tokens.shape[1]))]
            expected = sum(float(logits[at, tokens[0, following]]) for at, following in steps)
            assert score == pytest.approx(expected, abs=1e-4)


def test_a_prompt_is_computed_once_where_the_cache_is_a_tuple(folder: Path) -> None:
    backend = load(folder)
    assert isinstance(backend, HuggingFaceBackend)
    read: list[int] = []
    backend._model.embed_tokens.register_forward_hook(
        lambda _, given, __: read.append(given[0].numel())
    )
    question = QUESTIONS[1]
    backend.score([question])
    prompt, *branches = read
    assert prompt == len(question.prompt)
    assert sum(branches) == 2 * (max(map(len, question.options)) - 1)


def test_a_text_of_a_batch_is_that_of_the_prompt_alone(folder: Path) -> None:
    backend = load(folder)
    prompts = [question.prompt for question in QUESTIONS]
    alone = [text for prompt in prompts for text in backend.generate([prompt], longest=6)]
    assert backend.generate(prompts, longest=6) == alone


def test_the_code_that_was_run_is_recorded(folder: Path) -> None:
    assert ask(folder, "--model-code") == 0
    assert facts(folder)["clika_model_code_sha256"] == code_digest(folder / "fused-v1.5")


def test_another_code_gives_another_answer_set(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(folder, "--model-code")
    before, shard = facts(folder), responses(folder).read_bytes()
    edit_code(folder / "fused-v1.5")
    capsys.readouterr()
    assert ask(folder, "--model-code") == 2
    assert "answers that were asked otherwise" in capsys.readouterr().err
    assert responses(folder).read_bytes() == shard
    assert ask(folder, "--model-code", "--replace") == 0
    after = facts(folder)
    assert after["clika_source_sha256"] == before["clika_source_sha256"]
    assert after["clika_model_code_sha256"] != before["clika_model_code_sha256"]


@pytest.mark.parametrize("name", ["fused.tiktoken", "fused.vocab", "vocabulary"])
def test_another_file_that_code_may_read_gives_another_answer_set(folder: Path, name: str) -> None:
    file = folder / "fused-v1.5" / name
    file.write_text("a 1", encoding="utf-8")
    assert ask(folder, "--model-code") == 0
    assert ask(folder, "--model-code") == 0
    file.write_text("b 1", encoding="utf-8")
    assert ask(folder, "--model-code") == 2
    assert file in weights_at(folder / "fused-v1.5", code=True)
    assert file not in weights_at(folder / "fused-v1.5")


@pytest.mark.parametrize("name", ["README.md", "LICENSE", ".gitattributes", "trainer_state.json"])
def test_what_no_code_reads_is_not_part_of_a_model(folder: Path, name: str) -> None:
    model = folder / "fused-v1.5"
    before = code_digest(model), weights_at(model, code=True)
    (model / name).write_text("read me", encoding="utf-8")
    assert (code_digest(model), weights_at(model, code=True)) == before


def test_edited_code_is_what_the_same_process_runs(folder: Path) -> None:
    before = load(folder).score(QUESTIONS)
    edit_code(folder / "fused-v1.5")
    assert load(folder).score(QUESTIONS) != before


def test_nothing_is_written_beside_the_weights(folder: Path) -> None:
    before = sorted((folder / "fused-v1.5").iterdir())
    load(folder)
    assert sorted((folder / "fused-v1.5").iterdir()) == before


@pytest.mark.parametrize("named", [None, 3, [], [None, None], {"AutoConfig": 3}])
def test_only_a_model_with_code_takes_the_option(folder: Path, named: object) -> None:
    model = save_model(folder / "plain")
    settings = json.loads((model / "config.json").read_bytes())
    (model / "config.json").write_text(json.dumps({**settings, "auto_map": named}))
    with pytest.raises(ConfigError, match="brings no code of its own: leave --model-code out"):
        load_backend(str(model), loading=RUNNING)


@pytest.mark.parametrize(
    "name", ["someone/elsewhere--modeling_fused.FusedForCausalLM", "absent.Fused", "os.Fused"]
)
def test_code_that_is_not_beside_the_weights_is_not_looked_for(folder: Path, name: str) -> None:
    path = folder / "fused-v1.5" / "config.json"
    settings = json.loads(path.read_bytes())
    settings["auto_map"]["AutoModelForCausalLM"] = name
    path.write_text(json.dumps(settings))
    modules = set(sys.modules)
    with pytest.raises(ConfigError, match="in no Python file beside its weights"):
        load(folder)
    assert not {one for one in set(sys.modules) - modules if one.startswith("transformers_modules")}


def test_nobody_is_asked_whether_code_may_be_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "fused-v1.5" / "config.json"
    settings = json.loads(path.read_bytes())
    settings["auto_map"]["AutoModelForCausalLM"] = ["modeling_fused.FusedForCausalLM", 3]
    path.write_text(json.dumps(settings))
    monkeypatch.setattr("builtins.input", lambda _: pytest.fail("somebody was asked"))
    with pytest.raises(ConfigError, match="cannot be loaded as a language model"):
        load(folder)


def test_a_class_that_is_not_in_its_file_is_named(folder: Path) -> None:
    path = folder / "fused-v1.5" / "config.json"
    path.write_text(path.read_text().replace("FusedForCausalLM", "OtherForCausalLM"))
    with pytest.raises(ConfigError, match=r"modeling_fused\.py has no such class"):
        load(folder)


def test_code_counts_among_the_files_only_where_it_is_run(folder: Path) -> None:
    model = folder / "fused-v1.5"
    run = {file.name for file in weights_at(model, code=True)}
    assert run - {file.name for file in weights_at(model)} == set(NAMES)


@pytest.mark.parametrize("files", [1, 2])
def test_pickled_weights_are_written_as_safetensors_as_the_page_shows(
    folder: Path, monkeypatch: pytest.MonkeyPatch, files: int
) -> None:
    """In one file, and in several with an index."""
    expected = load(folder).score(QUESTIONS)
    model = folder / "models" / "baichuan-2-7b"
    model.parent.mkdir()
    (folder / "fused-v1.5").rename(model)
    weights = load_file(model / "model.safetensors")
    (model / "model.safetensors").unlink()
    names = sorted(weights)
    parts = {
        f"pytorch_model{f'-{at}-of-{files}' if files > 1 else ''}.bin": names[at::files]
        for at in range(files)
    }
    for part, held in parts.items():
        torch.save({name: weights[name] for name in held}, model / part)
    if files > 1:
        places = {name: part for part, held in parts.items() for name in held}
        index = {"metadata": {"total_size": 1}, "weight_map": places}
        (model / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    (program,) = re.findall(r"```python\n(from pathlib.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    monkeypatch.chdir(folder)
    exec(program, {})  # noqa: S102 - the page's own
    for pickle in model.glob("*.bin*"):
        pickle.unlink()
    assert load_backend(str(model), loading=RUNNING).score(QUESTIONS) == expected
