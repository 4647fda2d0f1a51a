"""What ``clika plan`` says of cells, costs, weights and smaller studies, as (name, text)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clika.registry import ACCESS_YEAR
from clika.views.plan.assumptions import MEANINGS
from clika.views.sizes import gb, gib, hours
from clika.views.terminal_text import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clika.views.plan import Plan
    from clika.views.plan.asking import AskingCost, Device, ModelCost
    from clika.views.plan.training import TrainingCost

__all__ = [
    "access_entries",
    "access_title",
    "assumption_note",
    "cell_entries",
    "cost_entries",
    "cost_title",
    "part_rows",
]

Entry = tuple[str, str]

_UNDEFINED = "–"
_UNKNOWN = "not known"
#: Hours below which no part of them is told apart.
_SHORT = 0.1
_SOURCES = {
    "shards": "by the shards",
    "database": "by the database",
    "shipped": "which ship with clika",
    "nothing": "and nothing ships with clika",
}
_OF_CONDUCTIVITY = "of conductivity (model x pair x task x seed)"
_DEVICES: dict[Device, str] = {"gpu": "GPU", "processor": "processor"}


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'s' * (number != 1)}"


def cell_entries(plan: Plan) -> Iterator[Entry]:
    """Yield how many cells there are, and how many of them are done."""
    cells = plan.cells
    source = _SOURCES[cells.source]
    if cells.wanted:
        axes = " x ".join(
            (
                _counted(cells.models, "model"),
                _counted(cells.tasks, "task"),
                _counted(cells.languages, "language"),
            )
        )
        partial = f", {cells.partial:,} of them to a part of the items" * bool(cells.partial)
        done = f"{cells.there:,} of {_counted(cells.wanted, 'cell')} ({axes})"
        yield "answers", f"{done} have answers{partial}, {source}"
    if cells.conductivity is not None:
        done = f"{cells.outcomes:,} of {_counted(cells.conductivity, 'cell')}"
        yield "outcomes", f"{done} {_OF_CONDUCTIVITY} have outcomes, {source}"
    elif cells.outcomes:
        yield "outcomes", f"{_counted(cells.outcomes, 'cell')} {_OF_CONDUCTIVITY}, {source}"
    if plan.training is not None:
        jobs, noted = plan.training.jobs, plan.training.hours_noted
        done = f"{len(jobs) - len(plan.training.left)} of {len(jobs)} (seed x base) are done"
        took = f", in {hours(noted)} one after the other" * bool(noted)
        unneeded = "; none is needed, the answers ship" * plan.training.is_shipped
        yield "trainings", f"{done}{took}{unneeded}"
    if plan.asking is not None:
        yield "to ask", _to_ask(plan, plan.asking)


def _to_ask(plan: Plan, asking: AskingCost) -> str:
    if asking.purpose == "anew":
        return "no model: the answers of this study are read, not asked for"
    if not plan.study.asked:
        return "no model is named under `asked:` in study.yaml; `clika infer` asks one by hand"
    if not asking.models:
        return f"nothing: all {len(plan.study.asked)} models that study.yaml names are asked"
    names = ", ".join(escaped(cost.model) for cost in asking.models)
    return f"{len(asking.models)} of {len(plan.study.asked)} models: {names}"


def cost_title(plan: Plan) -> str:
    """Return what the costs are of; empty where there are none to tell."""
    if plan.asking is not None and plan.asking.models:
        if plan.asking.purpose == "left":
            return "What asking those that are left takes"
        models = len(plan.asking.models)
        of_all = f"{models} of" if models < len(plan.study.models) else "all"
        return f"What asking {of_all} {len(plan.study.models)} models anew would take; no step does"
    if plan.training is not None and plan.training.left:
        if plan.training.is_shipped:
            command = f"clika reproduce {plan.study.name} --from responses"
            return f"What training all of it anew would take: {command}"
        return "What the trainings that are left take"
    return ""


def cost_entries(plan: Plan) -> Iterator[Entry]:
    """Yield what asking or training takes."""
    place = escaped(str(plan.folder.parent))
    free = "" if plan.free is None else f"; {gb(plan.free)} are free in {place}"
    if plan.asking is not None and plan.asking.models:
        yield from _asking_entries(plan, plan.asking, free)
    elif plan.training is not None and plan.training.left:
        yield from _training_entries(plan, plan.training, free)


def _asking_entries(plan: Plan, asking: AskingCost, free: str) -> Iterator[Entry]:
    yield "prompts", _prompts(asking)
    known = [cost for cost in asking.models if cost.parameters is not None]
    results = "" if asking.results is None else f", {gb(asking.results)} of results"
    yield "disk", f"{_weights(known)}{results}{free}"
    if asking.purpose == "left":
        yield "files", _files(asking.models)
    for device, name in _DEVICES.items():
        of_device = [cost for cost in known if cost.device == device]
        if of_device:
            yield name, _device(plan, asking, device, of_device)
    unknown = [cost.model for cost in asking.models if cost.parameters is None]
    if unknown:
        names = ", ".join(map(escaped, unknown))
        yield "unknown", f"the size of {names}: left out of disk and hours"


def _weights(known: Sequence[ModelCost]) -> str:
    here = sum(cost.weights or 0 for cost in known if cost.is_here)
    away = [cost.weights or 0 for cost in known if not cost.is_here]
    said = [f"{gb(here)} of weights here"] if here else []
    if away:
        largest = f" (the largest model's: {gb(max(away))})" * (len(away) > 1)
        said.append(f"{gb(sum(away))} of weights to bring{largest}")
    return ", ".join(said) or f"weights {_UNKNOWN}"


def _prompts(asking: AskingCost) -> str:
    if asking.prompts is None:
        return f"{_UNKNOWN}: how many items there are"
    each = {cost.prompts.prompts for cost in asking.models}
    several = f"; {each.pop():,} to each model" if len(each) == 1 and len(asking.models) > 1 else ""
    tokens = sum(cost.prompts.tokens or 0 for cost in asking.models) / max(1, asking.prompts)
    measured = all(cost.prompts.is_measured for cost in asking.models)
    basis = "by the texts here" if measured else "assumed"
    return f"{asking.prompts:,}{several}; about {tokens:,.0f} tokens each, {basis}"


def _files(models: Sequence[ModelCost]) -> str:
    here = sum(cost.is_here for cost in models)
    away = [f"{escaped(one.model)} at {escaped(one.source)}" for one in models if not one.is_here]
    absent = f"; nothing there for {', '.join(away)}" if away else ""
    return f"weights of {here} of {len(models)} models are here{absent}"


def _device(plan: Plan, asking: AskingCost, device: Device, models: Sequence[ModelCost]) -> str:
    time = asking.hours(device)
    said = f"hours {_UNKNOWN}" if time is None else hours(time)
    loading = sum(max(one.gpus or 0, 1) * (one.load_seconds or 0) for one in models) / 3600
    if time is not None and time > _SHORT:
        said += f", of which reading the weights {hours(loading)}"
    jobs = asking.measured.get(device, 0)
    said += f"; measured on {_counted(jobs, 'model')} asked here" if jobs else ""
    said += _too_short(asking.left_out.get(device, 0))
    largest = max(models, key=lambda one: one.memory or 0)
    said += f"; the largest, {escaped(largest.model)}, needs {gib(largest.memory or 0)} of memory"
    several = [one for one in models if (one.gpus or 0) > 1]
    if several:
        names = ", ".join(f"{escaped(one.model)} ({one.gpus})" for one in several)
        said += (
            f"; more than one GPU of {plan.assumed.gpu_gib:g} GiB, where `clika infer` uses one: "
            f"{names}"
        )
    return said


def _too_short(jobs: int) -> str:
    return f"; {_counted(jobs, 'time')} left out, too short for a whole job" if jobs else ""


def _training_entries(plan: Plan, training: TrainingCost, free: str) -> Iterator[Entry]:
    jobs = _counted(len(training.left), "training")
    place = "on a GPU" if training.on_gpu else f"on {_counted(training.threads, 'thread')} each"
    if training.measured:
        basis = f"measured on {training.measured} of {len(training.jobs)} trainings here"
    else:
        basis = "an estimate: a stage that stops early takes less, questions around lessons more"
    basis += _too_short(training.left_out)
    order = ", one after the other" * (len(training.left) > 1)
    yield "time", f"{hours(training.hours_left)} for {jobs}{order}, {place}; {basis}"
    checkpoints = f"{gb(training.checkpoints)} of checkpoints for each at work"
    answers = f"{gb(training.answers * plan.assumed.answer_bytes)} of results"
    yield "disk", f"{gb(training.models_left)} of models, {checkpoints}, {answers}{free}"


def access_entries(plan: Plan) -> Iterator[Entry]:
    """Yield who may have the weights, and what to do for those that are restricted."""
    for group in plan.access:
        names = ", ".join(escaped(name) for name, _ in group.models)
        if group.kind == "open":
            yield group.kind, f"{_counted(len(group.models), 'model')}: {group.remedy}"
        else:
            yield group.kind, f"{names}: {group.remedy}"


def access_title() -> str:
    """Return what is said of the weights, and as of when."""
    return f"Who may have the weights, as of {ACCESS_YEAR}; makers change it"


def part_rows(plan: Plan) -> list[tuple[str, ...]]:
    """Return the table of smaller studies, its head first; none where it would have one column."""
    if len(plan.parts) < 2 or all(task.items is None for task in plan.tasks):  # noqa: PLR2004
        return []
    rows = [("task", "d", *(part.name for part in plan.parts))]
    for place, task in enumerate(plan.tasks):
        cells = (_point(part.differences[place], part.items[place]) for part in plan.parts)
        rows.append((escaped(task.task.heading), f"{task.discordant:.2f}", *cells))
    shares = tuple(
        _UNDEFINED if part.share is None else f"{100 * part.share:.0f} %" for part in plan.parts
    )
    rows.append(("trainings" if plan.training else "prompts", "", *shares))
    rows += _time_rows(plan)
    return rows


def _time_rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    parts = [plan.hours(part.share) for part in plan.parts]
    for device, whole in plan.hours(1.0).items():
        if whole is not None:
            name = "time" if plan.training else f"{_DEVICES[device]} time"
            times = (part.get(device) for part in parts)
            yield name, "", *(_UNDEFINED if time is None else hours(time) for time in times)


def _point(difference: float | None, items: int | None) -> str:
    shown = _UNDEFINED if difference is None else f"{100 * difference:.1f}"
    return shown if items is None else f"{shown} ({items:,})"


def assumption_note(plan: Plan) -> str:
    """Return what the estimates that are printed rest on; empty where none is."""
    used = [*_used(plan)]
    if not used:
        return ""
    said = (MEANINGS[name].format(f"{getattr(plan.assumed, name):g}") for name in used)
    return f"Assumed: {'; '.join(said)}."


def _used(plan: Plan) -> Iterator[str]:
    if plan.asking is not None:
        yield from _used_in_asking(plan.asking, plan)
    elif plan.training is not None and plan.training.left:
        # Where trainings were timed, the rate and the tokens cancel out.
        if not plan.training.measured:
            on_gpu = ("tflops", "small_model_share")
            yield from on_gpu if plan.training.on_gpu else ("processor_tflops",)
            yield "own_bytes_per_token"
        yield "answer_bytes"


def _used_in_asking(asking: AskingCost, plan: Plan) -> Iterator[str]:
    costs = asking.whole if part_rows(plan) else asking.models
    known = [cost for cost in costs if cost.memory is not None]
    if not known:
        return
    if any(cost.device == "gpu" for cost in known):
        yield from ("tflops", "gpu_gib")
    if any(cost.device == "processor" for cost in known):
        yield "processor_tflops"
    if not all(cost.is_here for cost in known):
        yield "parameter_bytes"
    yield from ("activation_share", "load_gb", "readings")
    if any(cost.prompts.is_measured for cost in known):
        yield from ("bytes_per_token", "wording_bytes")
    if not all(cost.prompts.is_measured for cost in known):
        yield "prompt_tokens"
    if any(asked.longest for asked in plan.study.asked.values()):
        yield "written_cost"
    if asking.answer_bytes == plan.assumed.answer_bytes:
        yield "answer_bytes"
