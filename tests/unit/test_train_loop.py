"""The loop: it learns, repeats itself to the byte, goes on where it stopped."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
import torch
from made_models import random_model
from made_training import STAGE, encoded, tiny_model, train_tiny, weight_bytes, weights
from msgspec.structs import replace

from clika.errors import CheckpointError, ConfigError, TrainingError
from clika.stages import Lora, Stop
from clika.train.checkpoints import Checkpoints
from clika.train.loop import Progress, Watch
from clika.train.recall import recall
from clika.train.updates import updating

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from transformers import PreTrainedModel

IDENTITY = {"recipe": STAGE.digest, "data": "d"}
DROPOUT = replace(STAGE, lora=Lora(4, 8, dropout=0.3))


class BrokenOffError(Exception):
    """A stop that nobody sees coming."""


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def after(steps: int) -> Callable[[], Mapping[str, float]]:
    """Return a look that breaks off at its n-th call."""
    calls = iter(range(1, steps + 1))

    def look() -> Mapping[str, float]:
        if next(calls) == steps:
            raise BrokenOffError
        return {"seen": 0.0}

    return look


def lora_bytes(stage, watch: Watch | None = None) -> Mapping[str, bytes]:
    """Train low-rank updates and return all weights."""
    model = tiny_model()
    with updating(model, stage, seed=3):
        train_tiny(stage, model=model, watch=watch)
    return weight_bytes(model)


def test_a_training_learns_its_lines() -> None:
    model, trained = train_tiny(replace(STAGE, epochs=60, learning_rate=5e-3, row_tokens=40))
    assert trained.steps == 180
    assert trained.loss < 0.1
    assert recall(model, encoded()) == 1


def test_a_model_that_learnt_nothing_recalls_nothing() -> None:
    assert recall(tiny_model(), encoded()) == 0


def test_the_same_training_twice_ends_in_the_same_bytes() -> None:
    first, second = train_tiny()[0], train_tiny()[0]
    assert weight_bytes(first) == weight_bytes(second)


def test_another_seed_sees_another_order() -> None:
    first, second = train_tiny()[0], train_tiny(seed=1)[0]
    assert weight_bytes(first) != weight_bytes(second)


def test_packed_and_padded_rows_teach_the_same() -> None:
    padded, packed = weights(train_tiny()[0]), weights(train_tiny(replace(STAGE, row_tokens=64))[0])
    for name, weight in padded.items():
        torch.testing.assert_close(packed[name], weight, atol=2e-4, rtol=0)


def test_tokens_are_counted_without_padding() -> None:
    _, trained = train_tiny(replace(STAGE, epochs=1))
    assert trained.tokens == sum(len(example.ids) for example in encoded())


@pytest.mark.parametrize("schedule", ["cosine", "linear", "constant"])
def test_the_learning_rate_rises_and_then_is_as_its_schedule(
    schedule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = []
    plain = torch.optim.AdamW.step

    def step(optimizer: torch.optim.AdamW, *arguments: object) -> object:
        rates.append(optimizer.param_groups[0]["lr"])
        return plain(optimizer, *arguments)

    monkeypatch.setattr(torch.optim.AdamW, "step", step)
    train_tiny(replace(STAGE, warmup=0.25, schedule=schedule, learning_rate=1.0, epochs=4))
    assert rates[:4] == pytest.approx([1 / 3, 2 / 3, 1, 1])
    ends = {"cosine": 0.05 + 0.95 * (1 + math.cos(math.pi * 8 / 9)) / 2, "linear": 0.05 + 0.95 / 9}
    assert rates[-1] == pytest.approx(ends.get(schedule, 1.0))
    assert rates == sorted(rates[:3]) + sorted(rates[3:], reverse=True)


@pytest.mark.parametrize("breaks_at", [3, 5, 12])
def test_a_training_that_broke_off_ends_in_the_bytes_of_one_that_ran_through(
    breaks_at: int, tmp_path: Path
) -> None:
    stage = replace(STAGE, stop=Stop(every=1, share=1.0))
    kept = Checkpoints(tmp_path, IDENTITY)
    whole, _ = train_tiny(stage)
    with pytest.raises(BrokenOffError):
        train_tiny(stage, watch=Watch(look=after(breaks_at), checkpoints=kept))
    resumed, trained = train_tiny(stage, watch=Watch(checkpoints=kept))
    assert trained.steps == 12
    assert trained.tokens < train_tiny(stage)[1].tokens
    assert weight_bytes(resumed) == weight_bytes(whole)


def test_dropout_too_is_the_same_after_a_break(tmp_path: Path) -> None:
    stage = replace(DROPOUT, stop=Stop(every=1, share=1.0))
    kept = Checkpoints(tmp_path, IDENTITY)
    with pytest.raises(BrokenOffError):
        lora_bytes(stage, Watch(look=after(5), checkpoints=kept))
    assert lora_bytes(stage, Watch(checkpoints=kept)) == lora_bytes(stage)


def test_dropout_draws_anew_at_each_step() -> None:
    assert lora_bytes(DROPOUT) != lora_bytes(replace(STAGE, lora=Lora(4, 8)))


class Narrow(torch.nn.Module):
    """A model on a device whose memory holds a few rows."""

    def __init__(self, model: PreTrainedModel, rows: int) -> None:
        super().__init__()
        self.model, self.rows, self.device = model, rows, model.device

    def forward(self, input_ids: torch.Tensor, **given: object) -> object:
        if len(input_ids) > self.rows:
            raise torch.OutOfMemoryError
        return self.model(input_ids=input_ids, **given)

    def get_output_embeddings(self) -> torch.nn.Module:
        return self.model.get_output_embeddings()


def train_narrow(rows: int) -> tuple[PreTrainedModel, list[Progress]]:
    told: list[Progress] = []
    model = tiny_model()
    train_tiny(model=Narrow(model, rows), watch=Watch(notify=told.append))
    return model, told


def test_a_device_too_small_for_a_step_takes_it_in_parts() -> None:
    whole, parts = weights(train_tiny()[0]), weights(train_narrow(3)[0])
    for name, weight in whole.items():
        torch.testing.assert_close(parts[name], weight, atol=2e-4, rtol=0)


def test_a_device_too_small_is_said_once_for_each_halving() -> None:
    notes = [progress.note for progress in train_narrow(3)[1] if progress.note]
    assert notes == [
        f"Out of memory on cpu: {rows} rows to a pass now; a step still has 8 examples."
        for rows in (4, 2)
    ]


def test_a_device_too_small_for_one_row_ends_in_a_sentence() -> None:
    with pytest.raises(TrainingError, match=r"One row of step 1: it does not fit into the memory"):
        train_narrow(0)


def test_no_memory_for_the_optimizer_ends_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def step(*_: object) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(torch.optim.AdamW, "step", step)
    with pytest.raises(TrainingError, match="What the optimizer remembers of the weights: it does"):
        train_tiny()


def test_another_error_of_the_device_is_not_taken_for_memory() -> None:
    model = tiny_model()
    model.register_forward_pre_hook(lambda *_: (_ for _ in ()).throw(RuntimeError("shapes")))
    with pytest.raises(RuntimeError, match="shapes"):
        train_tiny(model=model)


@pytest.mark.parametrize("spoilt", ["loss", "gradient"])
def test_a_number_that_is_none_ends_it_and_the_last_checkpoint_stays(
    spoilt: str, tmp_path: Path
) -> None:
    model = tiny_model()
    kept = Checkpoints(tmp_path, IDENTITY)
    passes = iter(range(100))

    def spoil(_: object, grad: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
        return (grad[0] * math.nan,) if next(passes) == 4 else grad

    def spoil_output(_: object, __: object, output: torch.Tensor) -> torch.Tensor:
        return output * math.nan if next(passes) == 4 else output

    if spoilt == "loss":
        model.model.norm.register_forward_hook(spoil_output)
    else:
        model.lm_head.register_full_backward_pre_hook(spoil)
    with pytest.raises(TrainingError) as caught:
        train_tiny(model=model, watch=Watch(checkpoints=kept))
    assert str(caught.value).startswith(f"The {spoilt} is not a number at step 5 of 12.")
    state = kept.newest()
    assert state is not None
    assert state.step == 4
    assert all(weight.isfinite().all() for weight in state.weights.values())


def test_it_stops_once_everything_is_known() -> None:
    shares = iter([{"a": 0.9, "b": 0.2}, {"a": 0.9, "b": 0.9}])
    _, trained = train_tiny(
        replace(STAGE, stop=Stop(every=2, share=0.9)), watch=Watch(look=lambda: next(shares))
    )
    assert (trained.steps, trained.figures) == (4, {"a": 0.9, "b": 0.9})


def test_it_runs_to_the_end_where_the_stage_does_not_say_when_to_stop() -> None:
    _, trained = train_tiny(watch=Watch(look=lambda: {"a": 1.0}))
    assert trained.steps == 12


def test_the_end_is_told() -> None:
    told: list[Progress] = []
    _, trained = train_tiny(watch=Watch(notify=told.append))
    assert (told[-1].step, told[-1].steps, told[-1].seconds_left) == (12, 12, 0)
    assert told[-1].loss == trained.loss


def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    train_broken(tmp_path)
    other = Checkpoints(tmp_path, {**IDENTITY, "recipe": "other"})
    with pytest.raises(CheckpointError, match="step-4 is of another training: its recipe differ"):
        train_tiny(watch=Watch(checkpoints=other))


def test_a_checkpoint_of_other_weights_is_refused(tmp_path: Path) -> None:
    train_broken(tmp_path)
    model = tiny_model()
    model.get_input_embeddings().weight.requires_grad_(requires_grad=False)
    with pytest.raises(CheckpointError, match="has other weights than are trained here"):
        train_tiny(model=model, watch=Watch(checkpoints=Checkpoints(tmp_path, IDENTITY)))


def train_broken(folder: Path) -> None:
    """Leave the checkpoints of steps 2 and 4."""
    stage = replace(STAGE, stop=Stop(every=1, share=1.0))
    watch = Watch(look=after(5), checkpoints=Checkpoints(folder, IDENTITY))
    with pytest.raises(BrokenOffError):
        train_tiny(stage, watch=watch)


def test_rows_are_not_packed_for_a_model_that_does_not_keep_them_apart() -> None:
    with pytest.raises(ConfigError, match="set row_tokens to 0"):
        train_tiny(replace(STAGE, row_tokens=64), model=random_model("bloom"))
