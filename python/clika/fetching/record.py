"""``fetched.json``: what of a data set lies in a folder; its presence says that fetch finished."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from clika.errors import StaleStoreError
from clika.fetching.reading import readable
from clika.files import write_text

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from clika.fetching.sources import DataSet

__all__ = ["RECORD_NAME", "FetchRecord", "SourceKind", "describe", "read_record", "write_record"]

#: Name of the record in the data set's folder.
RECORD_NAME = "fetched.json"

SourceKind = Literal["folder", "archive", "download"]


class FetchRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of a data set is there; the same files give the same record, byte for byte.

    Attributes
    ----------
    dataset, repository, commit
        Which data set.
    manifest_sha256
        SHA-256 of the manifest that every file was checked against.
    source
        What the last files came from.
    files, files_in_manifest
        Number of files there, and of all files.
    models, models_in_manifest
        Number of models with all their files there, and of all models.
    partial_models, missing_models
        Models with some of their files there, and with none.
    missing
        Files of the manifest that are not there, in its order.
    """

    dataset: str
    repository: str
    commit: str
    manifest_sha256: str
    source: SourceKind
    files: int
    files_in_manifest: int
    models: int
    models_in_manifest: int
    partial_models: tuple[str, ...]
    missing_models: tuple[str, ...]
    missing: tuple[str, ...]


def describe(data_set: DataSet, present: AbstractSet[str], source: SourceKind) -> FetchRecord:
    """Return the record of some files.

    Parameters
    ----------
    data_set
        Which data set.
    present
        Paths of the manifest that are there with the right checksum.
    source
        What the last of them came from.
    """
    manifest = data_set.manifest
    coverage = data_set.models(present)
    return FetchRecord(
        dataset=data_set.name,
        repository=data_set.repository,
        commit=data_set.commit,
        manifest_sha256=manifest.sha256,
        source=source,
        files=len(present),
        files_in_manifest=len(manifest.sums),
        models=len(coverage.whole),
        models_in_manifest=coverage.n_models,
        partial_models=coverage.partial,
        missing_models=coverage.absent,
        missing=tuple(path for path in manifest.sums if path not in present),
    )


def read_record(folder: Path) -> FetchRecord | None:
    """Return the record in a data set's folder, ``None`` where there is none.

    Raises
    ------
    StaleStoreError
        There is one that this version of clika cannot read.
    FileSystemError
        There is one that this user cannot read.
    """
    path = folder / RECORD_NAME
    with readable(path):
        try:
            text = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
    try:
        return msgspec.json.decode(text, type=FetchRecord)
    except msgspec.DecodeError as error:
        raise StaleStoreError(
            f"{path} is no record of this version of clika ({error}). Delete it.",
            command=f"clika fetch {folder.name.rpartition('-')[0]}",
        ) from error


def write_record(folder: Path, record: FetchRecord) -> None:
    """Write the record, in one step.

    Raises
    ------
    FileSystemError
        The file system refused.
    """
    text = msgspec.json.format(msgspec.json.encode(record), indent=2).decode()
    write_text(folder / RECORD_NAME, f"{text}\n")
