"""Claims as data: what a study may claim, and that the released one leaves no pair out."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clika.claims import Change, Claim, Contrast, Known, Part, check_claims
from clika.errors import ConfigError
from clika.registry import find_model
from clika.study import load_study

KNOWN = Known(["base", "after"], ["places"], ["en", "de", "zh"], "en")
CLAIM: dict[str, Any] = {
    "name": "better",
    "title": "It is better.",
    "parts": [{"name": "RA", "metric": "ra", "languages": "others", "side": "up"}],
    "pairs": [{"before": "base", "after": "after"}],
}
PART = CLAIM["parts"][0]


def checked(*claims: dict[str, Any]) -> None:
    check_claims(msgspec.convert(claims, tuple[Claim, ...]), KNOWN, "study.yaml")


def test_a_claim_that_names_what_is_there_passes() -> None:
    checked(CLAIM)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"pairs": [{"before": "bass", "after": "after"}]},
            r"claims\[0\].pairs\[0\].before: Unknown model 'bass'. Did you mean 'base'",
        ),
        (
            {"pairs": [{"after": "other"}]},
            r"study.yaml: claims\[0\].pairs\[0\].after: Unknown model 'other'",
        ),
        (
            {"parts": [PART | {"metric": "raa"}]},
            r"claims\[0\].parts\[0\].metric: Unknown metric 'raa'. Did you mean 'ra'",
        ),
        ({"tasks": ["faces"]}, r"claims\[0\].tasks\[0\]: Unknown task 'faces'"),
        (
            {"pairs": [CLAIM["pairs"][0] | {"targets": ["fr"]}]},
            r"claims\[0\].pairs\[0\].targets\[0\]: Unknown language 'fr'",
        ),
        ({"parts": [PART | {"side": "below"}]}, r"claims\[0\].parts\[0\].bound"),
        ({"parts": [PART | {"bound": 0.5}]}, r"claims\[0\].parts\[0\].bound"),
        ({"parts": [PART, PART]}, r"claims\[0\].parts: 'RA' is listed twice"),
        ({"parts": [PART | {"decides": False}]}, r"claims\[0\].parts: none of them decides"),
        ({"pairs": CLAIM["pairs"] * 2}, r"claims\[0\].pairs: 'base -> after' is listed twice"),
        ({"parts": [PART | {"languages": "targets"}]}, "leaves no language for 'RA'"),
        (
            {"against": [{"group": "7B", "before": "base", "after": "after"}]},
            r"claims\[0\].against: no group is in both lists",
        ),
    ],
)
def test_a_fault_is_named_with_its_key(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        checked(CLAIM | change)


def test_two_claims_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="claim 'better' is listed twice"):
        checked(CLAIM, CLAIM)


def test_changes_of_one_group_are_set_against_each_other() -> None:
    small, other, large = (
        {"group": group, "before": "base", "after": after}
        for group, after in (("7B", "after"), ("7B", "base"), ("13B", "after"))
    )
    claim = msgspec.convert(CLAIM | {"pairs": [small, large], "against": [other]}, Claim)
    assert [contrast.name for contrast in claim.contrasts] == ["base -> after against base -> base"]


def test_the_others_are_neither_pivot_nor_target_of_either_change() -> None:
    part = msgspec.convert(PART, Part)
    contrast = Contrast(Change("a", "b", ("de",)), Change("c", "b", ("zh",)))
    languages = ["en", "de", "fr", "zh"]
    assert contrast.languages(part, known=languages, pivot="en") == ("fr",)


def test_every_change_among_the_released_models_is_in_a_claim() -> None:
    study = load_study("paper-released")
    listed = {(c.before, c.after) for claim in study.claims for c in (*claim.pairs, *claim.against)}
    for model in map(find_model, study.models):
        # What the release names by file only is not proven to come from its base.
        if model.base is None or model.note:
            continue
        base = find_model(model.base)
        both = base.pretraining != model.pretraining and base.tuning != model.tuning
        assert both or (base.name, model.name) in listed, model.name
