"""A made-up data set, and copies of it in every form that ``clika fetch`` takes."""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import random
import re
import tarfile
import zipfile
from typing import TYPE_CHECKING

from clika.fetching import sources
from clika.fetching.manifests import Manifest, parse_manifest
from clika.fetching.sources import DataSet, Limits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

#: Incompressible, so that the archive's size is about that of the files.
FILES: dict[str, bytes] = {
    path: random.Random(path).randbytes(90_000)
    for path in (
        "x_geo/de/alpha_res_bf16_add_simple_example.jsonl",
        "x_geo/de/beta_res_bf16_add_simple_example.jsonl",
        "x_geo/de/chatgpt_res.jsonl",
        "x_geo/en/alpha_res_bf16_add_simple_example.jsonl",
        "x_geo/en/beta_res_bf16_add_simple_example.jsonl",
        "x_geo/en/chatgpt_res.jsonl",
        "x_geo/geo_data.jsonl",
    )
}
TOY = DataSet(
    name="toy",
    repository="nobody/Toy",
    commit="0123456789abcdef0123456789abcdef01234567",
    tops=("Toy", "Toy-*", "toy-*"),
    subfolder="inner",
    model_file=re.compile(
        r"x_[a-z]+/[^/]+/(?P<model>[^/]+?)_res(?:_bf16_add_simple_example)?\.jsonl"
    ),
    licence="Made up.",
    limits=Limits(
        archive_bytes=8 << 20, unpacked_bytes=32 << 20, member_bytes=4 << 20, members=40, ratio=200
    ),
)
KINDS = ("tar.gz", "tar.xz", "tar", "zip")


def manifest_text(files: Mapping[str, bytes]) -> str:
    return "".join(f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in files.items())


def install(patch: pytest.MonkeyPatch) -> DataSet:
    """Make clika know the data set; the manifest is not a shipped one."""
    manifest = parse_manifest(manifest_text(FILES))

    def read(name: str) -> Manifest:
        assert name == TOY.name
        return manifest

    patch.setattr(sources, "read_manifest", read)
    patch.setitem(sources.DATA_SETS, TOY.name, TOY)
    return TOY


def write_folder(root: Path, files: Mapping[str, bytes]) -> Path:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def tar_bytes(entries: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for info, data in entries:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def archive_bytes(kind: str, files: Mapping[str, bytes]) -> bytes:
    """Return an archive of some files, in their order."""
    if kind == "zip":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        return buffer.getvalue()
    plain = tar_bytes([(tarfile.TarInfo(name), data) for name, data in files.items()])
    return {
        "tar": bytes,
        "tar.gz": lambda data: gzip.compress(data, mtime=0),
        "tar.xz": lzma.compress,
    }[kind](plain)


def write_archive(path: Path, files: Mapping[str, bytes], *, top: str = "Toy-0123456/") -> Path:
    """Write an archive of the kind that the name tells."""
    kind = next(kind for kind in KINDS if path.name.endswith(f".{kind}"))
    path.write_bytes(archive_bytes(kind, {f"{top}{name}": data for name, data in files.items()}))
    return path


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder but the record."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "fetched.json"
    }
