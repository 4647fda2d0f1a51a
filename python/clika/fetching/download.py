"""Downloading one file over HTTP so that a broken download goes on where it stopped."""

from __future__ import annotations

import hashlib
import re
import time
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import requests
import urllib3.exceptions

from clika.errors import BadInputError, FileSystemError, InterruptedDownloadError, Problem
from clika.fetching.progress import Progress, silent
from clika.files import refusals, sync, write_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from clika.fetching.progress import Listener

__all__ = ["discard", "download", "shown_url"]

#: Tries in a row that bring no byte further than an earlier one did.
_FRUITLESS_TRIES = 4
#: Seconds to connect, and between two blocks.
_TIMEOUTS = (15.0, 60.0)
_LONGEST_PAUSE = 60.0
_BLOCK_BYTES = 64 << 10
_WORTH_ANOTHER_TRY = {408, 425, 429, 500, 502, 503, 504}
_OK, _PARTIAL, _PAST_THE_END = 200, 206, 416


class _Note(msgspec.Struct, frozen=True):
    """What a partial download is a part of, kept beside it.

    ``validator`` is a strong ETag or a date, by which the server tells whether its file is still
    the same; ``None`` where it gave neither, and then the download starts anew.
    """

    url_sha256: str
    validator: str | None


class _Interrupted(Exception):  # noqa: N818 - not an error yet: it is tried again
    """One try ended early; another may go on from what is there."""

    def __init__(self, reason: str, *, pause: float | None = None) -> None:
        self.reason, self.pause = reason, pause
        super().__init__(reason)


class _Range(NamedTuple):
    first: int | None
    total: int | None


def download(
    url: str,
    to: Path,
    *,
    most_bytes: int,
    tell: Listener = silent,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Bring one file; after a broken connection, a kill or a restart, go on where it stopped.

    Parameters
    ----------
    url
        ``http`` or ``https``.
    to
        Where the finished file goes. ``TO.part`` and ``TO.json`` beside it are the download in
        progress. A finished file of the same ``url`` is not brought again.
    most_bytes
        More is not a file of this kind.
    tell
        Hears of every block.
    pause
        Waits some seconds between two tries.

    Raises
    ------
    InterruptedDownloadError
        The server cannot be reached, or closes the connection again and again without one byte
        more. What came is kept.
    BadInputError
        The server says that there is no such file, or it is too large. Nothing is kept.
    FileSystemError
        It cannot be written. Nothing is kept.

    Notes
    -----
    A part is continued only when the server vouches that its file is still the one that the part
    came from (``If-Range`` with a strong ETag or a date), and sends the range that was asked for;
    in every other case the download starts anew. The bytes are stored as they are sent, without
    undoing a ``Content-Encoding``.
    """
    identity = hashlib.sha256(url.encode()).hexdigest()
    note = _read_note(to)
    if note is None or note.url_sha256 != identity:
        discard(to)
    elif to.exists():
        return
    try:
        with requests.Session() as session:
            _persist(_Try(session, url, identity, to, most_bytes, tell), pause)
        with refusals(to):
            sync(_part(to))
            _part(to).replace(to)
    except (BadInputError, FileSystemError):
        discard(to)
        raise


def discard(to: Path) -> None:
    """Remove a download, finished or in progress.

    Raises
    ------
    FileSystemError
        The file system refused.
    """
    with refusals(to):
        for path in (to, _part(to), _note(to)):
            path.unlink(missing_ok=True)


def shown_url(url: str) -> str:
    """Return an address as it may be printed: without a password and without its query."""
    return re.sub(r"(?<=//)[^/]*@", "", re.split(r"[?#]", url, maxsplit=1)[0])


def _part(to: Path) -> Path:
    return to.with_name(f"{to.name}.part")


def _note(to: Path) -> Path:
    return to.with_name(f"{to.name}.json")


def _read_note(to: Path) -> _Note | None:
    try:
        return msgspec.json.decode(_note(to).read_bytes(), type=_Note)
    except (OSError, msgspec.DecodeError):
        return None


class _Try(NamedTuple):
    """What every try at one download shares."""

    session: requests.Session
    url: str
    identity: str
    to: Path
    most_bytes: int
    tell: Listener

    def bytes_at_hand(self) -> int:
        part = _part(self.to)
        return part.stat().st_size if part.exists() else 0


def _persist(attempt: _Try, pause: Callable[[float], None]) -> None:
    furthest = attempt.bytes_at_hand()
    fruitless = 0
    while True:
        try:
            _run(attempt)
        except _Interrupted as interruption:
            at_hand = attempt.bytes_at_hand()
            fruitless = 0 if at_hand > furthest else fruitless + 1
            furthest = max(furthest, at_hand)
            if fruitless >= _FRUITLESS_TRIES:
                raise InterruptedDownloadError(
                    f"{shown_url(attempt.url)}: {interruption.reason}, {fruitless} times in a row. "
                    "Run the same command again, it goes on where it stopped; or give a local "
                    "copy with --from PATH."
                ) from interruption
            pause(min(interruption.pause or float(2**fruitless), _LONGEST_PAUSE))
        else:
            return


def _run(attempt: _Try) -> None:
    at_hand = attempt.bytes_at_hand()
    note = _read_note(attempt.to)
    validator = note.validator if note else None
    headers = {"User-Agent": "clika", "Accept-Encoding": "identity"}
    if at_hand and validator:
        headers |= {"Range": f"bytes={at_hand}-", "If-Range": validator}
    with _get(attempt, headers) as response:
        status = response.status_code
        span = _content_range(response)
        if status == _OK:
            _start_anew(attempt, response)
            _receive(attempt, response, 0)
        elif "Range" in headers and status in {_PARTIAL, _PAST_THE_END}:
            changed = _changed(response, headers["If-Range"])
            if span.total == at_hand and not changed:
                return
            if span.first != at_hand or changed:
                discard(attempt.to)
                raise _Interrupted("the server sends another part than the one asked for")
            _receive(attempt, response, at_hand)
        elif status in _WORTH_ANOTHER_TRY:
            after = response.headers.get("Retry-After", "")
            raise _Interrupted(
                f"the server answers {status} {response.reason}",
                pause=float(after) if after.isdecimal() else None,
            )
        else:
            raise _refusal(attempt.url, f"the server answers {status} {response.reason}")


def _get(attempt: _Try, headers: dict[str, str]) -> requests.Response:
    try:
        return attempt.session.get(attempt.url, headers=headers, stream=True, timeout=_TIMEOUTS)
    except requests.exceptions.SSLError as error:
        raise InterruptedDownloadError(
            f"{shown_url(attempt.url)}: no trusted connection ({_cause(error)}). Where a proxy has "
            "its own certificate, name it in REQUESTS_CA_BUNDLE; or give a local copy with "
            "--from PATH."
        ) from error
    except (requests.ConnectionError, requests.Timeout) as error:
        raise _Interrupted(f"the server cannot be reached ({_cause(error)})") from error
    except requests.RequestException as error:
        raise _refusal(
            attempt.url, f"no address to download from ({type(error).__name__})"
        ) from error


def _cause(error: BaseException) -> str:
    """Return what the system said; the exceptions around it repeat addresses and object ids."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _refusal(url: str, reason: str) -> BadInputError:
    return BadInputError(
        [Problem(shown_url(url), None, None, reason)],
        advice="Check the address, or give a local copy with --from PATH.",
    )


def _content_range(response: requests.Response) -> _Range:
    text = response.headers.get("Content-Range", "")
    match = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(?:(\d+)|\*)", text)
    if match is None:
        return _Range(None, None)
    first, total = match.groups()
    return _Range(int(first) if first else None, int(total) if total else None)


def _validator(response: requests.Response) -> str | None:
    etag = response.headers.get("ETag", "")
    if etag.startswith('"'):  # a weak one, W/"...", does not vouch for bytes
        return etag
    return response.headers.get("Last-Modified")


def _changed(response: requests.Response, validator: str) -> bool:
    now = response.headers.get("ETag" if validator.startswith('"') else "Last-Modified")
    return now is not None and now != validator


def _start_anew(attempt: _Try, response: requests.Response) -> None:
    discard(attempt.to)
    # The note comes first: a part without one is never continued.
    note = _Note(attempt.identity, _validator(response))
    write_text(_note(attempt.to), msgspec.json.encode(note).decode())


def _receive(attempt: _Try, response: requests.Response, done: int) -> None:
    length = response.headers.get("Content-Length", "")
    total = done + int(length) if length.isdecimal() else None
    part = _part(attempt.to)
    with refusals(part), part.open("ab") as file:
        try:
            for block in response.raw.stream(_BLOCK_BYTES, decode_content=False):
                done += len(block)
                if max(done, total or 0) > attempt.most_bytes:
                    reason = f"sends more than {attempt.most_bytes:,} bytes"
                    raise _refusal(attempt.url, reason)
                file.write(block)
                attempt.tell(Progress("download", done, total))
        except urllib3.exceptions.HTTPError as error:
            of_total = f" of {total:,}" if total is not None else ""
            reason = f"the connection broke after {done:,}{of_total} bytes"
            raise _Interrupted(reason) from error
