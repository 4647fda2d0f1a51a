"""The atlas: items that are right by CLDR, the same in every language, and counted where lost."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from babel import Locale
from babel.core import get_global
from babel.languages import get_official_languages
from babel.numbers import get_territory_currencies
from hypothesis import given, settings
from hypothesis import strategies as st

from clika.cli import main
from clika.errors import ConfigError, PrerequisiteError, UnknownNameError
from clika.languages import LANGUAGES, PAPER_LANGUAGES
from clika.tasks.atlas import build, names
from clika.tasks.atlas import options as option_draw
from clika.tasks.atlas.build import Atlas, build_atlas
from clika.tasks.atlas.card import atlas_card
from clika.tasks.atlas.choices import AtlasChoices
from clika.tasks.atlas.cldr import source
from clika.tasks.atlas.countries import CONTINENT_OF, COUNTRIES, REGION_OF
from clika.tasks.atlas.facts import RELATIONS, answers
from clika.tasks.atlas.names import read_names
from clika.tasks.atlas.questions import SENTENCES

if TYPE_CHECKING:
    from clika.tasks.item import Item

TASKS = ("atlas_currency", "atlas_language", "atlas_region")
#: CLDR 47 was published in this year.
DAY = dt.date(2025, 6, 1)
#: SHA-256 of the default items, by versions of CLDR and Babel: pin anew after an upgrade.
PINNED = {("47", "2.18.0"): "b217048f3716f2f978e833c22fb04d02b34d8f4c8fb8d255d5882c06a4a83016"}
#: CLDR translates little or nothing into these languages of the table.
NOT_THERE = {"ceb", "ig", "la", "tl"}
THERE = [language.code for language in LANGUAGES if language.code not in NOT_THERE]


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return build_atlas(AtlasChoices())


@pytest.fixture(scope="module")
def everything() -> Atlas:
    """Return the items of the paper's languages, giveaways among them."""
    return build_atlas(AtlasChoices(giveaways=True))


def in_english(atlas: Atlas, task: str) -> list[Item]:
    return [item for item in atlas.items if (item.task, item.language) == (task, "en")]


def codes(item: Item) -> list[str]:
    """Return the codes of an item's options, which its own id lists."""
    return item.uuid.split(":")[2].split("/")


def digest(atlas: Atlas) -> str:
    return hashlib.sha256(json.dumps(atlas.items, ensure_ascii=False).encode()).hexdigest()


def test_the_default_items_are_pinned(atlas: Atlas) -> None:
    assert digest(atlas) == PINNED[atlas.source]


def test_the_same_choices_give_the_same_items_and_another_seed_others(atlas: Atlas) -> None:
    assert build_atlas(AtlasChoices()) == atlas
    other = build_atlas(AtlasChoices(seed=1))
    assert digest(other) != digest(atlas)
    assert [item.item for item in other.items] == [item.item for item in atlas.items]


def test_every_currency_is_the_only_legal_tender(everything: Atlas) -> None:
    for item in in_english(everything, "atlas_currency"):
        tender = get_territory_currencies(item.cluster, DAY, DAY)
        assert tender == [codes(item)[item.gold]]
        used = get_territory_currencies(item.cluster, DAY, DAY, tender=True, non_tender=True)
        assert set(used) & set(codes(item)) == set(tender)


def test_every_language_is_the_only_official_one(everything: Atlas) -> None:
    for item in in_english(everything, "atlas_language"):
        official = get_official_languages(item.cluster, de_facto=True)
        assert {tag.partition("_")[0] for tag in official} == {codes(item)[item.gold]}


def test_a_language_that_is_spoken_there_is_no_wrong_option(everything: Atlas) -> None:
    for item in in_english(everything, "atlas_language"):
        spoken = {tag.partition("_")[0] for tag in get_global("territory_languages")[item.cluster]}
        assert spoken & set(codes(item)) == {codes(item)[item.gold]}


@pytest.mark.parametrize(
    ("country", "region"),
    [
        ("JP", "Eastern Asia"),
        ("PE", "South America"),
        ("KE", "Eastern Africa"),
        ("TO", "Polynesia"),
    ],
)
def test_regions_are_those_of_the_united_nations(atlas: Atlas, country: str, region: str) -> None:
    item = next(i for i in in_english(atlas, "atlas_region") if i.cluster == country)
    assert item.options[item.gold] == region


def test_every_country_has_a_region_and_every_code_a_name() -> None:
    english = Locale("en").territories
    assert len(COUNTRIES) == len(set(COUNTRIES)) == 193
    assert set(REGION_OF.values()) == set(CONTINENT_OF)
    assert all(code in english for code in (*COUNTRIES, *CONTINENT_OF, *CONTINENT_OF.values()))


def test_options_bear_the_names_that_cldr_has(atlas: Atlas) -> None:
    for item in atlas.items:
        locale = Locale(item.language)
        displayed = {
            "atlas_currency": locale.currencies,
            "atlas_language": locale.languages,
            "atlas_region": locale.territories,
        }[item.task]
        assert item.options == tuple(displayed[code] for code in codes(item))
        assert locale.territories[item.cluster] in item.question


def test_wrong_options_are_right_elsewhere_on_the_continent(everything: Atlas) -> None:
    truths = {f"atlas_{relation}": answers(relation) for relation in RELATIONS}
    for item in everything.items:
        continent = CONTINENT_OF[REGION_OF[item.cluster]]
        there = {
            code
            for country, found in truths[item.task].items()
            if CONTINENT_OF[REGION_OF[country]] == continent
            for code in found.right
        }
        assert set(codes(item)) <= there


def test_wrong_options_of_the_same_region_come_first(everything: Atlas) -> None:
    truths = answers("currency")
    item = next(i for i in in_english(everything, "atlas_currency") if i.cluster == "KE")
    near = {code for c, found in truths.items() if REGION_OF[c] == "014" for code in found.right}
    assert set(codes(item)) <= near


def test_the_right_option_favours_no_place(everything: Atlas) -> None:
    golds = Counter(item.gold for task in TASKS for item in in_english(everything, task))
    assert all(90 < golds[place] < 165 for place in range(4))


def test_every_country_is_an_item_or_a_counted_loss(atlas: Atlas) -> None:
    for relation in RELATIONS:
        lost = sum(count for (of, _), count in atlas.losses.items() if of == relation)
        assert lost + len(in_english(atlas, f"atlas_{relation}")) == len(COUNTRIES)


def test_each_filter_counts_what_it_takes(everything: Atlas, atlas: Atlas) -> None:
    assert set(everything.losses) == {("currency", "several"), ("language", "several")}
    kept = Counter(item.task for item in everything.items if item.language == "en")
    left = Counter(item.task for item in atlas.items if item.language == "en")
    for relation in RELATIONS:
        task = f"atlas_{relation}"
        assert kept[task] - left[task] == atlas.losses[relation, "giveaway"]


def test_a_giveaway_in_one_language_takes_the_item_from_all() -> None:
    german = build_atlas(AtlasChoices(languages=("de",)))
    chinese = build_atlas(AtlasChoices(languages=("zh",)))
    both = build_atlas(AtlasChoices(languages=("de", "zh")))
    ids = [{(i.task, i.item) for i in made.items} for made in (german, chinese, both)]
    assert ids[2] == ids[0] & ids[1] != ids[0]
    assert both.blamed["currency", "giveaway", "zh"] == chinese.losses["currency", "giveaway"]


def test_a_name_left_in_latin_script_is_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    russian = Locale("ru")._data["currency_names"]
    monkeypatch.setitem(russian, "EUR", "Euro")
    names._find_names.cache_clear()
    try:
        made = build_atlas(AtlasChoices(languages=("en", "ru")))
    finally:
        names._find_names.cache_clear()
    assert made.blamed["currency", "unnamed", "ru"] == made.losses["currency", "unnamed"] > 15
    assert not any("EUR" in codes(i) for i in made.items if i.task == "atlas_currency")


def test_countries_of_one_name_are_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    known = read_names("en")
    monkeypatch.setattr(
        build,
        "read_names",
        lambda _: known._replace(countries={**known.countries, "CG": "Congo", "CD": "CONGO"}),
    )
    made = build_atlas(AtlasChoices(languages=("en",)))
    assert made.losses["region", "namesake"] == made.blamed["region", "namesake", "en"] == 2
    assert not {"CG", "CD"} & {item.cluster for item in made.items}


@settings(max_examples=25, deadline=None)
@given(
    languages=st.lists(st.sampled_from(THERE), min_size=1, max_size=6, unique=True),
    seed=st.integers(),
    options=st.integers(2, 4),
    giveaways=st.booleans(),
)
def test_any_languages_have_the_same_sound_items(
    languages: list[str], seed: int, options: int, *, giveaways: bool
) -> None:
    choices = AtlasChoices(tuple(languages), seed, options, "bare", giveaways)
    by_item: dict[tuple[str, int], list[Item]] = defaultdict(list)
    for item in build_atlas(choices).items:
        by_item[item.task, item.item].append(item)
        assert len({option.casefold() for option in item.options}) == options
        assert all(option.strip() for option in item.options)
    assert {task for task, _ in by_item} == set(TASKS)
    for same in by_item.values():
        assert [item.language for item in same] == languages
        assert len({(item.uuid, item.gold, item.cluster, item.stratum) for item in same}) == 1


def test_bare_questions_are_the_name_alone() -> None:
    made = build_atlas(AtlasChoices(languages=("en", "es"), form="bare"))
    asked = {(item.language, item.question) for item in made.items if item.cluster == "EG"}
    assert asked == {("en", "Egypt:"), ("es", "Egipto:")}


def test_there_are_sentences_in_the_papers_languages_no_two_alike() -> None:
    assert tuple(SENTENCES) == PAPER_LANGUAGES
    sentences = [sentence for of in SENTENCES.values() for sentence in of]
    assert len(set(sentences)) == 4 * len(PAPER_LANGUAGES)
    assert all(head.count("{}") == 1 for head, *_ in SENTENCES.values())


@pytest.mark.parametrize("language", sorted(NOT_THERE))
def test_a_language_without_names_is_refused_and_the_others_listed(language: str) -> None:
    with pytest.raises(UnknownNameError, match=f"language of the atlas '{language}'") as error:
        build_atlas(AtlasChoices(languages=("en", language), form="bare"))
    assert sorted(error.value.known) == sorted(THERE)


def test_a_region_or_script_of_a_language_will_do() -> None:
    made = build_atlas(AtlasChoices(languages=("zh-hant", "pt-br"), form="bare"))
    asked = {(item.language, item.question) for item in made.items if item.cluster == "EG"}
    assert asked == {("zh-hant", "埃及:"), ("pt-br", "Egito:")}


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ({"languages": ()}, "at least one language"),
        ({"languages": ("en", "en")}, "each of them once"),
        ({"options": 1}, "2 to 4 options, not 1"),
        ({"options": 5}, "2 to 4 options, not 5"),
        ({"languages": ("en", "es")}, "no sentences in es, only in en, de"),
    ],
)
def test_choices_that_cannot_be_are_refused(choices: dict[str, object], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        AtlasChoices(**choices)


def test_a_task_without_items_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(option_draw, "gives_away", lambda *_: True)
    with pytest.raises(ConfigError, match="No item of atlas_currency can be asked in all of en"):
        build_atlas(AtlasChoices(languages=("en",)))


def test_without_babel_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "babel", None)
    with pytest.raises(PrerequisiteError, match=r"pip install 'clika\[atlas\]'"):
        source()


def test_the_card_has_versions_licence_and_counts(atlas: Atlas) -> None:
    card = atlas_card(atlas)
    assert f"CLDR {atlas.source.cldr}" in card
    assert f"Babel {atlas.source.babel}" in card
    assert "Unicode-3.0" in card
    rows = [line.strip("| ").split(" | ") for line in card.splitlines() if "| atlas_" in line]
    by_task = {row[0]: row[1:] for row in rows if row[0] in TASKS}
    for task in TASKS:
        countries, *lost, items, _, _ = by_task[task]
        assert int(countries) - sum(map(int, lost)) == int(items) == len(in_english(atlas, task))
    assert {(row[0], row[1], int(row[2])) for row in rows if row[0] not in TASKS} == {
        (language, task, len(in_english(atlas, task)))
        for language in PAPER_LANGUAGES
        for task in TASKS
    }


def test_the_guide_has_the_numbers_of_items(atlas: Atlas, everything: Atlas) -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
    for task in TASKS:
        (line,) = (line for line in guide.splitlines() if line.startswith(f"| `{task}`"))
        assert line.endswith(f"| {len(in_english(atlas, task))} |")
    currency, language, region = (len(in_english(everything, task)) for task in TASKS)
    assert f"{currency}, {language} and {region} items then" in guide


def test_the_command_writes_items_and_card(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["ingest", "atlas", "--languages", "German,ja", "--results", str(tmp_path)])
    assert not end.value.code
    made = build_atlas(AtlasChoices(languages=("de", "ja")))
    regions = sum((item.task, item.language) == ("atlas_region", "de") for item in made.items)
    assert f"atlas_region: {regions} items in 2 languages." in capsys.readouterr().out
    shard = tmp_path / "atlas" / "shards" / "items.parquet"
    rows = duckdb.sql(f"select task, language, item, question, gold from '{shard}'").fetchall()
    assert sorted(rows) == sorted(
        (item.task, item.language, item.item, item.question, item.gold) for item in made.items
    )
    assert (tmp_path / "atlas" / "card.md").read_text(encoding="utf-8") == atlas_card(made)
