"""What the installed software means for a run: clika and its libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.views.doctor.facts.software import (
    TORCH_SECONDS,
    DuckDb,
    Extension,
    TorchReport,
)
from clika.views.doctor.model import Check, severity

if TYPE_CHECKING:
    from clika.programs import Answer
    from clika.views.doctor.facts.software import Framework, Installation
    from clika.views.doctor.model import Needs

__all__ = [
    "judge_dependencies",
    "judge_duckdb",
    "judge_extension",
    "judge_installation",
    "judge_plugin",
    "judge_pytorch",
    "judge_snakemake",
]

_REINSTALL = "Run: pip install --force-reinstall clika (in a clone: make setup)"
_INFERENCE = "Run: pip install 'clika[inference]' (in a clone: make inference)"


def judge_installation(installation: Installation) -> Check:
    """Say which clika runs on which Python."""
    python = f"Python {installation.python}, {installation.system}"
    if installation.version is None:
        return Check("clika", "fail", f"not installed, only found; {python}", _REINSTALL)
    return Check("clika", "ok", f"{installation.version}, {python}")


def judge_dependencies(installation: Installation) -> Check:
    """Judge whether every package that clika needs is installed."""
    if installation.missing:
        found = f"not installed: {', '.join(installation.missing)}"
        return Check("dependencies", "fail", found, _REINSTALL)
    return Check("dependencies", "ok", f"all {installation.dependencies} are installed")


def judge_extension(extension: Extension | Answer, version: str | None) -> Check:
    """Judge the compiled module: whether it loads, is optimised, and is of this version."""
    name = "extension"
    if not isinstance(extension, Extension):
        return Check(name, "fail", f"does not load: {extension.quote}", _REINSTALL)
    found = f"loads, a {extension.profile} build; its kernels use {extension.instructions}"
    if extension.profile != "release":
        remedy = "Run: maturin develop --release (in a clone: make setup)"
        return Check(name, "warn", f"{found}; it is many times slower than a release build", remedy)
    if version is not None and extension.version != version:
        found += f"; it is of version {extension.version}, clika is {version}"
        return Check(name, "warn", found, _REINSTALL)
    return Check(name, "ok", found)


def judge_duckdb(duckdb: DuckDb | Answer) -> Check:
    """Judge whether DuckDB loads."""
    if not isinstance(duckdb, DuckDb):
        remedy = "Run: pip install --force-reinstall duckdb"
        return Check("duckdb", "fail", f"does not load: {duckdb.quote}", remedy)
    written = f"; databases are written in storage version {duckdb.storage}" * bool(duckdb.storage)
    return Check("duckdb", "ok", f"{duckdb.version}{written}")


def judge_snakemake(version: str | None) -> Check:
    """Judge whether Snakemake is installed, which runs the steps of a study."""
    if version is None:
        return Check("snakemake", "fail", "not installed", _REINSTALL)
    return Check("snakemake", "ok", version)


def judge_plugin(version: str | None, *, has_cluster: bool) -> Check:
    """Judge whether Snakemake can hand jobs to Slurm, where there is one."""
    name = "slurm-plugin"
    if version is not None:
        return Check(name, "ok", version)
    if has_cluster:
        remedy = "Run: pip install 'clika[workflow]'"
        return Check(name, "warn", "not installed, and Slurm is here", remedy)
    remedy = "To hand jobs to a Slurm cluster: pip install 'clika[workflow]'"
    return Check(name, "none", "not installed", remedy)


def judge_pytorch(framework: Framework, needs: Needs | None) -> Check:
    """Judge whether PyTorch and transformers are installed and load."""
    name = "pytorch"
    needed = needs is not None and needs.framework
    versions = {"PyTorch": framework.torch, "transformers": framework.transformers}
    missing = [library for library, version in versions.items() if version is None]
    if missing:
        found = f"not installed: {', '.join(missing)}"
        if needed:
            return Check(name, "fail", found, _INFERENCE)
        remedy = _INFERENCE.replace("Run:", "To train or ask models:")
        return Check(name, "none", found, remedy)
    found = f"{framework.torch}, transformers {framework.transformers}"
    report = framework.report
    if not isinstance(report, TorchReport):
        silent = report is not None and report.state == "silent"
        quote = "nothing" if report is None else report.quote
        if silent:
            found += f"; no answer within {TORCH_SECONDS:.0f} s"
            remedy = "See what nvidia-smi says: a broken driver makes PyTorch wait."
        else:
            found += f"; does not load: {quote}"
            remedy = _INFERENCE.replace("install", "install --force-reinstall", 1)
        return Check(name, severity(needed=needed), found, remedy)
    return Check(name, "ok", f"{found}, built for {report.target}")
