"""What asking models takes, as ``clika plan`` estimates it."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from made_answers import ITEMS, LANGUAGES, HashBackend, items, make_model, make_study
from made_answers import STUDY as COLOURS
from made_weights import write_safetensors
from msgspec.structs import replace

from clika.cli import cli
from clika.steps.asked_study import asking_place, begin_study
from clika.steps.infer import InferChoices, infer
from clika.store.connection import in_memory
from clika.store.shard_queries import TextSize, text_sizes
from clika.store.shards import write_parquet
from clika.study import Asked, Study, load_study, save_study
from clika.views.plan import Assumptions, plan
from clika.views.plan.asking import cost_of_asking, model_cost
from clika.views.plan.measured import Timed, benchmark_seconds, measured_ratio
from clika.views.plan.prompts import Prompts
from clika.views.stages import look_at_data, look_at_shards

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from clika.views.plan.asking import AskingCost

#: 1,000 prompts of 100 tokens.
PROMPTS = Prompts(1000, 100_000.0, is_measured=True)


@pytest.fixture(autouse=True)
def _nothing_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CLIKA_DATA", raising=False)


def choose(results: Path, **asked: Asked) -> Study:
    """Begin the study of colours and write which models it asks."""
    make_study(results)
    study = replace(load_study(COLOURS.name, results), asked=asked)
    save_study(study, results / study.name / "study.yaml")
    return study


def asking(study: Study, results: Path) -> AskingCost:
    found = plan(study, results=results).asking
    assert found is not None
    return found


def test_a_registered_model_takes_what_a_calculator_says() -> None:
    found = model_cost("llama_7b", None, PROMPTS, Assumptions())
    assert (found.parameters, found.weights) == (7 * 10**9, 14 * 10**9)
    assert found.memory == pytest.approx(16.8e9)
    # Twice 14 GB at half a GB a second; 2 x 7e9 x 1e5 operations at 1e14 a second.
    assert (found.load_seconds, found.ask_seconds) == (56, 14)
    assert found.hours() == pytest.approx(70 / 3600)
    assert found.hours(0.5) == pytest.approx(63 / 3600)


def test_a_model_for_several_gpus_takes_the_hours_of_each() -> None:
    on_two = model_cost("llama2_70b", None, PROMPTS, Assumptions())
    on_three = model_cost("llama2_70b", None, PROMPTS, Assumptions(gpu_gib=60))
    assert (on_two.gpus, on_three.gpus) == (2, 3)
    assert on_two.hours() == pytest.approx(2 * (560 + 140) / 3600)
    assert on_three.hours() == pytest.approx(3 * (560 + 140) / 3600)


def test_of_a_model_that_nobody_knows_nothing_is_made_up() -> None:
    found = model_cost("our_own", None, PROMPTS, Assumptions())
    assert (found.parameters, found.weights, found.memory, found.gpus) == (None, None, None, None)
    assert found.hours() is None


def test_written_tokens_count_beside_those_read() -> None:
    scored = model_cost("llama_7b", Asked("nowhere", device="cuda"), PROMPTS, Assumptions())
    asked = Asked("nowhere", device="cuda", longest=20)
    written = model_cost("llama_7b", asked, PROMPTS, Assumptions())
    assert scored.ask_seconds == pytest.approx(14)
    # 1,000 answers of 20 tokens, each as long as ten that are read.
    assert written.ask_seconds == pytest.approx(14 * (100_000 + 200_000) / 100_000)


@given(
    prompts=st.tuples(st.integers(1, 10**7), st.integers(1, 10**7)),
    share=st.floats(0, 1),
    longest=st.none() | st.integers(1, 500),
)
def test_more_items_never_take_less(
    prompts: tuple[int, int], share: float, longest: int | None
) -> None:
    asked = Asked("nowhere", device="cuda", longest=longest)
    fewer, more = (
        model_cost("llama2_70b", asked, Prompts(n, n * 80.0, is_measured=True), Assumptions())
        for n in sorted(prompts)
    )
    assert (fewer.hours() or 0) <= (more.hours() or 0)
    assert 0 < (more.hours(share) or 0) <= (more.hours() or 0)


def test_a_job_that_was_timed_twice_took_the_mean(tmp_path: Path) -> None:
    path = tmp_path / "job.tsv"
    path.write_text("s\th:m:s\tmax_rss\n90.0\t0:01:30\t-\n30.0\t0:00:30\t-\n", encoding="utf-8")
    assert benchmark_seconds(path) == 60.0
    path.write_text("h:m:s\n0:01:30\n", encoding="utf-8")
    assert benchmark_seconds(path) is None
    assert benchmark_seconds(tmp_path / "none.tsv") is None


def test_the_released_study_without_results_says_what_asking_anew_would_take(
    tmp_path: Path,
) -> None:
    study = load_study("paper-released")
    found = plan(study, results=tmp_path / "results")
    assert (found.cells.wanted, found.cells.source) == (46 * 4 * 10, "shipped")
    assert 0 < found.cells.there < found.cells.wanted
    cost = asking(study, tmp_path / "results")
    names = [model.model for model in cost.models]
    # ChatGPT has no weights, and those of four were never released.
    assert (cost.purpose, len(names), "chatgpt" in names) == ("anew", 41, False)
    assert cost.prompts == 41 * 1880 * 10
    assert {model.prompts.is_measured for model in cost.models} == {False}
    llama = next(model for model in cost.models if model.model == "llama_7b")
    assert llama.ask_seconds == pytest.approx(2 * 7e9 * 18_800 * 100 / 1e14)
    assert {group.kind for group in found.access} >= {"open", "gated", "request", "api", "none"}
    assert not (tmp_path / "results").exists()


def test_models_to_ask_are_costed_by_their_files_or_the_registry(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "ours", {"a": [1000, 1000]})
    ours = Asked(str(tmp_path / "ours"), tasks=("far",))
    study = choose(tmp_path / "results", ours=ours, llama_7b=Asked("models/l", device="cuda"))
    cost = asking(study, tmp_path / "results")
    first, second = cost.models
    assert (first.model, first.parameters, first.is_here) == ("ours", 10**6, True)
    assert (second.model, second.parameters, second.is_here) == ("llama_7b", 7 * 10**9, False)
    assert (first.prompts.prompts, second.prompts.prompts) == (360, 720)
    assert first.prompts.is_measured
    # "en far thing 7?" and four colours: 17 bytes of options, and what the number takes.
    texts = sum(len(f"en far thing {item}?") for item in range(ITEMS)) * len(LANGUAGES)
    assert first.prompts.tokens == pytest.approx((texts + 360 * (17 + 40)) / 2)
    assert [group.kind for group in plan(study, results=tmp_path / "results").access] == ["request"]


def uneven(results: Path, **asked: Asked) -> Study:
    """Begin a study whose German has half of the items, and one more that has a single option."""
    study = replace(
        COLOURS, tasks=(replace(COLOURS.tasks[0], items=None), COLOURS.tasks[1]), asked=asked
    )
    kept = [item for item in items() if item.language != "de" or item.item < ITEMS // 2]
    kept.append(
        items()[0]._replace(
            language="de", item=ITEMS - 1, uuid=f"far:{ITEMS - 1}", options=("red",)
        )
    )
    begin_study(study, kept, shards=results / study.name / "shards", command="make it")
    save_study(study, results / study.name / "study.yaml")
    return study


def test_items_without_a_choice_are_neither_planned_nor_missed(tmp_path: Path) -> None:
    results = tmp_path / "results"
    make_model(tmp_path / "model")
    asked = Asked(str(tmp_path / "model"))
    study = uneven(results, m=asked)
    before = plan(study, results=results)
    assert before.prompts["far"].prompts == 2 * ITEMS + ITEMS // 2
    # German comes first by its name, and has fewer.
    assert before.tasks[0].items == ITEMS
    infer(study, choices=InferChoices("m", asked.source), results=results, backend=HashBackend)
    after = plan(load_study(study.name, results), results=results).cells
    assert (after.there, after.partial, after.wanted) == (6, 0, 6)


def test_questions_of_a_table_count_without_the_texts_of_their_options(tmp_path: Path) -> None:
    shard = tmp_path / "items.parquet"
    with closing(in_memory()) as connection:
        connection.execute(
            "create table made (item int, question varchar, options varchar[], k int);"
            "insert into made values"
            " (1, 'abc', [], 4), (2, 'abc', ['a', 'b'], 2), (3, 'abc', ['a'], 1),"
            " (4, '', ['a', 'b'], 2)"
        )
        query = "select 't' as task, 'en' as language, made.* from made"
        write_parquet(connection, query, shard, key="")
    assert text_sizes(shard) == [TextSize("t", "en", 2, 8)]


def test_the_page_says_that_a_smaller_study_is_timed_as_if_nothing_were_done(
    tmp_path: Path,
) -> None:
    results = tmp_path / "results"
    write_safetensors(tmp_path / "model", {"a": [1000, 1000]})
    asked = Asked(str(tmp_path / "model"))
    study = choose(results, m=asked)

    def page() -> str:
        run = CliRunner().invoke(cli, ["plan", study.name, "--results", str(results)])
        return " ".join(run.output.split())

    assert "as if none of it were done" not in page()
    choices = InferChoices("m", asked.source, context=f"some versions; {asking_place(asked)}")
    infer(study, choices=choices, results=results, backend=HashBackend)
    assert "processor time" in page()
    assert "as if none of it were done" in page()


def test_a_share_that_is_not_known_has_no_time(tmp_path: Path) -> None:
    results = tmp_path / "results"
    far, near = COLOURS.tasks
    asked = Asked("nowhere", device="cuda", tasks=("far",))
    study = replace(COLOURS, tasks=(far, replace(near, items=None)), asked={"llama_7b": asked})
    save_study(study, results / study.name / "study.yaml")
    arguments = ["plan", study.name, "--results", str(results)]
    page = CliRunner().invoke(cli, arguments).output
    rows = {" ".join(line.split()) for line in page.splitlines()}
    assert {"prompts – – –", "GPU time – – –"} <= rows
    found = json.loads(CliRunner().invoke(cli, [*arguments, "--json"]).output)
    assert [part["hours"] for part in found["smaller"]] == [{}, {}, {}]


def test_plan_and_status_count_the_models_to_ask_alike(tmp_path: Path) -> None:
    results = tmp_path / "results"
    make_model(tmp_path / "model")
    asked = Asked(str(tmp_path / "model"))
    study = choose(results, m=asked, other=asked)

    def counted() -> tuple[str, str]:
        current = load_study(study.name, results)
        stage = look_at_shards(current, results / study.name / "shards", look_at_data(current))
        return plan(current, results=results).steps[0].why, stage.stage.detail

    def ask(context: str) -> None:
        choices = InferChoices("m", asked.source, context=context, replace=True)
        infer(
            load_study(study.name, results), choices=choices, results=results, backend=HashBackend
        )

    assert counted() == ("2 of 2 models are not asked", "no model has been asked the items")
    # By hand: the workflow would ask the model again.
    ask("")
    assert counted() == ("2 of 2 models are not asked", "2 of 2 models are not asked yet")
    ask(f"some versions; {asking_place(asked)}")
    assert counted() == ("1 of 2 models are not asked", "1 of 2 models are not asked yet")
    choose_again = replace(asked, prompt="full-option")
    grown = load_study(study.name, results)
    grown = replace(grown, asked={"m": choose_again, "other": asked})
    save_study(grown, results / study.name / "study.yaml")
    assert counted() == ("2 of 2 models are not asked", "2 of 2 models are not asked yet")


def cost_after(folder: Path, took: Mapping[str, float]) -> AskingCost:
    """Return what asking a 13B takes after models that were asked in so many seconds."""
    asked = Asked("nowhere", device="cuda")
    study = replace(COLOURS, asked=dict.fromkeys([*took, "llama_13b"], asked))
    logs = folder / "logs" / "infer"
    logs.mkdir(parents=True)
    for model, seconds in took.items():
        (logs / f"{model}.tsv").write_text(f"s\n{seconds}\n", encoding="utf-8")
    return cost_of_asking(
        study,
        {"llama_13b": ("far",)},
        {"far": PROMPTS, "near": Prompts(0, 0.0, is_measured=True)},
        folder=folder,
        assumed=Assumptions(),
        answer_bytes=100.0,
    )


def test_hours_follow_what_earlier_models_took_here(tmp_path: Path) -> None:
    cost = cost_after(tmp_path, {"llama_7b": 140.0})
    # The 7B took twice the 70 seconds of the arithmetic, so the 13B takes twice its 130.
    assert (cost.measured, cost.left_out) == ({"gpu": 1}, {})
    assert cost.hours("gpu") == pytest.approx(2 * (104 + 26) / 3600)
    assert cost.results == 100_000


def test_a_smaller_study_counts_the_models_that_are_asked_already(tmp_path: Path) -> None:
    cost = cost_after(tmp_path, {"llama_7b": 140.0})
    # Twice the arithmetic: 56 and 104 seconds of reading, 14 and 26 of asking.
    assert cost.whole_hours("gpu", 1.0) == pytest.approx(2 * (56 + 104 + 14 + 26) / 3600)
    assert cost.whole_hours("gpu", 0.5) == pytest.approx(2 * (56 + 104 + 7 + 13) / 3600)
    assert cost.whole_hours("processor", 1.0) is None


def test_a_job_that_found_its_work_done_says_nothing_of_the_hours(tmp_path: Path) -> None:
    # Reading the weights of the 70B takes 560 seconds.
    cost = cost_after(tmp_path, {"llama_7b": 140.0, "llama2_70b": 100.0})
    assert (cost.measured, cost.left_out) == ({"gpu": 1}, {"gpu": 1})
    assert cost.hours("gpu") == pytest.approx(2 * (104 + 26) / 3600)


@given(took=st.floats(0, 10**6), estimate=st.floats(1, 10**6), least=st.floats(0, 10**6))
def test_no_job_divides_the_hours_by_more_than_twenty(
    took: float, estimate: float, least: float
) -> None:
    found = measured_ratio([Timed(took, estimate, least)])
    assert found.jobs + found.left_out == 1
    assert found.ratio > 0.0499
    assert found.left_out or took >= least


def test_the_page_is_short_and_names_what_is_gated(tmp_path: Path) -> None:
    run = CliRunner().invoke(cli, ["plan", "--results", str(tmp_path)])
    assert run.exit_code == 0, run.output
    assert "What asking 41 of 46 models anew would take; no step does" in run.output
    assert "  gated    llama2_7b, " in run.output
    assert "  api      chatgpt: no weights" in run.output
    assert "X-CSQA         0.20  4.0 (1,000)   5.6 (500)   7.9 (250)" in run.output
    assert "prompts                    100 %        50 %        25 %" in run.output
    assert all(len(line) <= 100 for line in run.output.splitlines())


def test_of_taught_models_the_base_is_what_must_be_had(tmp_path: Path) -> None:
    (group,) = plan(load_study("gemma-taught"), results=tmp_path).access
    assert [name for name, _ in group.models] == ["gemma3-270m"]
    assert group.remedy.endswith("pip install 'clika[gemma]'")


def test_a_faster_gpu_is_taken_for_one(tmp_path: Path) -> None:
    def hours(*options: str) -> tuple[float, dict[str, float]]:
        arguments = ["plan", "--json", "--results", str(tmp_path), *options]
        found = json.loads(CliRunner().invoke(cli, arguments).output)
        values = {name: of["value"] for name, of in found["assumptions"].items()}
        return found["asking"]["gpu_hours"], values

    (slow, assumed), (fast, faster) = hours(), hours("--tflops", "400", "--gpu-memory", "141")
    assert (assumed["tflops"], assumed["gpu_gib"]) == (100, 80)
    assert (faster["tflops"], faster["gpu_gib"]) == (400, 141)
    assert fast < slow


def test_json_has_all_that_the_page_says(tmp_path: Path) -> None:
    study = choose(tmp_path / "results", llama_7b=Asked("nowhere", device="cuda"))
    arguments = ["plan", study.name, "--json", "--results", str(tmp_path / "results")]
    found = json.loads(CliRunner().invoke(cli, arguments).output)
    assert found["cells"]["wanted"] == 2 * len(LANGUAGES)
    (model,) = found["asking"]["models"]
    assert (model["model"], model["source"], model["is_here"]) == ("llama_7b", "nowhere", False)
    assert found["access"]["groups"][0]["models"] == [{"model": "llama_7b", "hub": ""}]
    assert [part["tasks"][0]["items"] for part in found["smaller"]] == [120, 60, 30]
    assert found["smaller"][2]["hours"]["gpu"] < found["smaller"][0]["hours"]["gpu"]
    assert found["free_bytes"] > 0
