"""Checkpoints: everything that a stage needs to go on, in a folder that appears at once."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from clika.errors import CheckpointError
from clika.files import refusal, refusals, sync

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import torch

__all__ = ["Checkpoints", "State", "full_disk"]

_NAME = re.compile(r"^step-(?P<step>\d+)$")
_KEPT = 2


class State(NamedTuple):
    """What is kept.

    Attributes
    ----------
    step
        Steps done.
    weights, optimizer
        Tensors by name: those that are trained, and what the optimizer remembers of them.
    """

    step: int
    weights: Mapping[str, torch.Tensor]
    optimizer: Mapping[str, torch.Tensor]


class Checkpoints(NamedTuple):
    """The checkpoints of one stage of one training.

    Attributes
    ----------
    folder
        Where they are; nothing else is there.
    identity
        What the training is: digests of recipe, data, seed and the weights it began with.
    """

    folder: Path
    identity: Mapping[str, str]

    def save(self, state: State) -> None:
        """Keep a state; the newest two stay.

        Raises
        ------
        FileSystemError
            The disk is full or the folder is read-only; the earlier checkpoints are as they were.
        """
        from safetensors.torch import save_file

        aside = self.folder / f".step-{state.step}.tmp"
        with refusals(self.folder):
            # What a killed process left; one trains at a time.
            for left in self.folder.glob(".step-*.tmp"):
                shutil.rmtree(left)
            aside.mkdir(parents=True)
            try:
                with full_disk(self.folder):
                    save_file({**state.weights}, aside / "weights.safetensors")
                    save_file({**state.optimizer}, aside / "optimizer.safetensors")
                note = {"step": state.step, **self.identity}
                (aside / "state.json").write_text(json.dumps(note, indent=1), encoding="utf-8")
                for path in aside.iterdir():
                    sync(path)
                final = self.folder / f"step-{state.step}"
                shutil.rmtree(final, ignore_errors=True)
                aside.rename(final)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
            for step in self._steps()[:-_KEPT]:
                shutil.rmtree(self.folder / f"step-{step}")

    def newest(self) -> State | None:
        """Return the newest state, ``None`` where there is none.

        Raises
        ------
        CheckpointError
            It is of another training, or cannot be read.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        steps = self._steps()
        if not steps:
            return None
        path = self.folder / f"step-{steps[-1]}"
        try:
            note: dict[str, Any] = json.loads((path / "state.json").read_bytes())
            step = int(note["step"])
            self._compare(path, note)
            weights = load_file(path / "weights.safetensors")
            optimizer = load_file(path / "optimizer.safetensors")
        except (OSError, ValueError, KeyError, TypeError, RecursionError, SafetensorError) as error:
            raise CheckpointError(
                f"{path} cannot be read ({error}). Remove it to go on from the one before."
            ) from error
        return State(step, weights, optimizer)

    def clear(self) -> None:
        """Remove all of them: the stage is done."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _steps(self) -> list[int]:
        if not self.folder.is_dir():
            return []
        found = (_NAME.match(path.name) for path in self.folder.iterdir())
        return sorted(int(match["step"]) for match in found if match)

    def _compare(self, path: Path, note: Mapping[str, object]) -> None:
        other = [name for name, value in self.identity.items() if note.get(name) != value]
        if other:
            raise CheckpointError(
                f"{path} is of another training: its {' and '.join(other)} differ. Remove "
                f"{self.folder} to begin anew, or choose another folder."
            )


@contextmanager
def full_disk(path: Path) -> Iterator[None]:
    """Turn a refusal that a library reports inside the block into a sentence about ``path``.

    Raises
    ------
    FileSystemError
        The disk is full, and the like.
    """
    try:
        yield
    except Exception as error:
        # Safetensors and tokenizers hide the number of the operating system's error, not its
        # message; tokenizers raises the bare class.
        sentence = refusal(path, message=str(error))
        if sentence is None:
            raise
        raise sentence from error
