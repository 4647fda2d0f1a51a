"""The backend of transformers: batches give what one question at a time gives."""

from __future__ import annotations

import logging
import socket
import sys
from typing import TYPE_CHECKING

import pytest
import torch
from made_gguf import save_gguf
from made_models import (
    ARCHITECTURES,
    byte_tokenizer,
    random_model,
    save_model,
    spaced_tokenizer,
)

from clika.errors import ConfigError, PrerequisiteError, UnknownNameError
from clika.infer.backend import Choice, Loading, load_backend
from clika.infer.backends.huggingface import HuggingFaceBackend

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import PreTrainedModel, PreTrainedTokenizerFast

QUESTIONS = (
    Choice("Which city is the capital of Peru? Answer:", (" A", " B", " C", " D")),
    Choice("日本の首都は", ("東京です。", "東", "Lima", "Rom in Italien")),
    Choice("Wo liegt Rom?", (" In Italien.", " In Peru.", " In")),
    Choice("A", ("B", "BB", "BBB", "BB")),
    Choice("Столица Франции? " * 4, (" Париж.", " Лима")),
)
PROMPTS = tuple(question.prompt for question in QUESTIONS)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def plain_score(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, prompt: str, option: str
) -> float:
    """Return an option's log-probability from all logits of one sequence."""
    before = tokenizer(prompt)["input_ids"]
    after = tokenizer(option, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        logits = model(torch.tensor([before + after])).logits[0].double()
    log_probabilities = logits.log_softmax(-1)
    return sum(
        float(log_probabilities[len(before) + at - 1, token]) for at, token in enumerate(after)
    )


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_score_is_that_of_the_option_alone(architecture: str) -> None:
    model, tokenizer = random_model(architecture), byte_tokenizer()
    scores = HuggingFaceBackend(model, tokenizer).score(QUESTIONS)
    expected = [
        [plain_score(model, tokenizer, question.prompt, option) for option in question.options]
        for question in QUESTIONS
    ]
    assert [list(one) for one in scores] == [pytest.approx(one, abs=1e-4) for one in expected]


def test_a_score_is_that_without_a_beginning_where_the_tokenizer_adds_none() -> None:
    model, tokenizer = random_model("llama"), byte_tokenizer(begins=False)
    (scores,) = HuggingFaceBackend(model, tokenizer).score(QUESTIONS[:1])
    question = QUESTIONS[0]
    expected = [plain_score(model, tokenizer, question.prompt, one) for one in question.options]
    assert list(scores) == pytest.approx(expected, abs=1e-4)


def test_options_score_the_same_in_any_company() -> None:
    model, tokenizer = random_model("llama"), byte_tokenizer()
    together = HuggingFaceBackend(model, tokenizer).score(QUESTIONS)
    alone = HuggingFaceBackend(model, tokenizer, batch_tokens=1).score(QUESTIONS)
    assert [one for scores in together for one in scores] == pytest.approx(
        [one for scores in alone for one in scores], abs=1e-5
    )


def test_equal_questions_give_equal_numbers_to_the_last_bit() -> None:
    model, tokenizer = random_model("llama"), byte_tokenizer()
    backend = HuggingFaceBackend(model, tokenizer, batch_tokens=64)
    assert backend.score(QUESTIONS) == backend.score(QUESTIONS)


def test_an_option_of_two_texts_is_the_product_of_both() -> None:
    backend = HuggingFaceBackend(random_model("llama"), byte_tokenizer())
    whole = backend.score([Choice("A", ("BC",))])[0][0]
    # "B" and "C" are no pair that the tokenizer joins, so the two steps are those of the whole.
    parts = backend.score([Choice("A", ("B",)), Choice("AB", ("C",))])
    assert whole == pytest.approx(parts[0][0] + parts[1][0], abs=1e-5)


def test_no_question_gives_no_score() -> None:
    assert HuggingFaceBackend(random_model("llama"), byte_tokenizer()).score([]) == []


def test_a_tokenizer_with_a_space_of_its_own_puts_none_between_prompt_and_option() -> None:
    tokenizer = spaced_tokenizer()
    backend = HuggingFaceBackend(random_model("llama"), tokenizer)
    apart, joined = backend.score([Choice("Answer:", (" A", "A"))])[0]
    model = random_model("llama")
    prompt = tokenizer("Answer:")["input_ids"]
    with torch.no_grad():
        after = model(torch.tensor([prompt])).logits[0, -1].double().log_softmax(-1)
    without_space = tokenizer.convert_tokens_to_ids("A")
    assert joined == pytest.approx(float(after[without_space]), abs=1e-4)
    assert apart != pytest.approx(joined, abs=1e-3)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_text_is_that_of_the_prompt_alone(architecture: str) -> None:
    model, tokenizer = random_model(architecture), byte_tokenizer()
    texts = HuggingFaceBackend(model, tokenizer).generate(PROMPTS, longest=12)
    expected = []
    for prompt in PROMPTS:
        read = torch.tensor([tokenizer(prompt)["input_ids"]])
        made = model.generate(
            read,
            attention_mask=torch.ones_like(read),
            max_new_tokens=12,
            do_sample=False,
            pad_token_id=tokenizer.eos_token_id,
        )
        expected.append(tokenizer.decode(made[0, read.shape[1] :], skip_special_tokens=True))
    assert texts == expected


def test_a_text_ends_before_any_token_that_the_model_files_call_an_end() -> None:
    model, tokenizer = random_model("llama"), byte_tokenizer()
    model.generation_config.eos_token_id = list(range(len(tokenizer)))
    assert HuggingFaceBackend(model, tokenizer).generate(["A"], longest=12) == [""]


def test_what_the_model_files_choose_for_generation_is_not_followed() -> None:
    model, tokenizer = random_model("llama"), byte_tokenizer()
    backend = HuggingFaceBackend(model, tokenizer)
    plain = backend.generate(PROMPTS, longest=12)
    model.generation_config.repetition_penalty = 5.0
    assert backend.generate(PROMPTS, longest=12) == plain


def test_a_model_in_training_is_asked_as_if_it_were_not() -> None:
    model, tokenizer = random_model("gemma3"), byte_tokenizer()
    model.train()
    HuggingFaceBackend(model, tokenizer).score(QUESTIONS[:1])
    assert model.training


@pytest.mark.parametrize(
    "question", [Choice("A", ("B", "")), Choice("A" * 2000, ("B",))], ids=["empty", "long"]
)
def test_a_question_that_cannot_be_asked_is_refused(question: Choice) -> None:
    with pytest.raises(ConfigError, match=r"empty|tokens"):
        HuggingFaceBackend(random_model("llama"), byte_tokenizer()).score([question])


def short_of_memory(backend: HuggingFaceBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the backend run out of memory above two questions a batch."""
    run = backend._score_batch

    def limited(asked: list[object]) -> list[tuple[float, ...]]:
        if len(asked) > 2:
            raise torch.OutOfMemoryError
        return run(asked)

    monkeypatch.setattr(backend, "_score_batch", limited)


def test_what_does_not_fit_is_halved(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = HuggingFaceBackend(random_model("llama"), byte_tokenizer())
    expected = backend.score(QUESTIONS)
    short_of_memory(backend, monkeypatch)
    found = backend.score(QUESTIONS)
    assert [one for scores in found for one in scores] == pytest.approx(
        [one for scores in expected for one in scores], abs=1e-5
    )


def test_halving_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    backend = HuggingFaceBackend(random_model("llama"), byte_tokenizer())
    short_of_memory(backend, monkeypatch)
    with caplog.at_level(logging.WARNING, logger="clika"):
        backend.score(QUESTIONS)
        backend.score(QUESTIONS * 3)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_saved_model_answers_as_in_memory(tmp_path: Path) -> None:
    loaded = load_backend(str(save_model(tmp_path / "model")), loading=Loading(threads=1))
    expected = HuggingFaceBackend(random_model("llama"), byte_tokenizer()).score(QUESTIONS)
    assert loaded.score(QUESTIONS) == expected


def test_a_gguf_file_answers_as_the_model_in_memory(tmp_path: Path) -> None:
    loaded = load_backend(str(save_gguf(tmp_path / "tiny.gguf")), loading=Loading(threads=1))
    expected = HuggingFaceBackend(random_model("llama"), byte_tokenizer()).score(QUESTIONS)
    assert loaded.score(QUESTIONS) == [pytest.approx(one, abs=1e-5) for one in expected]


def test_loading_needs_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = save_model(tmp_path / "model")

    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    load_backend(str(folder), loading=Loading(threads=1))


def test_a_path_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="There is no model at"):
        load_backend(str(tmp_path / "absent"))


def test_a_folder_without_a_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no config\.json"):
        load_backend(str(tmp_path))


def test_a_file_that_is_no_model_is_said(tmp_path: Path) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes(b"")
    with pytest.raises(ConfigError, match=r"nor a \.gguf file"):
        load_backend(str(file))


def test_damaged_weights_are_said(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model")
    (folder / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ConfigError, match="cannot be loaded"):
        load_backend(str(folder), loading=Loading(threads=1))


def test_an_unknown_backend_is_said() -> None:
    with pytest.raises(UnknownNameError, match="backend 'hugging'"):
        load_backend("x", backend="hugging")


def test_without_the_extra_its_name_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(PrerequisiteError, match=r"clika\[inference\]"):
        load_backend(str(tmp_path))


def test_an_empty_prompt_is_the_token_that_a_text_begins_with() -> None:
    model, tokenizer = random_model("llama"), byte_tokenizer()
    ((score,),) = HuggingFaceBackend(model, tokenizer).score([Choice("", ("A",))])
    assert score == pytest.approx(plain_score(model, tokenizer, "", "A"), abs=1e-4)


def test_an_empty_prompt_is_the_end_of_another_text_where_none_begins() -> None:
    model, tokenizer = random_model("llama"), byte_tokenizer(begins=False)
    ((score,),) = HuggingFaceBackend(model, tokenizer).score([Choice("", ("A",))])
    assert score == pytest.approx(plain_score(model, tokenizer, "</s>", "A"), abs=1e-4)
