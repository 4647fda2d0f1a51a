"""One model, taught by the stages of a recipe and then asked; whatever was killed goes on."""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from msgspec.structs import replace

from clika.errors import ConfigError
from clika.infer.backend import Choice, Loading
from clika.infer.backends.huggingface import HuggingFaceBackend
from clika.infer.backends.loading import load_files
from clika.infer.runner import Decoding, ask, clear
from clika.infer.wording import chat_wording, plain_wording
from clika.steps.outcome_rows import OutcomeRow
from clika.store.shards import content_key
from clika.tasks.fictional_answers import fold
from clika.tasks.fictional_probes import judge
from clika.train.checkpoints import Checkpoints
from clika.train.examples import Example, data_digest, encode
from clika.train.loop import Watch
from clika.train.models import Card, is_model, save_model
from clika.train.recall import looking
from clika.train.stage import trained_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from clika.stages import Stage
    from clika.tasks.fictional_lessons import Lesson, Teaching
    from clika.tasks.fictional_probes import Probe
    from clika.train.examples import Encoded
    from clika.train.loop import Progress

__all__ = ["ModelTeaching", "fit_stages"]

#: Tokens of an answer beyond the longest right one: room for a wrong one to be seen as such.
_ROOM = 8
#: The figures of the gate that a recipe may stop at; the continents are also in the first.
_FIGURES = {
    "translate": ("place", "continent"),
    "continents": ("continent",),
    "source-0": ("source-0",),
    "source-1": ("source-1",),
    "target-0": ("target-0",),
}


def fit_stages(
    stages: Sequence[Stage], *, lessons: int, max_steps: int | None
) -> tuple[Stage, ...]:
    """Return the stages with at most so many steps each: shorter trainings, not ones cut off.

    Raises
    ------
    ConfigError
        A stage does not teach.
    """
    other = next((stage.kind for stage in stages if stage.kind != "teach"), None)
    if other is not None:
        raise ConfigError(
            f"The recipe has a stage {other}, and there is nothing to read but lessons: every "
            "stage must be of kind teach."
        )
    if max_steps is None:
        return tuple(stages)
    return tuple(
        replace(stage, epochs=min(stage.epochs, max_steps / math.ceil(lessons / stage.batch)))
        for stage in stages
    )


@dataclass(frozen=True)
class ModelTeaching:
    """How a model is taught and asked.

    Attributes
    ----------
    name
        What it is called.
    source, digest
        Its files, and the digest of what is in them.
    teaching
        What is taught.
    probes
        What is asked.
    stages
        Of the recipe.
    seed
        Of the order of the lessons, and of dropout.
    chat
        Whether a line is a turn of the model's own chat.
    loading
        How the model is brought into memory.
    spool
        Folder of folders of work in progress.
    """

    name: str
    source: Path
    digest: str
    teaching: Teaching
    probes: tuple[Probe, ...]
    stages: tuple[Stage, ...]
    seed: int
    chat: bool
    loading: Loading
    spool: Path

    @cached_property
    def data(self) -> str:
        """SHA-256, in hexadecimal, of the lessons."""
        return data_digest(Example(*lesson) for lesson in self.teaching.lessons)

    @property
    def key(self) -> str:
        """Hash of everything that the weights are a function of, but for the last digits."""
        stages = [stage.digest for stage in self.stages]
        return content_key("lessons", self.digest, stages, self.data, self.seed, self.chat)

    @property
    def facts(self) -> dict[str, object]:
        """What the weights are a function of, by name, as its card says it."""
        return {
            "model_sha256": self.digest,
            "recipe_sha256": [stage.digest for stage in self.stages],
            "data_sha256": self.data,
            "lessons": len(self.teaching.lessons),
            "seed": self.seed,
            "chat": self.chat,
        }

    @property
    def folder(self) -> Path:
        """Where checkpoints, the taught model and answers in work are."""
        return self.spool / f"{self.name}-{self.teaching.target}-{self.key[:16]}"

    @property
    def taught(self) -> Path:
        """Where the taught model is, once it is."""
        return self._after(len(self.stages))

    def _after(self, stages: int) -> Path:
        return self.folder / f"after-{stages}"

    def teach(self, tell: Callable[[str, Progress], None]) -> tuple[Any, Any]:
        """Return the taught model and its tokenizer, taught unless it is there.

        Raises
        ------
        ConfigError
            The model cannot be loaded, or its tokenizer lacks what is needed.
        TrainingError, CheckpointError, FileSystemError
            As :func:`~clika.train.loop.train_stage` says.
        """
        done = next((n for n in range(len(self.stages), 0, -1) if is_model(self._after(n))), 0)
        source = self._after(done) if done else self.source
        model, tokenizer = load_files(str(source), loading=self.loading, whole=True)
        if tokenizer.eos_token_id is None:
            raise ConfigError(f"The tokenizer of {self.source} has no token that ends a text.")
        word = self._wording(tokenizer)
        for number, stage in enumerate(self.stages[done:], start=done + 1):
            examples = self._encoded(tokenizer, self.teaching.lessons, word, loss_on=stage.loss_on)
            watch = Watch(
                look=looking(model, self._gate(tokenizer, word)),
                notify=lambda where: tell(self.name, where),
                checkpoints=self._checkpoints(number),
            )
            with trained_stage(model, examples, stage, seed=self.seed, watch=watch):
                self._save(model, tokenizer, number)
                shutil.rmtree(self._after(number - 1), ignore_errors=True)
        return model, tokenizer

    def ask(
        self,
        model: Any,  # noqa: ANN401
        tokenizer: Any,  # noqa: ANN401
        advance: Callable[[int], None],
    ) -> tuple[OutcomeRow, ...]:
        """Ask everything, and judge the answers."""
        word = self._wording(tokenizer)
        right = tokenizer([probe.answer for probe in self.probes], add_special_tokens=False)
        longest = max(map(len, right["input_ids"])) + _ROOM
        found = ask(
            lambda: HuggingFaceBackend(model, tokenizer, batch_tokens=self.loading.batch_tokens),
            [Choice(word(probe.prompt), ()) for probe in self.probes],
            decoding=Decoding(longest),
            spool=self._answers,
            progress=advance,
        )
        return tuple(
            self._row(probe, str(answer))
            for probe, answer in zip(self.probes, found.answers, strict=True)
        )

    def forget_answers(self) -> None:
        """Remove the answers in work: they are kept elsewhere."""
        clear(self._answers)

    @property
    def _answers(self) -> Path:
        asked = content_key([probe.prompt for probe in self.probes])
        return self.folder / f"answers-{asked[:16]}"

    def _row(self, probe: Probe, answer: str) -> OutcomeRow:
        judged = judge(probe, answer)
        return OutcomeRow(
            question_set=probe.question_set,
            item=probe.item,
            cluster=probe.cluster,
            answered=judged.answered,
            is_right=judged.is_right,
            is_identical=probe.cluster in self._identical,
            is_ambiguous=probe.question_set != "continent"
            and probe.item in self.teaching.elsewhere,
            response=answer.strip(),
        )

    @property
    def _identical(self) -> frozenset[int]:
        """Continents that have one name in both languages."""
        names: dict[int, set[str]] = {}
        for probe in self.probes:
            if probe.about is not None:
                names.setdefault(probe.cluster, set()).add(fold(probe.wanted))
        return frozenset(number for number, found in names.items() if len(found) == 1)

    def _wording(self, tokenizer: Any) -> Callable[[str], str]:  # noqa: ANN401
        return chat_wording(tokenizer) if self.chat else plain_wording

    def _checkpoints(self, number: int) -> Checkpoints:
        stage = self.stages[number - 1]
        return Checkpoints(
            self.folder / f"stage-{number}",
            {"recipe": stage.digest, "data": self.data, "base": self.digest},
        )

    def _encoded(
        self,
        tokenizer: Any,  # noqa: ANN401
        lines: Sequence[Lesson | Probe],
        word: Callable[[str], str],
        *,
        loss_on: Literal["answer", "all"] = "answer",
    ) -> list[Encoded]:
        examples = [Example(word(line.prompt), line.answer) for line in lines]
        return encode(tokenizer, examples, loss_on=loss_on)

    def _gate(
        self,
        tokenizer: Any,  # noqa: ANN401
        word: Callable[[str], str],
    ) -> dict[str, list[Encoded]]:
        """Return what the gate asks, by figure."""
        return {
            figure: self._encoded(
                tokenizer, [probe for probe in self.probes if probe.question_set in sets], word
            )
            for figure, sets in _FIGURES.items()
        }

    def _save(self, model: Any, tokenizer: Any, number: int) -> None:  # noqa: ANN401
        facts = {
            **self.facts,
            "recipe_sha256": [stage.digest for stage in self.stages[:number]],
        }
        languages = (self.teaching.source, self.teaching.target)
        card = Card(self.name, self.source.name, languages, facts)
        save_model(model, tokenizer, self._after(number), card)
