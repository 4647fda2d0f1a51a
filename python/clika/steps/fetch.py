"""``clika fetch``: bring a published data set to this machine, every file of it checked."""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from clika.errors import BadInputError, PrerequisiteError, Problem, StaleStoreError
from clika.fetching.collect import Collected, Inspection, collect, inspect
from clika.fetching.download import discard, download
from clika.fetching.locate import find_source
from clika.fetching.progress import silent
from clika.fetching.reading import readable
from clika.fetching.record import FetchRecord, SourceKind, describe, read_record, write_record
from clika.fetching.sources import find_data_set
from clika.files import exclusive, refusals
from clika.steps.data import FETCH_INTO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clika.fetching.progress import Listener
    from clika.fetching.sources import DataSet

__all__ = ["FetchResult", "fetch"]


class FetchResult(NamedTuple):
    """What ``fetch`` left behind.

    Attributes
    ----------
    folder
        The data set's folder: the manifest's paths start here, ``fetched.json`` lies here.
    record
        What is there and what is missing.
    n_new
        Number of files that were not there before, or were damaged; 0 = it was already there.
    n_unlisted
        Number of files of the source that the manifest does not name; they were not copied.
    strays
        Those of them that lie in a folder of the data set.
    """

    folder: Path
    record: FetchRecord
    n_new: int
    n_unlisted: int
    strays: tuple[str, ...]


def fetch(
    dataset: str,
    *,
    source: str | Path | None = None,
    into: Path = FETCH_INTO,
    progress: Listener = silent,
) -> FetchResult:
    """Bring a published data set to ``INTO/NAME-COMMIT``, whole or in part.

    Parameters
    ----------
    dataset
        ``released`` (the outputs that the authors published) or ``bmlama``.
    source
        An unpacked copy or a folder of such, an archive (.tar.gz, .tar.xz, .tar, .zip) or a folder
        of archives, an ``http(s)`` address of an archive; ``None`` for the public archive of the
        commit. A copy may be partial: what it has is taken, the rest is reported as missing.
    into
        Folder that the data set's folder goes to; made where it is missing.
    progress
        Hears how far it is.

    Returns
    -------
    FetchResult

    Raises
    ------
    UnknownNameError
        There is no such data set.
    PrerequisiteError
        ``source`` is a path that is not there.
    BadInputError
        The source holds nothing of the data set, a file of it has the wrong checksum, it is an
        archive that is not to be trusted, or its address is refused. Nothing of it is kept.
    InterruptedDownloadError
        The download broke off; the same call goes on where it stopped.
    BusyError
        Another process fetches the same data set to the same folder.
    FileSystemError
        A file cannot be read or written. Nothing is half-written.

    Notes
    -----
    Files that an earlier call brought are checked and kept, so several partial sources add up, and
    a second call has nothing to do. A file gets its name when its checksum has been found right,
    and ``fetched.json`` comes last: where it lies, everything it names lies. A call that is killed
    leaves a partial download that the next call goes on with, in hidden files beside the folder.
    """
    data_set = find_data_set(dataset)
    origin = _resolve(source, data_set)
    folder = into / data_set.folder_name
    done = _finished(folder, data_set, progress)
    if done is not None:
        return done
    with exclusive(into / f".{data_set.folder_name}.lock", wait=False):
        state = inspect(folder, data_set, tell=progress)
        collected = Collected((), 0, ())
        if len(state.present) < len(data_set.manifest.sums):
            with _local_copy(origin, into, data_set, progress) as copy:
                collected = _bring(copy, state, folder, data_set, progress)
        present = state.present | set(collected.written)
        record = describe(data_set, present, _kind(origin))
        record = _updated(folder, record, changed=bool(collected.written))
    return FetchResult(
        folder, record, len(collected.written), collected.n_unlisted, collected.strays
    )


def _resolve(source: str | Path | None, data_set: DataSet) -> str | Path:
    """Return an address to download from, or an existing folder or file."""
    if source is None:
        return data_set.url
    if isinstance(source, str) and (scheme := re.match(r"([A-Za-z][A-Za-z0-9+.-]+)://", source)):
        if scheme[1].lower() in {"http", "https"}:
            return source
        problem = Problem(source, None, None, "only http and https addresses can be downloaded")
        raise BadInputError([problem], advice="Download it by other means and give --from PATH.")
    path = Path(source)
    with readable(path):
        there, is_file, is_folder = path.exists(), path.is_file(), path.is_dir()
    if not there:
        raise PrerequisiteError(
            f"There is no file or folder {path} to fetch {data_set.name!r} from.",
            command=f"clika fetch {data_set.name}",
        )
    if is_file:
        return path
    if not is_folder:
        problem = Problem(str(path), None, None, "neither a file nor a folder")
        raise BadInputError([problem], advice="Name an archive, or a folder.")
    found = find_source(path, data_set)
    if found is None:
        reason = f"neither a copy of the data set {data_set.name!r} nor an archive of one is in it"
        raise BadInputError(
            [Problem(str(path), None, None, reason)],
            advice=f"Name another path, or leave --from out to download from {data_set.url}.",
        )
    return found


def _finished(folder: Path, data_set: DataSet, progress: Listener) -> FetchResult | None:
    """Return the result where the whole data set is there, without writing anything."""
    record = _earlier_record(folder)
    if record is None or record.missing:
        return None
    state = inspect(folder, data_set, tell=progress)
    if record != describe(data_set, state.present, record.source):
        return None
    return FetchResult(folder, record, 0, 0, ())


def _kind(origin: str | Path) -> SourceKind:
    if isinstance(origin, str):
        return "download"
    return "folder" if origin.is_dir() else "archive"


@contextmanager
def _local_copy(
    origin: str | Path, into: Path, data_set: DataSet, progress: Listener
) -> Iterator[Path]:
    if isinstance(origin, Path):
        yield origin
        return
    archive = into / f".{data_set.folder_name}.download"
    download(origin, archive, most_bytes=data_set.limits.archive_bytes, tell=progress)
    try:
        yield archive
    except BadInputError:
        # It came whole and is no good: the next call must not find it finished.
        discard(archive)
        raise
    discard(archive)


def _bring(
    copy: Path, state: Inspection, folder: Path, data_set: DataSet, progress: Listener
) -> Collected:
    """Move what the copy has and the folder lacks to the folder, all of it or nothing."""
    staging = folder.with_name(f".{folder.name}.files")
    wanted = data_set.manifest.sums.keys() - state.present
    _clear(staging)
    try:
        collected = collect(copy, data_set, wanted, staging, tell=progress)
        _refuse_damaged(folder, state, collected)
        _move(collected.written, staging, folder)
    finally:
        _clear(staging)
    return collected


def _clear(staging: Path) -> None:
    with refusals(staging):
        if staging.exists():
            shutil.rmtree(staging)


def _refuse_damaged(folder: Path, state: Inspection, collected: Collected) -> None:
    left = [path for path in state.damaged if path not in set(collected.written)]
    if left:
        reason = "was changed after it was fetched: its checksum is another"
        raise BadInputError(
            [Problem(str(folder / path), None, None, reason) for path in left],
            advice="The source has none of these to mend them with: delete them and run again.",
        )


def _move(paths: tuple[str, ...], staging: Path, folder: Path) -> None:
    for path in paths:
        with refusals(folder / path):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (staging / path).replace(folder / path)


def _earlier_record(folder: Path) -> FetchRecord | None:
    # One that another version wrote is as good as none here: this step writes it anew.
    try:
        return read_record(folder)
    except StaleStoreError:
        return None


def _updated(folder: Path, record: FetchRecord, *, changed: bool) -> FetchRecord:
    """Write the record; where nothing changed, an earlier one stays with its word on the source."""
    earlier = _earlier_record(folder)
    if earlier is not None and not changed and replace(record, source=earlier.source) == earlier:
        return earlier
    write_record(folder, record)
    return record
