"""What ``clika plan`` says, as data for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from clika.registry import ACCESS_YEAR
from clika.views.plan.assumptions import MEANINGS
from clika.views.plan.differences import DISCORDANT

if TYPE_CHECKING:
    from clika.views.plan import Plan
    from clika.views.plan.asking import AskingCost
    from clika.views.plan.training import TrainingCost

__all__ = ["plan_data"]


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return a plan as data that JSON can hold; differences are shares, sizes bytes."""
    study = plan.study
    return {
        "study": study.name,
        "title": study.title,
        "kind": study.kind,
        "folder": str(plan.folder),
        "languages": list(study.languages),
        "pivot": study.pivot,
        "models": list(study.models),
        "rules": list(study.rules),
        "steps": [step._asdict() for step in plan.steps],
        "cells": plan.cells._asdict(),
        "asking": None if plan.asking is None else _asking(plan.asking),
        "training": None if plan.training is None else _training(plan.training),
        "free_bytes": plan.free,
        "access": {
            "as_of": ACCESS_YEAR,
            "groups": [
                {
                    "access": group.kind,
                    "remedy": group.remedy,
                    "models": [{"model": name, "hub": hub} for name, hub in group.models],
                }
                for group in plan.access
            ],
        },
        "smaller": [
            {
                "name": part.name,
                "share": part.share,
                "hours": plan.hours(part.share),
                "tasks": [
                    {
                        "task": task.task.name,
                        "discordant": task.discordant,
                        "items": items,
                        "difference": difference,
                    }
                    for task, items, difference in zip(
                        plan.tasks, part.items, part.differences, strict=True
                    )
                ],
            }
            for part in plan.parts
        ],
        "assumptions": {
            name: {"value": value, "meaning": MEANINGS[name].format(f"{value:g}")}
            for name, value in asdict(plan.assumed).items()
        },
        "tasks": [
            {
                "task": found.task.name,
                "title": found.task.heading,
                "stream": found.task.stream,
                "options": found.task.options,
                "items": found.items,
                "clusters": found.clusters,
                "minimum_detectable_difference": [
                    {"discordant": share, "difference": difference}
                    for share, difference in zip(DISCORDANT, found.differences, strict=True)
                ],
                "measured": None if found.measured is None else found.measured._asdict(),
            }
            for found in plan.tasks
        ],
    }


def _asking(asking: AskingCost) -> dict[str, Any]:
    return {
        "purpose": asking.purpose,
        "prompts": asking.prompts,
        "weights_bytes": asking.weights,
        "results_bytes": asking.results,
        "gpu_hours": asking.hours("gpu"),
        "processor_hours": asking.hours("processor"),
        "measured_on": dict(asking.measured),
        "too_short": dict(asking.left_out),
        "models": [
            {
                "model": cost.model,
                "parameters": cost.parameters,
                "weights_bytes": cost.weights,
                "source": cost.source or None,
                "is_here": cost.is_here,
                "device": cost.device,
                "memory_bytes": cost.memory,
                "gpus": cost.gpus,
                "prompts": cost.prompts.prompts,
                "tokens": cost.prompts.tokens,
                "tokens_are_measured": cost.prompts.is_measured,
                "hours": cost.hours(),
            }
            for cost in asking.models
        ],
    }


def _training(training: TrainingCost) -> dict[str, Any]:
    return {
        "is_shipped": training.is_shipped,
        "on_gpu": training.on_gpu,
        "threads": training.threads,
        "parameters": training.parameters,
        "hours_left": training.hours_left,
        "measured_on": training.measured,
        "too_short": training.left_out,
        "models_bytes": training.models_left,
        "checkpoints_bytes": training.checkpoints,
        "jobs": [
            {
                "seed": job.seed,
                "base": job.base,
                "models": job.models,
                "is_done": job.is_done,
                "seconds_measured": job.took,
                "seconds_estimated": job.estimate,
            }
            for job in training.jobs
        ],
    }
