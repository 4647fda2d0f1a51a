"""Downloads against a real server that breaks."""

from __future__ import annotations

import random
import socket
from typing import TYPE_CHECKING

import pytest
from flaky_server import Reply, serving

from clika.errors import BadInputError, FileSystemError, InterruptedDownloadError
from clika.fetching.download import download, shown_url

if TYPE_CHECKING:
    from pathlib import Path

BODY = random.Random(1).randbytes(500_000)
OTHER = random.Random(2).randbytes(400_000)


class Pauses(list[float]):
    """Takes the place of waiting."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return tmp_path / "file"


def fetched(url: str, to: Path, pauses: Pauses, *, most_bytes: int = 1 << 20) -> bytes:
    download(url, to, most_bytes=most_bytes, pause=pauses)
    assert not to.with_name("file.part").exists()
    return to.read_bytes()


def test_a_whole_file_comes_in_one_request(to: Path, pauses: Pauses) -> None:
    with serving(BODY) as server:
        assert fetched(server.url, to, pauses) == BODY
        assert server.ranges_asked == [None]
    assert pauses == []


@pytest.mark.parametrize("cuts", [[1], [70_000], [200_000, 100_000, 1], [499_999]])
def test_a_broken_connection_goes_on_where_it_stopped(
    to: Path, pauses: Pauses, cuts: list[int]
) -> None:
    with serving(BODY, *[Reply(cut=cut) for cut in cuts], Reply()) as server:
        assert fetched(server.url, to, pauses) == BODY
        assert len(server.ranges_asked) == len(cuts) + 1


def test_a_part_is_continued_by_a_range(to: Path, pauses: Pauses) -> None:
    with serving(BODY, Reply(cut=200_000), Reply()) as server:
        assert fetched(server.url, to, pauses) == BODY
        first, second = server.ranges_asked
    assert first is None
    assert second is not None
    assert 0 < int(second.removeprefix("bytes=").removesuffix("-")) <= 200_000


def test_a_server_without_ranges_sends_it_all_again(to: Path, pauses: Pauses) -> None:
    script = [Reply(cut=200_000), Reply(ranges=False)]
    with serving(BODY, *script) as server:
        assert fetched(server.url, to, pauses) == BODY


def test_without_a_validator_nothing_is_continued(to: Path, pauses: Pauses) -> None:
    with serving(BODY, Reply(cut=200_000, etag=None), Reply(etag=None)) as server:
        assert fetched(server.url, to, pauses) == BODY
        assert server.ranges_asked == [None, None]


def test_a_weak_etag_vouches_for_nothing(to: Path, pauses: Pauses) -> None:
    with serving(BODY, Reply(cut=200_000, etag='W/"a"'), Reply(etag='W/"a"')) as server:
        assert fetched(server.url, to, pauses) == BODY
        assert server.ranges_asked == [None, None]


@pytest.mark.parametrize("even_if_changed", [False, True])
def test_a_file_that_changed_meanwhile_starts_anew(
    to: Path, pauses: Pauses, *, even_if_changed: bool
) -> None:
    changed = Reply(body=OTHER, etag='"second"', even_if_changed=even_if_changed)
    with serving(BODY, Reply(cut=200_000), changed) as server:
        assert fetched(server.url, to, pauses) == OTHER


def test_another_range_than_the_one_asked_for_is_not_taken(to: Path, pauses: Pauses) -> None:
    wrong = Reply(content_range="bytes 7-499999/500000")
    with serving(BODY, Reply(cut=200_000), wrong, Reply()) as server:
        assert fetched(server.url, to, pauses) == BODY


@pytest.mark.parametrize("odd", [None, "bytes 500000-499999/500000"])
def test_a_part_that_is_already_whole_is_taken(to: Path, pauses: Pauses, odd: str | None) -> None:
    # The length says one byte more, so the first try looks broken with every byte there.
    script = [Reply(length=len(BODY) + 1), Reply(content_range=odd)]
    with serving(BODY, *script) as server:
        assert fetched(server.url, to, pauses) == BODY
        assert server.ranges_asked[1] == f"bytes={len(BODY)}-"


def test_a_part_longer_than_the_file_starts_anew(to: Path, pauses: Pauses) -> None:
    shorter = Reply(body=BODY[:100_000], even_if_changed=True)
    with serving(BODY, Reply(cut=200_000), shorter) as server:
        assert fetched(server.url, to, pauses) == BODY[:100_000]


def test_chunks_without_a_length_are_taken(to: Path, pauses: Pauses) -> None:
    with serving(BODY, Reply(chunked=True)) as server:
        assert fetched(server.url, to, pauses) == BODY


def test_chunks_that_break_off_are_noticed(to: Path, pauses: Pauses) -> None:
    with serving(BODY, Reply(chunked=True, cut=200_000), Reply(chunked=True)) as server:
        assert fetched(server.url, to, pauses) == BODY
        assert len(server.ranges_asked) == 2


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_trouble_of_the_server_is_waited_for(
    to: Path, pauses: Pauses, status: int
) -> None:
    with serving(BODY, Reply(status=status), Reply()) as server:
        assert fetched(server.url, to, pauses) == BODY
    assert pauses == [2.0]


def test_the_server_may_say_how_long_to_wait_up_to_a_minute(to: Path, pauses: Pauses) -> None:
    script = [
        Reply(status=503, headers={"Retry-After": "7"}),
        Reply(status=503, headers={"Retry-After": "86400"}),
        Reply(status=503, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
        Reply(),
    ]
    with serving(BODY, *script) as server:
        assert fetched(server.url, to, pauses) == BODY
    assert pauses == [7.0, 60.0, 8.0]


@pytest.mark.parametrize(("status", "words"), [(404, "404 Not Found"), (403, "403 Forbidden")])
def test_a_refusal_is_final(to: Path, pauses: Pauses, status: int, words: str) -> None:
    with serving(BODY, Reply(status=status)) as server:
        with pytest.raises(BadInputError, match=rf"/archive: the server answers {words}"):
            download(server.url, to, most_bytes=1 << 20, pause=pauses)
        assert len(server.ranges_asked) == 1
    assert list(to.parent.iterdir()) == []


def test_a_server_that_never_gets_further_is_given_up(to: Path, pauses: Pauses) -> None:
    with (
        serving(BODY, Reply(length=len(BODY) + 1, ranges=False)) as server,
        pytest.raises(
            InterruptedDownloadError, match=r"broke after 500,000 of 500,001 bytes, 4 ti"
        ),
    ):
        download(server.url, to, most_bytes=1 << 20, pause=pauses)
    assert not to.exists()


def test_what_came_before_it_was_given_up_is_continued(to: Path, pauses: Pauses) -> None:
    script = [Reply(cut=200_000), *[Reply(status=500)] * 4, Reply()]
    with serving(BODY, *script) as server:
        with pytest.raises(InterruptedDownloadError, match=r"500 Internal Server Error, 4 times"):
            download(server.url, to, most_bytes=1 << 20, pause=pauses)
        assert fetched(server.url, to, pauses) == BODY
        assert server.ranges_asked[-1] is not None


def test_a_part_of_another_address_is_not_continued(to: Path, pauses: Pauses) -> None:
    with serving(BODY, Reply(cut=200_000), *[Reply(status=500)] * 4, Reply()) as server:
        with pytest.raises(InterruptedDownloadError):
            download(server.url, to, most_bytes=1 << 20, pause=pauses)
        assert fetched(f"{server.url}?other", to, pauses) == BODY
        assert server.ranges_asked[-1] is None


def test_a_part_without_its_note_is_not_continued(to: Path, pauses: Pauses) -> None:
    to.with_name("file.part").write_bytes(b"of nobody knows what")
    with serving(BODY) as server:
        assert fetched(server.url, to, pauses) == BODY


def test_a_finished_file_is_not_brought_again(to: Path, pauses: Pauses) -> None:
    with serving(BODY) as server:
        fetched(server.url, to, pauses)
        assert fetched(server.url, to, pauses) == BODY
        assert len(server.ranges_asked) == 1


@pytest.mark.parametrize("chunked", [False, True])
def test_too_large_a_file_is_refused(to: Path, pauses: Pauses, *, chunked: bool) -> None:
    with (
        serving(BODY, Reply(chunked=chunked)) as server,
        pytest.raises(BadInputError, match=r"sends more than 300,000 bytes"),
    ):
        download(server.url, to, most_bytes=300_000, pause=pauses)
    assert list(to.parent.iterdir()) == []


def test_a_server_that_is_not_there_is_named(to: Path, pauses: Pauses) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        url = f"http://someone:secret@127.0.0.1:{bound.getsockname()[1]}/archive?token=secret"
        with pytest.raises(InterruptedDownloadError, match=r"Connection refused") as caught:
            download(url, to, most_bytes=1 << 20, pause=pauses)
    assert "secret" not in str(caught.value)
    assert "--from PATH" in str(caught.value)
    assert pauses == [2.0, 4.0, 8.0]


@pytest.mark.parametrize("url", ["http://", "http://[", "http://a b/"])
def test_no_address_at_all_is_refused(to: Path, pauses: Pauses, url: str) -> None:
    with pytest.raises((BadInputError, InterruptedDownloadError)):
        download(url, to, most_bytes=1 << 20, pause=pauses)


def test_a_redirection_to_a_file_of_this_machine_is_refused(to: Path, pauses: Pauses) -> None:
    away = Reply(status=302, headers={"Location": "file:///etc/hostname"})
    with serving(BODY, away) as server, pytest.raises(BadInputError, match=r"no address"):
        download(server.url, to, most_bytes=1 << 20, pause=pauses)


def test_an_encoding_of_the_transfer_is_not_undone(to: Path, pauses: Pauses) -> None:
    # Some servers call a .tar.gz a gzip-encoded .tar.
    with serving(BODY, Reply(headers={"Content-Encoding": "gzip"})) as server:
        assert fetched(server.url, to, pauses) == BODY


def test_a_folder_that_is_a_file_is_a_sentence(tmp_path: Path, pauses: Pauses) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with serving(BODY) as server, pytest.raises(FileSystemError, match=r"taken/file"):
        download(server.url, tmp_path / "taken" / "file", most_bytes=1 << 20, pause=pauses)


def test_an_address_is_shown_without_its_secrets() -> None:
    assert shown_url("https://me:pass@host:8443/a/b?token=x#y") == "https://host:8443/a/b"
    assert shown_url("http://me@[/a") == "http://[/a"
