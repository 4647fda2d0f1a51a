"""A stage from its beginning to what is kept of it: then its checkpoints are not needed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from clika.train.loop import train_stage
from clika.train.updates import updating

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clika.stages import Stage
    from clika.train.examples import Encoded
    from clika.train.loop import Trained, Watch

__all__ = ["trained_stage"]


@contextmanager
def trained_stage(
    model: Any,  # noqa: ANN401 - a causal language model of transformers
    examples: Sequence[Encoded],
    stage: Stage,
    *,
    seed: int,
    watch: Watch,
) -> Iterator[Trained]:
    """Train a model in place, for a block that keeps what was learnt; then forget the checkpoints.

    A process that is killed within the block, or a block that fails, leaves them: the next one goes
    on from there.

    Parameters
    ----------
    model, examples, stage, seed, watch
        As :func:`~clika.train.loop.train_stage` takes them. Within the block the model holds what
        was learnt in weights of its own.

    Raises
    ------
    ConfigError
        As of :func:`~clika.train.updates.updating`.
    TrainingError, CheckpointError, FileSystemError
        As of :func:`~clika.train.loop.train_stage`.
    """
    with updating(model, stage, seed=seed) as changing:
        done = train_stage(changing, examples, stage, seed=seed, watch=watch)
    yield done
    if watch.checkpoints is not None:
        watch.checkpoints.clear()
