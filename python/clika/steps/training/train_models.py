"""The models of one seed: each trained from its base, once, whatever was killed before."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from clika.files import write_text
from clika.steps.training.seed_worlds import taught_cells, texts_of, what_is_read
from clika.store.shards import content_key
from clika.train.checkpoints import Checkpoints
from clika.train.examples import data_digest, encode
from clika.train.loop import Watch
from clika.train.models import Card, load_model, new_model, save_model, train_tokenizer
from clika.train.stage import trained_stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from clika.regimes import Training
    from clika.steps.training.seed_worlds import SeedWorlds
    from clika.train.loop import Progress

__all__ = ["ModelMaker", "TrainedModel"]

_IDENTITY = "training.json"


class TrainedModel(NamedTuple):
    """A model of a seed.

    Attributes
    ----------
    name
        As the study calls it.
    folder
        Where it is, as transformers loads it.
    identity
        Hash of everything that its weights are a function of.
    """

    name: str
    folder: Path
    identity: str


@dataclass
class ModelMaker:
    """Makes the models of a seed.

    Attributes
    ----------
    training
        The study's.
    worlds
        Of the seed.
    folder
        Each model gets a folder of its own in it.
    spool
        For work in progress.
    tell
        Called with the name of what is trained and where it stands.
    """

    training: Training
    worlds: SeedWorlds
    folder: Path
    spool: Path
    tell: Callable[[str, Progress], None]
    _tokenizer: Any = field(default=None, init=False)
    _made: dict[str, TrainedModel] = field(default_factory=dict, init=False)

    def make(self, name: str) -> TrainedModel:
        """Return a model, trained unless it is there; so is its base.

        Raises
        ------
        TrainingError, FileSystemError
            As :func:`~clika.train.loop.train_stage` says.
        """
        # Several models go on from one base, and what it read takes a while to digest.
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> TrainedModel:
        regime = self.training.models[name]
        if not regime.stage:
            return self._untrained(name)
        stage = self.training.stages[regime.stage]
        base = self.make(regime.base) if regime.base else None
        examples = what_is_read(self.worlds, self.training, regime)
        data, start = data_digest(examples), base.identity if base else self._random_weights()
        place = [self.training.threads, self.training.device]
        identity = content_key(start, stage.digest, data, self.worlds.seed, place)
        found = TrainedModel(name, self.folder / name, identity)
        if _identity_of(found.folder) == identity:
            return found
        model, tokenizer = self._begin(base)
        encoded = encode(tokenizer, examples, loss_on=stage.loss_on)
        kept = Checkpoints(
            self.spool / f"{name}-{identity[:16]}",
            {"recipe": stage.digest, "data": data, "seed": str(self.worlds.seed), "base": start},
        )
        watch = Watch(notify=lambda where: self.tell(name, where), checkpoints=kept)
        with trained_stage(model, encoded, stage, seed=self.worlds.seed, watch=watch) as trained:
            facts = {
                "stage": regime.stage,
                "kind": stage.kind,
                "recipe_sha256": stage.digest,
                "data_sha256": data,
                "examples": len(examples),
                "seed": self.worlds.seed,
                "threads": self.training.threads,
                "steps": trained.steps,
                "final_loss": round(trained.loss, 4),
                "identity": identity,
            }
            languages = regime.languages or tuple(regime.mixture)
            _save(model, tokenizer, found, Card(name, regime.base, languages, facts))
        return found

    def _untrained(self, name: str) -> TrainedModel:
        found = TrainedModel(name, self.folder / name, self._random_weights())
        if _identity_of(found.folder) != found.identity:
            model, tokenizer = self._begin(None)
            facts = {"seed": self.worlds.seed, "identity": found.identity}
            _save(model, tokenizer, found, Card(name, "", (), facts))
        return found

    def _random_weights(self) -> str:
        """Return a hash of everything that the random weights and the tokenizer are made from."""
        # The tokenizer reads what is taught, too: in which worlds, and between which languages.
        worlds = [self.worlds.known.digest, *(w.digest for w in self.worlds.taught.values())]
        cells = taught_cells(self.training)
        pairs = [(cell.task, cell.source, cell.target) for cell in cells]
        return content_key(
            "random weights", self.worlds.seed, self.training.shape.digest, worlds, pairs
        )

    def _begin(self, base: TrainedModel | None) -> tuple[Any, Any]:
        if base is not None:
            return load_model(base.folder, device=self.training.device)
        if self._tokenizer is None:
            self._tokenizer = train_tokenizer(
                texts_of(self.worlds, self.training), vocabulary=self.training.shape.vocabulary
            )
        tokens = len(self._tokenizer)
        model = new_model(self.training.shape, tokens=tokens, seed=self.worlds.seed)
        return model.to(self.training.device), self._tokenizer


def _save(
    model: Any,  # noqa: ANN401 - a causal language model of transformers
    tokenizer: Any,  # noqa: ANN401
    made: TrainedModel,
    card: Card,
) -> None:
    save_model(model, tokenizer, made.folder, card)
    # Written last: a model without it is trained again.
    write_text(made.folder / _IDENTITY, json.dumps(card.facts, indent=1) + "\n")


def _identity_of(folder: Path) -> str | None:
    try:
        content = json.loads((folder / _IDENTITY).read_bytes())
    except (OSError, ValueError):
        return None
    return str(content.get("identity")) if isinstance(content, dict) else None
