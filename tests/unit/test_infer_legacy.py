"""Under the transformers of the extra ``legacy`` models answer as under today's."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from made_gguf import save_gguf
from made_models import save_model
from made_own_code import NAMES, save_own_code_model
from safetensors.torch import load_file, save_file

import clika
from clika.infer.backend import Choice, Loading, load_backend

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).resolve().parents[2]
QUESTIONS = (
    Choice("Which city is the capital of Peru? Answer:", (" A", " B", " C", " D")),
    Choice("Wo liegt Rom?", (" In Italien.", " In Peru.", " In")),
    Choice("Is it?", (" Yes", " No")),
)
#: Asks a model as the tests do, and says what came of it, or why it was refused.
SCRIPT = """
import json, sys
from clika.errors import ConfigError
from clika.infer.backend import Choice, Loading, load_backend
import transformers
source, model_code, questions = json.loads(sys.argv[1])
said = {"transformers": transformers.__version__}
try:
    backend = load_backend(source, loading=Loading(threads=1, model_code=model_code))
    asked = [Choice(prompt, tuple(options)) for prompt, options in questions]
    said["scores"] = backend.score(asked)
    said["texts"] = backend.generate([prompt for prompt, _ in questions], longest=6)
except ConfigError as error:
    said["refused"] = str(error)
print(json.dumps(said))
"""


def lock(name: str) -> dict[str, str]:
    """Return each package of a lock with its lines there, hashes and all."""
    text = (REPOSITORY / "locks" / f"{name}.txt").read_text(encoding="utf-8")
    blocks = re.findall(r"^[a-z0-9-]+==.*\\\n(?: {4}--hash=.*\n)+", text, re.MULTILINE)
    return {block.partition("==")[0]: block for block in blocks}


@pytest.fixture(scope="session")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of what the lock has otherwise than that of inference, PyTorch not among it.

    It comes before the packages of the tests' own environment, which hold the rest of the lock in
    the same versions: tests/unit/test_locks.py sees to that.
    """
    uv = shutil.which("uv") or shutil.which("uv", path=str(REPOSITORY / ".bootstrap/bin"))
    if uv is None:
        pytest.skip("uv is not there: make setup brings it")
    current = lock("inference")
    own = [block for name, block in lock("legacy").items() if block != current.get(name)]
    folder = tmp_path_factory.mktemp("older")
    (folder / "own.txt").write_text("".join(own), encoding="utf-8")
    words = (
        "--target",
        folder / "packages",
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
    )
    done = subprocess.run(
        [uv, "pip", "install", "--python", sys.executable, *words, "-r", folder / "own.txt"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"locks/legacy.txt cannot be installed here: {done.stderr.strip()[-300:]}")
    return folder / "packages"


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """Return the folder where transformers keeps what it has from the hub, code among it."""
    return tmp_path / "hub"


@pytest.fixture
def ask_older(older: Path, hub: Path) -> Callable[..., dict[str, object]]:
    def ask(source: Path, *, model_code: bool = False, typed: str = "") -> dict[str, object]:
        package = Path(str(clika.__file__)).parents[1]
        given = json.dumps([str(source), model_code, QUESTIONS])
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", SCRIPT, given],
            env={
                **os.environ,
                "PYTHONPATH": f"{older}{os.pathsep}{package}",
                "HF_HUB_OFFLINE": "1",
                "HF_HOME": str(hub),
            },
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        said: dict[str, object] = json.loads(done.stdout)
        assert said["transformers"] == "4.33.3"
        return said

    return ask


def save_as_once(folder: Path) -> Path:
    """Write a LLaMA as it was written in 2023: today's tokenizers write pairs as lists."""
    save_model(folder)
    path = folder / "tokenizer.json"
    tokenizer = json.loads(path.read_bytes())
    tokenizer["model"]["merges"] = [" ".join(pair) for pair in tokenizer["model"]["merges"]]
    path.write_text(json.dumps(tokenizer), encoding="utf-8")
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "</s>"}
    (folder / "tokenizer_config.json").write_text(
        json.dumps({**settings, "bos_token": "<s>"}), encoding="utf-8"
    )
    return folder


def ranks(scores: object) -> list[list[int]]:
    assert isinstance(scores, list)
    return [sorted(range(len(one)), key=one.__getitem__) for one in scores]


@pytest.mark.parametrize("own_code", [False, True], ids=["llama", "own-code"])
def test_a_model_answers_as_under_the_current_transformers(
    ask_older: Callable[..., dict[str, object]], tmp_path: Path, *, own_code: bool
) -> None:
    save = save_own_code_model if own_code else save_as_once
    folder = save(tmp_path / "model-v1.5")
    said = ask_older(folder, model_code=own_code)
    backend = load_backend(str(folder), loading=Loading(threads=1, model_code=own_code))
    scores = backend.score(QUESTIONS)
    assert ranks(said["scores"]) == ranks(scores)
    assert said["scores"] == [pytest.approx(one, abs=1e-3) for one in scores]
    prompts = [question.prompt for question in QUESTIONS]
    assert said["texts"] == backend.generate(prompts, longest=6)


def test_a_model_with_code_is_refused_there_too(
    ask_older: Callable[..., dict[str, object]], tmp_path: Path
) -> None:
    said = ask_older(save_own_code_model(tmp_path / "model"))
    assert f"It brings code of its own: {', '.join(NAMES)}." in str(said["refused"])


def without_tokenizer_class(folder: Path) -> Path:
    path = folder / "tokenizer_config.json"
    settings = json.loads(path.read_bytes())
    del settings["tokenizer_class"]
    path.write_text(json.dumps(settings), encoding="utf-8")
    return folder


def test_nobody_is_asked_there_whether_code_may_be_run(
    ask_older: Callable[..., dict[str, object]], tmp_path: Path, hub: Path
) -> None:
    """A tokenizer without a class in its settings has 4.33 look for that of the model's."""
    folder = without_tokenizer_class(save_own_code_model(tmp_path / "model"))
    said = ask_older(folder, model_code=True, typed="y\n")
    assert "scores" in said
    assert not [*hub.rglob("*.py")]


@pytest.mark.parametrize("beside", ["nothing", "others", "an index of pickles"])
def test_pickled_weights_are_refused_there(
    ask_older: Callable[..., dict[str, object]], tmp_path: Path, beside: str
) -> None:
    folder = save_own_code_model(tmp_path / "model")
    weights = folder / "model.safetensors"
    torch.save(load_file(weights), folder / "pytorch_model.bin")
    weights.unlink()
    if beside == "others":
        save_file({"some": torch.ones(1)}, folder / "adapter.safetensors")
    elif beside == "an index of pickles":
        places = {"weight_map": {"norm.weight": "pytorch_model.bin"}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(places), encoding="utf-8")
    said = ask_older(folder, model_code=True)
    assert "no weights as safetensors, only pytorch_model.bin" in str(said["refused"])


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ("tokenizer_config.json", {"tokenizer_class": "TransfoXLTokenizer"}),
        ("config.json", {"model_type": "transfo-xl"}),
    ],
)
def test_a_tokenizer_that_unpickles_is_refused_there(
    ask_older: Callable[..., dict[str, object]],
    tmp_path: Path,
    settings: str,
    named: dict[str, str],
) -> None:
    path = save_as_once(tmp_path / "model") / settings
    path.write_text(json.dumps(json.loads(path.read_bytes()) | named), encoding="utf-8")
    assert "whose vocabulary is a pickle" in str(ask_older(path.parent)["refused"])


def test_an_index_nested_too_deep_names_no_weights_there(
    ask_older: Callable[..., dict[str, object]], tmp_path: Path
) -> None:
    folder = save_as_once(tmp_path / "model")
    (folder / "model.safetensors").rename(folder / "weights.safetensors")
    (folder / "model.safetensors.index.json").write_text("[" * 100_000, encoding="utf-8")
    assert "no weights as safetensors" in str(ask_older(folder)["refused"])


def test_a_gguf_file_is_refused_there(
    ask_older: Callable[..., dict[str, object]], tmp_path: Path
) -> None:
    said = ask_older(save_gguf(tmp_path / "tiny.gguf"))
    assert "which the extra legacy does not read" in str(said["refused"])
