"""One stage of training: a plain loop over steps that a seed decides, checked, kept and resumed."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from clika.errors import CheckpointError, TrainingError
from clika.lm.memory import free_memory, is_out_of_memory
from clika.train.batches import lay_out, members, total_steps
from clika.train.checkpoints import State
from clika.train.forward import check_packing, learnt_logits
from clika.train.memory import too_small

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    import torch

    from clika.stages import Stage
    from clika.train.batches import Rows
    from clika.train.checkpoints import Checkpoints
    from clika.train.examples import Encoded

__all__ = ["Progress", "Trained", "Watch", "train_stage"]

_FINAL_RATE = 0.05
_BETA1 = 0.9
_SECONDS_BETWEEN_NOTES = 1.0


class Progress(NamedTuple):
    """Where a stage stands.

    Attributes
    ----------
    step, steps
        Done, and to do at most.
    loss
        Mean over the learnt tokens of the last step, in nats.
    seconds_left
        At the pace so far, at most.
    figures
        Shares of the last look, by name; empty before the first.
    note
        A sentence about something else; empty for none.
    """

    step: int
    steps: int
    loss: float
    seconds_left: float
    figures: Mapping[str, float]
    note: str = ""


@dataclass(frozen=True)
class Watch:
    """Who looks on, and what is kept.

    Attributes
    ----------
    look
        Shares by name of what the model knows; asked where the stage says when to stop.
    notify
        Called about once a second, and at the end.
    checkpoints
        ``None`` keeps none.
    """

    look: Callable[[], Mapping[str, float]] | None = None
    notify: Callable[[Progress], None] | None = None
    checkpoints: Checkpoints | None = None


class Trained(NamedTuple):
    """What a stage did.

    Attributes
    ----------
    steps
        Steps done, those of an earlier process included.
    loss
        Of the last step.
    figures
        Of the last look.
    tokens, seconds
        Tokens that this process trained on, padding left out, and its wall time.
    """

    steps: int
    loss: float
    figures: Mapping[str, float]
    tokens: int
    seconds: float


def train_stage(
    model: Any,  # noqa: ANN401 - a causal language model of transformers
    examples: Sequence[Encoded],
    stage: Stage,
    *,
    seed: int,
    watch: Watch | None = None,
) -> Trained:
    """Train a model, in place.

    Parameters
    ----------
    model
        A causal language model of transformers; what requires no gradient stays as it is.
    examples
        At least one.
    stage
        What to do.
    seed
        Of the order of the examples and of dropout; not negative.
    watch
        Who looks on, and what is kept.

    Returns
    -------
    Trained

    Raises
    ------
    ConfigError
        The rows are packed, and the model does not keep the texts of a row apart.
    TrainingError
        Loss or gradient is not a number, or one row of a step does not fit into the device's
        memory. The last checkpoint stays.
    CheckpointError
        The checkpoints are of another training, or cannot be read.
    FileSystemError
        A checkpoint cannot be written.

    Notes
    -----
    On a CPU the weights are a function of model, examples, stage, seed and the number of threads:
    a training that was killed and went on from a checkpoint ends in the same bytes.
    """
    if stage.row_tokens:
        check_packing(model)
    loop = _Loop(model, examples, stage, seed, watch or Watch())
    with loop.frozen_output():
        return loop.run()


@dataclass
class _Loop:
    model: Any
    examples: Sequence[Encoded]
    stage: Stage
    seed: int
    watch: Watch
    figures: Mapping[str, float] = field(default_factory=dict)
    tokens: int = 0
    #: Rows to one pass; smaller once the device's memory was too small.
    rows: int = 1 << 30

    def run(self) -> Trained:
        stage, start = self.stage, time.monotonic()
        self.steps = total_steps(len(self.examples), batch=stage.batch, epochs=stage.epochs)
        self.trained = {n: p for n, p in self.model.named_parameters() if p.requires_grad}
        self.optimizer = self._optimizer()
        step = began = self._resume()
        loss, told = math.nan, start
        self.model.train()
        while step < self.steps:
            loss = self._step(step)
            step += 1
            now = time.monotonic()
            if now - told > _SECONDS_BETWEEN_NOTES:
                left = (now - start) / (step - began) * (self.steps - step)
                self._tell(Progress(step, self.steps, loss, left, self.figures))
                told = now
            if self._knows_enough(step):
                break
            if step % stage.checkpoint_every == 0 and step < self.steps:
                self._save(step)
        self.model.eval()
        self._tell(Progress(step, step, loss, 0, self.figures))
        return Trained(step, loss, self.figures, self.tokens, time.monotonic() - start)

    def _optimizer(self) -> torch.optim.AdamW:
        import torch

        stage = self.stage
        return torch.optim.AdamW(
            self.trained.values(),
            lr=stage.learning_rate,
            betas=(_BETA1, stage.beta2),
            weight_decay=stage.weight_decay,
            fused=True,
        )

    def _step(self, step: int) -> float:
        """Do one step and return its loss."""
        import torch

        stage = self.stage
        chosen = members(step, len(self.examples), batch=stage.batch, seed=self.seed)
        rows = lay_out([self.examples[place] for place in chosen], row_tokens=stage.row_tokens)
        loss = self._gradients(step, rows)
        norm = float(torch.nn.utils.clip_grad_norm_(self.trained.values(), stage.clip))
        for name, value in (("loss", loss), ("gradient", norm)):
            if not math.isfinite(value):
                raise TrainingError(
                    f"The {name} is not a number at step {step + 1} of {self.steps}. What was kept "
                    f"before is as it was. Lower the learning rate ({stage.learning_rate:g}), or "
                    "choose float32."
                )
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate(step)
        try:
            self.optimizer.step()
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            raise too_small("What the optimizer remembers of the weights", self.model) from error
        self.tokens += int((rows.segments >= 0).sum())
        return loss

    def _gradients(self, step: int, rows: Rows) -> float:
        """Compute the gradients of a step and return its loss; halve the rows until they fit."""
        import torch

        # Of the step, not of what was drawn before it: nothing of dropout need be kept.
        drawn = int(np.random.SeedSequence([self.seed, step]).generate_state(1)[0])
        while True:
            self.optimizer.zero_grad(set_to_none=True)
            torch.manual_seed(drawn)
            try:
                return self._accumulate(rows)
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                if min(self.rows, len(rows.ids)) == 1:
                    raise too_small(f"One row of step {step + 1}", self.model) from error
            # What the failed pass held is free only now that its error is gone.
            self._halve(step, len(rows.ids))

    def _accumulate(self, rows: Rows) -> float:
        """Add up the gradients of a step, and return its mean loss."""
        import torch

        learnt = int((rows.following >= 0).sum())
        total = 0.0
        for first in range(0, len(rows.ids), self.rows):
            with self._precision():
                found = learnt_logits(
                    self.model,
                    rows.part(first, first + self.rows),
                    packed=self.stage.row_tokens > 0,
                )
                loss = (
                    torch.nn.functional.cross_entropy(
                        found.logits.float(), found.following, reduction="sum"
                    )
                    / learnt
                )
            loss.backward()
            total += float(loss.detach())
        return total

    def _halve(self, step: int, rows: int) -> None:
        self.rows = min(self.rows, rows) // 2
        free_memory(self.model)
        self._tell(
            Progress(
                step,
                self.steps,
                math.nan,
                math.nan,
                self.figures,
                f"Out of memory on {self.model.device}: {self.rows} rows to a pass now; a step "
                f"still has {self.stage.batch} examples.",
            )
        )

    @property
    def _in_half(self) -> bool:
        """Whether layers compute in bfloat16."""
        import torch

        if self.stage.precision != "auto":
            return self.stage.precision == "bfloat16"
        return self.model.device.type == "cuda" and bool(torch.cuda.is_bf16_supported())

    def _precision(self) -> AbstractContextManager[object]:
        import torch

        if not self._in_half:
            return nullcontext()
        cast: AbstractContextManager[object] = torch.autocast(
            self.model.device.type, dtype=torch.bfloat16
        )
        return cast

    @contextmanager
    def frozen_output(self) -> Iterator[None]:
        """Keep an output layer that is not trained in bfloat16, where layers compute in it.

        It would be cast at every pass, and with a large vocabulary it is most of the weights.
        """
        import torch

        head = self.model.get_output_embeddings()
        if not self._in_half or head is None or head.weight.requires_grad:
            yield
            return
        whole = head.weight
        head.weight = torch.nn.Parameter(whole.to(torch.bfloat16), requires_grad=False)
        try:
            yield
        finally:
            head.weight = whole

    def _rate(self, step: int) -> float:
        """Return the learning rate of a 0-based step."""
        stage = self.stage
        warm = max(1, round(stage.warmup * self.steps))
        if step < warm:
            return stage.learning_rate * (step + 1) / warm
        done = (step - warm) / max(1, self.steps - warm)
        falls = {"cosine": (1 + math.cos(math.pi * done)) / 2, "linear": 1 - done, "constant": 1.0}
        return stage.learning_rate * (_FINAL_RATE + (1 - _FINAL_RATE) * falls[stage.schedule])

    def _knows_enough(self, step: int) -> bool:
        stop = self.stage.stop
        if stop is None or self.watch.look is None or step % stop.every:
            return False
        with self._precision():
            self.figures = self.watch.look()
        return bool(self.figures) and all(share >= stop.share for share in self.figures.values())

    def _tell(self, progress: Progress) -> None:
        if self.watch.notify is not None:
            self.watch.notify(progress)

    def _save(self, step: int) -> None:
        if self.watch.checkpoints is None:
            return
        remembered = {
            f"{name}/{key}": value.detach()
            for name, weight in self.trained.items()
            for key, value in self.optimizer.state[weight].items()
        }
        weights = {name: weight.detach() for name, weight in self.trained.items()}
        self.watch.checkpoints.save(State(step, weights, remembered))

    def _resume(self) -> int:
        """Go on from the newest checkpoint; return how many steps it has done."""
        import torch

        checkpoints = self.watch.checkpoints
        kept = None if checkpoints is None else checkpoints.newest()
        if checkpoints is None or kept is None:
            return 0
        if kept.weights.keys() != self.trained.keys():
            raise CheckpointError(
                f"{checkpoints.folder} has other weights than are trained here. Remove "
                "it to begin anew."
            )
        with torch.no_grad():
            for name, weight in self.trained.items():
                weight.copy_(kept.weights[name])
                prefix = f"{name}/"
                self.optimizer.state[weight] = {
                    # A copy: the tensor itself is the file, which is to be removed.
                    key.removeprefix(prefix): value.to(weight.device, copy=True)
                    for key, value in kept.optimizer.items()
                    if key.startswith(prefix)
                }
        return kept.step
