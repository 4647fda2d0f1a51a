"""Conductivity of the models of one seed: taught, then asked, cell by cell."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clika.errors import ConfigError
from clika.files import write_text
from clika.infer.backends.huggingface import HuggingFaceBackend
from clika.regimes import NEGATIVE, TAUGHT_OPTIONS
from clika.steps.outcome_rows import OutcomeRow
from clika.steps.training.seed_worlds import what_is_taught
from clika.store.shards import content_key
from clika.tasks.worlds.controls import shared_name_tokens
from clika.tasks.worlds.probes import answered_right, named_continent, probes
from clika.train.checkpoints import Checkpoints
from clika.train.examples import Example, data_digest, encode
from clika.train.loop import Watch
from clika.train.models import load_model
from clika.train.recall import looking
from clika.train.stage import trained_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from clika.regimes import Training
    from clika.steps.training.seed_worlds import Cell, SeedWorlds
    from clika.steps.training.train_models import TrainedModel
    from clika.tasks.worlds.probes import Probe, Test
    from clika.tasks.worlds.world import World
    from clika.train.examples import Encoded
    from clika.train.loop import Progress

__all__ = ["Teacher"]

#: What the gate asks, and what each test is called in the store.
_SETS: dict[Test, str] = {
    "translate": "place",
    "continents": "continent",
    "source-0": "source-0",
    "source-1": "source-1",
    "target-0": "target-0",
    "target-1": "target-1",
}
_TESTED = "target-1"
#: Tokens of an answer beyond the longest right one: room for a wrong one to be seen as such.
_ROOM = 4


@dataclass(frozen=True)
class Teacher:
    """Teaches and asks.

    Attributes
    ----------
    training
        The study's.
    worlds
        Of the seed.
    spool
        For work in progress and for cells that are done.
    tell
        Called with the name of what is taught and where it stands.
    """

    training: Training
    worlds: SeedWorlds
    spool: Path
    tell: Callable[[str, Progress], None]

    def outcomes(self, cell: Cell, model: TrainedModel) -> tuple[OutcomeRow, ...]:
        """Return what the model answers after it was taught, as it was kept or anew.

        Raises
        ------
        TrainingError, FileSystemError
            As :func:`~clika.train.loop.train_stage` says.
        ConfigError
            Names of the negative control share a token.
        """
        stage = self.training.stages[cell.stage]
        lines, world = what_is_taught(self.worlds, cell), self.worlds.taught[cell.task]
        data = data_digest(lines)
        asked = probes(world, cell.source, cell.target, options=TAUGHT_OPTIONS)
        place = [self.training.threads, self.training.device]
        key = content_key(model.identity, stage.digest, data, asked, self.worlds.seed, place)
        done = self.spool / f"{cell.name.replace(' ', '--')}.json"
        kept = _read(done, key)
        if kept is not None:
            return kept
        network, tokenizer = load_model(model.folder, device=self.training.device)
        if cell.task == NEGATIVE:
            _refuse_shared_tokens(world, (cell.source, cell.target), tokenizer)
        tested: dict[Test, list[Example]] = defaultdict(list)
        for probe in asked:
            tested[probe.test].append(Example(probe.prompt, f" {probe.answer}"))
        gate: dict[str, Sequence[Encoded]] = {
            name: encode(tokenizer, examples)
            for name, examples in tested.items()
            if name != _TESTED
        }
        checkpoints = Checkpoints(
            self.spool / f"{done.stem}-{key[:16]}",
            {"recipe": stage.digest, "data": data, "model": model.identity},
        )
        watch = Watch(
            look=looking(network, gate),
            notify=lambda where: self.tell(cell.name, where),
            checkpoints=checkpoints,
        )
        encoded = encode(tokenizer, lines)
        with trained_stage(network, encoded, stage, seed=self.worlds.seed, watch=watch):
            rows = _ask(network, tokenizer, world, (cell.source, cell.target), asked)
            write_text(done, json.dumps({"key": key, "rows": rows}, ensure_ascii=False) + "\n")
        return rows


def _refuse_shared_tokens(
    world: World,
    pair: tuple[str, str],
    tokenizer: Any,  # noqa: ANN401 - a tokenizer of transformers
) -> None:
    """Refuse a negative control in which a name of one language helps with one of the other."""

    def tokens(name: str) -> list[int]:
        # As a text begins with it, and within a sentence.
        return [token for text in (name, f" {name}") for token in tokenizer(text)["input_ids"]]

    shared = shared_name_tokens(world, *pair, tokens)
    if shared:
        raise ConfigError(
            f"The negative control is none: names in {pair[0]} and {pair[1]} share {len(shared)} "
            "tokens. Take two languages of other scripts, or more vocabulary."
        )


def _ask(
    model: Any,  # noqa: ANN401 - a causal language model of transformers
    tokenizer: Any,  # noqa: ANN401
    world: World,
    pair: tuple[str, str],
    asked: Sequence[Probe],
) -> tuple[OutcomeRow, ...]:
    """Ask everything and judge the answers."""
    right = tokenizer([f" {probe.answer}" for probe in asked], add_special_tokens=False)
    longest = max(map(len, right["input_ids"])) + _ROOM
    texts = HuggingFaceBackend(model, tokenizer).generate(
        [probe.prompt for probe in asked], longest=longest
    )
    identical = world.identical_continents(*pair)
    rows = []
    for probe, text in zip(asked, texts, strict=True):
        of_continent = probe.test == "continents"
        continent = probe.item if of_continent else world.subjects[probe.item].continent
        rows.append(
            OutcomeRow(
                question_set=_SETS[probe.test],
                item=probe.item,
                cluster=continent,
                answered=named_continent(world, probe, text),
                is_right=answered_right(world, probe, text),
                is_identical=identical[continent],
                is_ambiguous=False,
                response=text.strip(),
            )
        )
    return tuple(rows)


def _read(path: Path, key: str) -> tuple[OutcomeRow, ...] | None:
    """Return the rows of a cell that was done before; ``None`` where there are none of that key."""
    try:
        content: Mapping[str, Any] = json.loads(path.read_bytes())
        if content["key"] != key:
            return None
        return tuple(OutcomeRow(*row) for row in content["rows"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
