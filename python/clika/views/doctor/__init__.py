"""Doctor: whether this machine has what clika needs, and what mends it. Looks, changes nothing.

Facts are gathered in :mod:`clika.views.doctor.facts` and judged in
:mod:`clika.views.doctor.judging`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.views.doctor.facts import Facts, look
from clika.views.doctor.facts.software import Extension
from clika.views.doctor.judging import engines, gpu, machine, places, software
from clika.views.doctor.model import Check, Diagnosis, Needs, needs_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clika.study import Study

__all__ = ["Check", "Diagnosis", "examine", "judge"]


def examine(study: Study | None, *, results: Path) -> Diagnosis:
    """Look at this machine and judge what is found.

    Parameters
    ----------
    study
        What it needs is judged as needed; ``None`` judges what any run needs.
    results
        The folder of results; it need not exist.

    Returns
    -------
    Diagnosis
        Nothing that is missing, hangs or answers nonsense keeps it from coming.
    """
    needs = None if study is None else needs_of(study)
    checks = tuple(judge(look(results), needs))
    return Diagnosis(None if study is None else study.name, results, checks)


def judge(facts: Facts, needs: Needs | None) -> Iterator[Check]:
    """Yield every check, in the order of the page.

    Parameters
    ----------
    facts
        What was found.
    needs
        What a study asks; ``None`` where none was named.
    """
    installation, framework, driver = facts.installation, facts.framework, facts.driver
    yield software.judge_installation(installation)
    yield software.judge_dependencies(installation)
    yield software.judge_extension(facts.extension, installation.version)
    yield software.judge_duckdb(facts.duckdb)
    yield software.judge_snakemake(facts.snakemake)
    yield software.judge_pytorch(framework, needs)

    threads, error = None, ""
    if isinstance(facts.extension, Extension):
        threads, error = facts.extension.threads, facts.extension.error
    yield machine.judge_processor(facts.processor, needs)
    yield machine.judge_processors(facts.processors, facts.allowance, threads, error)
    yield machine.judge_memory(facts.memory, facts.allowance)
    yield places.judge_results(facts.results, facts.container)
    yield places.judge_temporary(facts.temporary)
    yield gpu.judge_driver(driver, framework, facts.container, needs)
    where = gpu.where_gpus_are(facts.container, facts.slurm)
    yield gpu.judge_gpu(driver, framework, facts.visible_gpus, needs, where=where)

    yield machine.judge_container(facts.container)
    for check in (
        engines.judge_docker(facts.docker, has_gpu=bool(driver.gpus)),
        engines.judge_podman(facts.podman, facts.allowance),
        engines.judge_apptainer(facts.apptainer),
    ):
        yield engines.within(facts.container, check)
    yield engines.judge_user_namespaces(facts.namespaces, facts.apptainer)

    yield engines.judge_slurm(facts.slurm)
    accounting = engines.judge_accounting(facts.slurm)
    if accounting is not None:
        yield accounting
    has_cluster = facts.slurm.version.state == "answered"
    yield software.judge_plugin(facts.plugin, has_cluster=has_cluster)

    yield places.judge_hub_folder(facts.hub_folder)
    yield places.judge_hub_offline(facts.hub_offline)
    yield places.judge_data(facts.data, needs)
