"""What the trainings of a study take, and what fewer seeds or items show."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
import pytest
from click.testing import CliRunner
from made_trained import cell, outcomes, study_of

from clika.cli import cli
from clika.stages import Shape
from clika.steps.training.parts import PARTS, Part, part_name
from clika.store.connection import in_memory
from clika.store.outcomes import write_outcomes
from clika.store.shards import write_parquet
from clika.study import load_study, save_study
from clika.train.models import new_model
from clika.views.plan import Assumptions, plan
from clika.views.plan.differences import TaskPlan, parts_by_items, parts_by_seeds
from clika.views.plan.training import Texts, parameters_of, training_operations

if TYPE_CHECKING:
    from pathlib import Path

    from clika.study import Study
    from clika.views.plan.training import TrainingCost


def finish(folder: Path, study: Study, seed: int, base: str, *, took: float | None = None) -> None:
    """Write what a training leaves: its list, and what the workflow notes of its time."""
    assert study.training is not None
    part = Part(study.training.digest, {}, {}, {})
    path = folder / "shards" / PARTS / part_name(seed, base)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode(part))
    if took is not None:
        log = folder / "logs" / "train" / f"seed-{seed}-{base}.tsv"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(f"s\th:m:s\n{took}\t-\n", encoding="utf-8")


def training(study: Study, results: Path) -> TrainingCost:
    found = plan(study, results=results).training
    assert found is not None
    return found


def test_the_parameters_of_a_size_are_those_of_its_layers() -> None:
    mini = Shape(hidden=128, layers=2, heads=4, intermediate=384, vocabulary=2048)
    # Embeddings; of each layer attention, three feed-forward matrices and two norms; the last norm.
    assert parameters_of(mini) == 2048 * 128 + 2 * (4 * 128**2 + 3 * 128 * 384 + 2 * 128) + 128


def test_a_training_takes_six_operations_a_parameter_and_token_and_asking_two() -> None:
    study = study_of(0)
    assert study.training is not None
    taught = {("taught", "en", target): 500 for target in ("de", "he")}
    texts = Texts({"tiny_a": 1000, "tiny_b": 9000}, taught, asked=300, answering=("tiny_a",))
    # One epoch of 1,000 bytes read and of two pairs taught, at 4 bytes to a token.
    said = training_operations(study.training, "tiny_a", texts, Assumptions())
    assert said == pytest.approx(2872 * (6 * (1000 + 2 * 500) + 2 * 300) / 4)


def test_the_models_of_a_trained_study_have_the_parameters_said() -> None:
    torch = pytest.importorskip("torch")
    shape = Shape(hidden=8, layers=1, heads=1, intermediate=8, vocabulary=300)
    model = new_model(shape, tokens=300, seed=0)
    assert isinstance(model, torch.nn.Module)
    assert sum(weight.numel() for weight in model.parameters()) == parameters_of(shape)


def test_before_any_training_the_hours_are_arithmetic(tmp_path: Path) -> None:
    found = training(study_of(0, 1), tmp_path)
    assert (len(found.left), found.measured) == (4, 0)
    assert found.hours_left > 0
    doubled = plan(study_of(0, 1), results=tmp_path, assumed=Assumptions(processor_tflops=0.08))
    assert doubled.training is not None
    assert doubled.training.hours_left == pytest.approx(found.hours_left / 2)
    assert list(tmp_path.iterdir()) == []


def test_a_study_that_is_half_trained_takes_as_long_again(tmp_path: Path) -> None:
    study = study_of(0, 1)
    finish(tmp_path / study.name, study, 0, "tiny_a", took=120.0)
    finish(tmp_path / study.name, study, 0, "tiny_b", took=60.0)
    found = training(study, tmp_path)
    assert [(job.seed, job.base) for job in found.left] == [(1, "tiny_a"), (1, "tiny_b")]
    assert (found.measured, found.hours_noted) == (2, pytest.approx(180 / 3600))
    assert found.hours_left == pytest.approx(180 / 3600)


def test_of_a_base_that_nobody_timed_the_pace_of_the_other_is_taken(tmp_path: Path) -> None:
    study = study_of(0)
    before = {job.base: job.estimate for job in training(study, tmp_path).jobs}
    finish(tmp_path / study.name, study, 0, "tiny_a", took=3 * before["tiny_a"])
    (left,) = training(study, tmp_path).left
    assert left.estimate == pytest.approx(3 * before["tiny_b"])


def test_a_training_that_found_its_work_done_says_nothing_of_the_others(tmp_path: Path) -> None:
    study = study_of(0)
    save_study(study, tmp_path / study.name / "study.yaml")
    before = {job.base: job.estimate for job in training(study, tmp_path).jobs}
    finish(tmp_path / study.name, study, 0, "tiny_a", took=before["tiny_a"] / 100)
    found = training(study, tmp_path)
    assert (found.measured, found.left_out) == (0, 1)
    assert found.hours_left == pytest.approx(before["tiny_b"] / 3600)
    run = CliRunner().invoke(cli, ["plan", study.name, "--results", str(tmp_path)])
    said = " ".join(run.output.split())
    assert "1 time left out, too short for a whole job" in said


def test_a_training_of_another_recipe_is_not_done(tmp_path: Path) -> None:
    study = study_of(0)
    finish(tmp_path / study.name, study, 0, "tiny_a", took=100.0)
    other = msgspec.structs.replace(study.training, threads=1)
    found = plan(msgspec.structs.replace(study, training=other), results=tmp_path)
    assert found.training is not None
    assert (len(found.training.left), found.training.measured) == (2, 0)
    assert found.steps[0] == ("train", True, "2 of 2 jobs are not done")


def test_cells_are_counted_by_seed(tmp_path: Path) -> None:
    cells = plan(study_of(0, 1, 2), results=tmp_path).cells
    assert (cells.wanted, cells.there, cells.source) == (2 * 1 * 3, 0, "nothing")
    # Two models by two pairs, two doses and the positive control, three seeds.
    assert (cells.conductivity, cells.outcomes) == ((2 * 2 + 3) * 3, 0)


def test_cells_of_trainings_that_are_done_count_before_they_are_gathered(tmp_path: Path) -> None:
    study = study_of(0)
    assert study.training is not None
    shards = tmp_path / study.name / "shards"
    shards.mkdir(parents=True)
    with closing(in_memory()) as connection:
        write_outcomes(connection, shards / "o.parquet", outcomes(cell("taught", "tiny_a")), key="")
        rows = "select 'tiny_a' model, 'known' task, unnest(['en', 'de']) language, 1 item"
        write_parquet(connection, rows, shards / "r.parquet", key="")
    part = Part(study.training.digest, {"r.parquet": ""}, {}, {"o.parquet": ""})
    path = shards / PARTS / part_name(0, "tiny_a")
    path.parent.mkdir()
    path.write_bytes(msgspec.json.encode(part))
    cells = plan(study, results=tmp_path).cells
    assert (cells.there, cells.partial, cells.wanted) == (2, 2, 6)
    assert (cells.outcomes, cells.conductivity) == (1, 7)


def test_a_study_that_ships_its_answers_needs_no_training(tmp_path: Path) -> None:
    found = plan(load_study("mini-seeds"), results=tmp_path)
    assert found.training is not None
    assert found.training.is_shipped
    assert (found.cells.there, found.cells.wanted) == (70, 70)
    assert found.cells.outcomes == found.cells.conductivity
    assert [part.items for part in found.parts] == [(600,), (240,), (120,)]


def test_the_page_says_that_hours_are_measured_and_by_how_many(tmp_path: Path) -> None:
    study = study_of(0, 1)
    save_study(study, tmp_path / study.name / "study.yaml")
    finish(tmp_path / study.name, study, 0, "tiny_a", took=7200.0)
    arguments = ["plan", study.name, "--results", str(tmp_path)]
    page = " ".join(CliRunner().invoke(cli, arguments).output.split())
    assert "trainings 1 of 4 (seed x base) are done, in 2.0 hours one after the other" in page
    assert "for 3 trainings, one after the other, on 2 threads each" in page
    assert "measured on 1 of 4 trainings here" in page


def task_plan(study: Study, items: int | None) -> TaskPlan:
    return TaskPlan(study.tasks[0], items, None, (None, None, None), None)


def test_fewer_items_show_less_by_the_root_of_their_number() -> None:
    tasks = [task_plan(study_of(0), 180)]
    parts = parts_by_items(tasks, {"known": 180 * 3})
    shown = [(part.items, [round(100 * (d or 0), 1) for d in part.differences]) for part in parts]
    assert shown == [((180,), [9.3]), ((90,), [13.2]), ((45,), [18.7])]
    assert [part.share for part in parts] == [1, 0.5, 0.25]


def test_items_are_rounded_down_and_the_share_with_them() -> None:
    (_, half, quarter) = parts_by_items([task_plan(study_of(0), 7)], {"known": 70})
    assert (half.items, half.share) == ((3,), pytest.approx(3 / 7))
    assert (quarter.items, quarter.share) == ((1,), pytest.approx(1 / 7))


def test_without_a_number_of_items_no_share_is_made_up() -> None:
    parts = parts_by_items([task_plan(study_of(0), None)], {"known": None})
    assert {(part.share, part.items, part.differences) for part in parts} == {
        (None, (None,), (None,))
    }


def test_a_study_that_trains_shrinks_by_whole_seeds() -> None:
    parts = parts_by_seeds([task_plan(study_of(0), 600)], 5)
    assert [(part.name, part.share, part.items) for part in parts] == [
        ("5 seeds", 1, (600,)),
        ("2 seeds", 0.4, (240,)),
        ("1 seed", 0.2, (120,)),
    ]
    assert len(parts_by_seeds([task_plan(study_of(0), 120)], 1)) == 1
