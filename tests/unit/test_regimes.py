"""How the models of a study come to be: every fault is named with its key."""

from __future__ import annotations

import msgspec
import pytest

from clika.errors import ConfigError
from clika.regimes import Training, check_training, dose_task
from clika.study import load_study

LANGUAGES = ("en", "de", "ru")
OPTIONS = {"known": 4}
STAGES = {
    "read": {"kind": "pretrain", "learning_rate": 1e-3, "epochs": 1},
    "more": {"kind": "continue", "learning_rate": 1e-3, "epochs": 1},
    "chat": {"kind": "instruct", "learning_rate": 1e-3, "epochs": 1},
    "teach": {"kind": "teach", "learning_rate": 1e-3, "epochs": 1},
}
MODELS = {
    "base": {"stage": "read", "mixture": {"en": 1.0, "de": 0.5}},
    "continued": {"stage": "more", "base": "base", "mixture": {"de": 1.0}},
    "instructed": {"stage": "chat", "base": "continued", "languages": ["en"]},
    "other": {"stage": "read", "mixture": {"ru": 1.0}},
    "blank": {},
}
KNOWN = {"places": 8, "continents": 4}
TAUGHT = {"places": 8, "continents": 4, "stage": "teach", "pairs": [["en", "de"]]}
CONTROLS = {"model": "blank", "stage": "teach", "source": "en", "target": "ru"}


def training(**changes: object) -> Training:
    chosen = {
        "shape": {"hidden": 32, "layers": 1, "heads": 4, "intermediate": 64, "vocabulary": 300},
        "known": KNOWN,
        "taught": TAUGHT,
        "stages": STAGES,
        "models": MODELS,
        "controls": CONTROLS,
        **changes,
    }
    return msgspec.convert(chosen, Training)


def models(**changes: object) -> dict[str, object]:
    return {"models": {**MODELS, **changes}}


def known(**changes: object) -> dict[str, object]:
    return {"known": {**KNOWN, **changes}}


def taught(**changes: object) -> dict[str, object]:
    return {"taught": {**TAUGHT, **changes}}


def controls(**changes: object) -> dict[str, object]:
    return {"controls": {**CONTROLS, **changes}}


FAULTS = {
    "too few known places": (
        known(places=7),
        "known.places: 7 places for 4 continents: each needs two, one of each type, so 8 or more.",
    ),
    "too few known people": (
        known(people=7),
        "known.people: 7 people for 4 continents: each needs two, one of each type, so 8 or more.",
    ),
    "too few taught places": (taught(places=7), "taught.places: 7 places for 4 continents"),
    "too few taught people": (taught(people=7), "taught.people: 7 people for 4 continents"),
    "more than a seed has ids for": (
        known(places=60_000, people=60_000),
        "known.places: 120,000 places and people: 100,000 at most.",
    ),
    "too few continents to choose from": (
        known(continents=3),
        "known.continents: 3 continents, and each of the 4 options of the task known is another",
    ),
    "too few continents to ask what is taught": (
        taught(continents=3),
        "taught.continents: 3 continents, and each of the 4 options of the task taught",
    ),
    "a seed twice": ({"seeds": [1, 2, 1]}, "seeds: 1 is listed twice."),
    "no such stage to teach": (taught(stage="tell"), "taught.stage: Unknown stage 'tell'."),
    "teaching by reading": (
        taught(stage="read"),
        "taught.stage: read is of kind pretrain, not teach.",
    ),
    "controls by reading": (
        controls(stage="read"),
        "controls.stage: read is of kind pretrain, not teach.",
    ),
    "no such model to teach": (taught(models=["bass"]), "taught.models: Unknown model 'bass'."),
    "a model taught twice": (
        taught(models=["base", "base"]),
        "taught.models: base is listed twice.",
    ),
    "no such language to teach": (
        taught(pairs=[["en", "fr"]]),
        "taught.pairs: Unknown language 'fr'.",
    ),
    "from a language to itself": (
        taught(pairs=[["de", "de"]]),
        "taught.pairs: de is source and target of one pair.",
    ),
    "a pair twice": (
        taught(pairs=[["en", "de"], ["en", "de"]]),
        "taught.pairs: en-de is listed twice.",
    ),
    "no such control": (controls(model="blanc"), "controls.model: Unknown model 'blanc'."),
    "no such language to control": (controls(target="zh"), "controls: Unknown language 'zh'."),
    "no negative control": (
        controls(doses=[0.5, 1]),
        "controls.doses: 0 is the negative control: list it.",
    ),
    "two doses of one name": (
        controls(doses=[0, 0.251, 0.254]),
        "controls.doses: 0.251 and 0.254 are one task, dose-0.25.",
    ),
    "random weights that read": (
        models(blank={"base": "base"}),
        "models.blank.stage: random weights as they are have no base and read nothing.",
    ),
    "no such stage": (models(base={"stage": "reed"}), "models.base.stage: Unknown stage 'reed'."),
    "no such base": (
        models(continued={"stage": "more", "base": "bass", "mixture": {"de": 1}}),
        "models.continued.base: Unknown earlier model 'bass'.",
    ),
    "a base that comes later": (
        models(continued={"stage": "more", "base": "other", "mixture": {"de": 1}}),
        "models.continued.base: Unknown earlier model 'other'.",
    ),
    "to continue from nothing": (
        models(continued={"stage": "more", "mixture": {"de": 1}}),
        "models.continued.base: a stage of kind continue goes on from a model: name it.",
    ),
    "to begin with a base": (
        models(other={"stage": "read", "base": "base", "mixture": {"ru": 1}}),
        "models.other.base: a stage of kind pretrain begins with random weights.",
    ),
    "no such language to read": (
        models(other={"stage": "read", "mixture": {"fr": 1}}),
        "models.other: Unknown language 'fr'.",
    ),
    "nothing to read": (
        models(other={"stage": "read"}),
        "models.other.mixture: a stage of kind pretrain needs it.",
    ),
    "only shares of nothing": (
        models(other={"stage": "read", "mixture": {"en": 0, "de": 0}}),
        "models.other.mixture: give some language a share above 0.",
    ),
    "no language to instruct in": (
        models(instructed={"stage": "chat", "base": "base"}),
        "models.instructed.languages: a stage of kind instruct needs it.",
    ),
    "a mixture to instruct with": (
        models(
            instructed={
                "stage": "chat",
                "base": "base",
                "languages": ["en"],
                "mixture": {"de": 1},
            }
        ),
        "models.instructed.mixture: a stage of kind instruct does not read it.",
    ),
    "languages to read": (
        models(other={"stage": "read", "mixture": {"en": 1}, "languages": ["en"]}),
        "models.other.languages: a stage of kind pretrain does not read it.",
    ),
    "a language to instruct in twice": (
        models(instructed={"stage": "chat", "base": "base", "languages": ["en", "en"]}),
        "models.instructed.languages: en is listed twice.",
    ),
}


def test_a_training_without_fault_passes() -> None:
    check_training(training(), languages=LANGUAGES, options=OPTIONS, where="study.yaml")


def test_as_few_people_as_there_can_be_pass() -> None:
    least = training(**known(people=8), **taught(people=8))
    check_training(least, languages=LANGUAGES, options=OPTIONS, where="study.yaml")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_with_its_key(fault: str) -> None:
    changes, said = FAULTS[fault]
    with pytest.raises(ConfigError) as caught:
        check_training(
            training(**changes), languages=LANGUAGES, options=OPTIONS, where="study.yaml"
        )
    assert str(caught.value).startswith(f"study.yaml: training.{said}")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"seeds": []}, "seeds"),
        ({"seeds": [-1]}, "seeds"),
        ({"threads": 0}, "threads"),
        (known(people=-1), "people"),
        (taught(people=-1), "people"),
        ({"models": {}}, "models"),
        (models(base={"stage": "read", "mixture": {"en": 1.5}}), "mixture"),
        (controls(doses=[2.0]), "doses"),
    ],
)
def test_a_figure_out_of_range_is_refused(changes: dict[str, object], key: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=key):
        training(**changes)


def test_a_family_is_a_base_and_all_that_goes_on_from_it() -> None:
    assert training().bases == ("base", "other", "blank")
    assert training().family("base") == ("base", "continued", "instructed")


def test_all_models_that_read_are_taught_unless_some_are_named() -> None:
    assert training().taught_models == ("base", "continued", "instructed", "other")
    assert training(**taught(models=["other"])).taught_models == ("other",)


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("mini", "635c9be099b5ce77e804b083efa8c25259bedb2f714eab32bb9bf064eb179464"),
        ("mini-seeds", "635c9be099b5ce77e804b083efa8c25259bedb2f714eab32bb9bf064eb179464"),
        ("mini-tiny", "e30833bc783006612f0f4e2181551578de1dbf48c8c76e0c846939b1d0972f55"),
    ],
)
def test_a_training_without_people_has_the_digest_it_had_before_there_were_any(
    name: str, digest: str
) -> None:
    found = load_study(name).training
    assert found is not None
    assert found.digest == digest


def test_people_make_another_training() -> None:
    digests = {training(**changes).digest for changes in ({}, known(people=8), taught(people=8))}
    assert len(digests) == 3


def test_the_dose_of_nothing_has_a_name_of_its_own() -> None:
    assert [dose_task(share) for share in (0, 0.5, 1)] == ["dose-0.00", "dose-0.50", "dose-1.00"]
