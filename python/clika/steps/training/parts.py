"""What one training job made: the list that says which shards are its."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clika.errors import PrerequisiteError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from clika.regimes import Training

__all__ = ["PARTS", "Part", "current_parts", "part_name", "read_part"]

#: Folder of the lists of what each job made, within the folder of shards.
PARTS = "trained"


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one job made: the shards by their paths within the folder of shards.

    Attributes
    ----------
    training
        Digest of how the study's models came to be.
    responses, option_scores, outcomes
        Content key of each shard.
    """

    training: str
    responses: dict[str, str]
    option_scores: dict[str, str]
    outcomes: dict[str, str]


def part_name(seed: int, base: str) -> str:
    """Return the file name of what one job made."""
    return f"seed-{seed}-{base}.json"


def read_part(path: Path, *, command: str) -> Part:
    """Return what a job made.

    Raises
    ------
    PrerequisiteError
        It has not ended, or its list cannot be read.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Part)
    except (OSError, msgspec.DecodeError) as error:
        raise PrerequisiteError(
            f"{path} is not there or cannot be read.", command=command
        ) from error


def current_parts(training: Training, seed: int, shards: Path) -> Mapping[str, Part]:
    """Return by base what was made of a seed as the study now says.

    Raises
    ------
    PrerequisiteError
        The list of a job cannot be read.
    """
    found = {}
    for base in training.bases:
        path = shards / PARTS / part_name(seed, base)
        if path.is_file():
            part = read_part(path, command=f"rm {path}")
            if part.training == training.digest:
                found[base] = part
    return found
