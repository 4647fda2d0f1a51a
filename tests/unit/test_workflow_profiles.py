"""Profiles: packaged ones, one's own, several together, and what is no profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from clika.errors import ConfigError, PrerequisiteError, UnknownNameError
from clika.workflow.profiles import copy_profile, find_profiles, packaged_profiles

if TYPE_CHECKING:
    from pathlib import Path


def own(folder: Path, text: str) -> str:
    folder.mkdir()
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return str(folder)


def _waits(line: str) -> bool:
    """Return whether it is a setting behind a "#"; a sentence has no colon after its first word."""
    return line.lstrip().startswith("#") and line.lstrip("# ").split(" ")[0].endswith(":")


def test_without_a_profile_jobs_run_here_in_this_environment() -> None:
    assert find_profiles(()) == ((), "local", False, {})


def test_profiles_are_laid_over_each_other() -> None:
    found = find_profiles(("slurm", "apptainer"))
    assert (found.executor, found.is_remote, found.in_images) == ("slurm", True, True)
    assert [folder.name for folder in found.folders] == ["slurm", "apptainer"]
    assert found.config["gpu_request"] == "gpu"


@pytest.mark.parametrize("name", sorted({*packaged_profiles()} - {"kubernetes"}))
def test_a_packaged_profile_says_something_alone(name: str) -> None:
    found = find_profiles((name,))
    assert found.is_remote or found.in_images


def test_a_copy_is_a_profile_of_ones_own(tmp_path: Path) -> None:
    path = copy_profile("slurm", tmp_path / "cluster")
    text = path.read_text(encoding="utf-8").replace("gpu_request: gpu", "gpu_request: gres")
    path.write_text(text, encoding="utf-8")
    assert find_profiles((str(path.parent),)).config["gpu_request"] == "gres"


def test_every_line_that_waits_in_the_profile_of_slurm_can_be_made_to_count(tmp_path: Path) -> None:
    path = copy_profile("slurm", tmp_path / "cluster")
    lines = path.read_text(encoding="utf-8").splitlines()
    woken = [line.replace("# ", "", 1) if _waits(line) else line for line in lines]
    said = yaml.safe_load("\n".join(woken))
    assert {"slurm_account", "slurm_partition"} <= set(said["default-resources"])
    assert set(said["set-resources"]["train"]) == {"slurm_partition", "slurm_extra"}
    assert set(said["set-resources"]["infer"]) == {"slurm_partition", "mem_mb"}


def test_a_manifest_is_for_kubectl(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Run: clika profile kubernetes --into DIR, .*kubectl"):
        find_profiles(("kubernetes",))
    path = copy_profile("kubernetes", tmp_path / "pod")
    with pytest.raises(ConfigError, match=f"Run: kubectl apply -f {path}$"):
        find_profiles((str(path.parent),))


def test_a_copy_never_replaces(tmp_path: Path) -> None:
    folder = own(tmp_path / "mine", "jobs: 1\n")
    with pytest.raises(ConfigError, match="is there already"):
        copy_profile("slurm", tmp_path / "mine")
    assert find_profiles((folder,)).folders[0].name == "mine"


def test_what_is_no_profile_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'slurm'"):
        find_profiles(("slrum",))
    with pytest.raises(UnknownNameError, match="Known: apptainer"):
        copy_profile("mine", tmp_path / "x")
    for name, text in (("list", "- a\n"), ("broken", "a: [\n"), ("nothing", "")):
        with pytest.raises(ConfigError, match=r"config\.yaml"):
            find_profiles((own(tmp_path / name, text),))
    with pytest.raises(ConfigError, match=r"config/config\.yaml: config is not a mapping"):
        find_profiles((own(tmp_path / "config", "config: 3\n"), "slurm"))
    with pytest.raises(ConfigError, match="chooses threads and gpu_request, and not results"):
        find_profiles((own(tmp_path / "other", "config: {results: elsewhere}\n"),))


@pytest.mark.parametrize(
    ("text", "in_images"),
    [
        ("software-deployment-method:\n", False),
        ("software-deployment-method: [apptainer]\n", True),
        ("sdm: apptainer\n", True),
        ("use-apptainer: true\n", True),
        ("use-singularity: false\n", False),
    ],
)
def test_every_way_to_ask_for_images_counts(tmp_path: Path, text: str, *, in_images: bool) -> None:
    assert find_profiles((own(tmp_path / "mine", text),)).in_images == in_images


def test_a_plugin_with_a_hyphen_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "snakemake_executor_plugin_some_grid.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    find_profiles((own(tmp_path / "mine", "executor: some-grid\n"),)).check()


def test_what_runs_the_jobs_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PrerequisiteError, match="no Apptainer on this machine"):
        find_profiles(("apptainer",)).check()
    unknown = find_profiles((own(tmp_path / "mine", "executor: abacus\n"),))
    with pytest.raises(PrerequisiteError, match="pip install snakemake-executor-plugin-abacus"):
        unknown.check()
    (tmp_path / "apptainer").touch(mode=0o755)
    find_profiles(("apptainer",)).check()
