"""What jobs run in: images with their digests, or packages with their versions."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest
from made_answers import STUDY
from msgspec.structs import replace

from clika.errors import ConfigError, PrerequisiteError
from clika.study import Asked
from clika.workflow.surroundings import (
    IMAGES,
    find_images,
    package_versions,
    variables_for_images,
)

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = "ab" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in IMAGES:
        (tmp_path / f"clika-{name}.sif").write_bytes(b"an image")
        text = f"{DIGEST}  clika-{name}.sif\n"
        (tmp_path / f"clika-{name}.sif.sha256").write_text(text, encoding="utf-8")
    return tmp_path


def test_an_image_is_known_by_the_digest_beside_it(folder: Path) -> None:
    found = find_images(folder, STUDY)
    assert set(found) == set(IMAGES)
    assert {image.digest for image in found.values()} == {DIGEST}
    assert all(image.path.is_absolute() for image in found.values())


def test_a_missing_image_names_the_command_that_makes_it(folder: Path) -> None:
    (folder / "clika-inference.sif").unlink()
    with pytest.raises(PrerequisiteError, match=r"clika-inference\.sif\. Run: make sifs"):
        find_images(folder, STUDY)


def test_the_image_of_older_models_is_looked_for_where_a_model_is_asked_in_it(folder: Path) -> None:
    study = replace(STUDY, asked={"m": Asked("model"), "old": Asked("model", image="legacy")})
    with pytest.raises(PrerequisiteError, match=r"legacy\.sif\. Run: make sifs IMAGES=legacy"):
        find_images(folder, study)
    (folder / "clika-legacy.sif").write_bytes(b"an image")
    (folder / "clika-legacy.sif.sha256").write_text(f"{DIGEST}  clika-legacy.sif\n")
    assert set(find_images(folder, study)) == {*IMAGES, "legacy"}


@pytest.mark.parametrize("text", ["", "no digest", DIGEST[:-1], DIGEST + "0", "\udcff"])
def test_what_is_no_digest_names_the_command_that_makes_one(folder: Path, text: str) -> None:
    path = folder / "clika-scoring.sif.sha256"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(PrerequisiteError, match=r"sha256sum clika-scoring\.sif > "):
        find_images(folder, STUDY)


def test_versions_are_those_of_the_environment() -> None:
    found = package_versions("numpy", "no-such-package")
    assert found == f"numpy {version('numpy')}, no-such-package none"


def test_folders_are_seen_under_both_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    monkeypatch.setenv("HF_HOME", str(link))
    monkeypatch.setenv("CLIKA_DATA", str(tmp_path / "gone"))
    monkeypatch.setenv("APPTAINER_BIND", "/mine")
    monkeypatch.chdir(link)
    found = variables_for_images([real, tmp_path / "nowhere"])
    assert found["APPTAINER_BIND"].split(",") == ["/mine", str(link), str(real)]
    assert found["APPTAINERENV_HF_HOME"] == str(link)
    assert found["PWD"] == str(real)


def test_other_variables_enter(tmp_path: Path) -> None:
    assert variables_for_images([tmp_path], CLIKA_GPUS="a,b")["APPTAINERENV_CLIKA_GPUS"] == "a,b"


def test_a_path_that_cannot_be_listed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a,b").mkdir()
    with pytest.raises(ConfigError, match="a comma or a colon"):
        variables_for_images([tmp_path / "a,b"])
