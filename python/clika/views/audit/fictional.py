"""Checks on the fictional sets: whether the tests ask what the training taught."""

from __future__ import annotations

import difflib
from collections import defaultdict
from typing import TYPE_CHECKING

from clika.tasks.fictional import FACT_ONLY_IN_SOURCE, FACTS_IN_BOTH
from clika.tasks.fictional_answers import fold, is_right
from clika.tasks.fictional_taught import continents_of, find_conflict, taught_elsewhere_in
from clika.views.audit.model import Check, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clika.tasks.fictional import FictionalSets, Translation
    from clika.tasks.fictional_taught import Conflict
    from clika.views.audit.model import Evidence

__all__ = ["CHECKS"]


def _file(evidence: Evidence, kind: str, language: str) -> str:
    return evidence.fictional.files[kind, language]


def train_test_conflicts(evidence: Evidence) -> list[Finding]:
    """Find training sets that teach other continents than the test asks for."""
    sets = evidence.fictional
    findings = []
    for target, taught in evidence.taught.items():
        renamed = False
        for language in (sets.source, target):
            conflict = find_conflict(sets, taught, language)
            if not conflict.places:
                continue
            renamed = True
            meaning, details = _describe(conflict)
            where = {"file": _file(evidence, "train", target), "language": language}
            counts = len(conflict.places), conflict.n_compared
            findings.append(Finding("error", where, *counts, meaning, details))
        if renamed:
            findings += _names_never_taught(evidence, target)
    return findings


def _describe(conflict: Conflict) -> tuple[str, tuple[str, ...]]:
    mapping = {name: sorted(names) for name, names in sorted(conflict.taught_as.items())}
    details = tuple(f"{name} -> {', '.join(names)}" for name, names in mapping.items())
    meaning = "places are taught on another continent than the test asks for: "
    if conflict.is_one_to_one:
        n_taught = len({name for names in mapping.values() for name in names})
        return (
            f"{meaning}a renaming, {len(mapping)} continents to {n_taught}, one to one",
            details,
        )
    return f"{meaning}no renaming explains it", details


def _unordered(pairs: Sequence[Translation]) -> set[frozenset[str]]:
    return {frozenset((fold(pair.given), fold(pair.wanted))) for pair in pairs}


def _names_never_taught(evidence: Evidence, target: str) -> list[Finding]:
    sets = evidence.fictional
    known = _unordered(sets.training[target].translations)
    tested = sets.translate_tests[target]
    missing = [pair for pair in tested if not _unordered([pair]) <= known]
    if not missing:
        return []
    details = tuple(f"{pair.given} -> {pair.wanted}" for pair in missing)
    meaning = "names are asked for that the training set never teaches: they are the old names"
    file = {"file": _file(evidence, "translate", target)}
    return [Finding("error", file, len(missing), len(tested), meaning, details)]


def untrained_directions(evidence: Evidence) -> list[Finding]:
    """Find translation tests that ask in a direction which the training never shows."""
    sets = evidence.fictional
    meaning = (
        "translations are asked in a direction that was never taught: the gate's translate figure "
        "measures that too"
    )
    findings = []
    for target, training in sets.training.items():
        shown = _directions(sets, target, training.translations)
        asked = _directions(sets, target, sets.translate_tests[target])
        for direction, count in asked.items():
            if not count or shown[direction]:
                continue
            taught = " and ".join(f"{a} to {b}" for (a, b), n in shown.items() if n) or "none"
            where = {"file": _file(evidence, "translate", target), "language": target}
            total = len(sets.translate_tests[target])
            details = (f"asked {direction[0]} to {direction[1]}, taught {taught}",)
            findings.append(Finding("warning", where, count, total, meaning, details))
    return findings


def _directions(
    sets: FictionalSets, target: str, pairs: Sequence[Translation]
) -> dict[tuple[str, str], int]:
    """Count translations by direction, those aside that a shared name leaves open."""
    names = {
        language: {
            name for asked in sets.tests[language] for name in (asked.place, asked.continent)
        }
        for language in (sets.source, target)
    }
    ways = ((sets.source, target), (target, sets.source))
    counts = dict.fromkeys(ways, 0)
    for pair in pairs:
        fits = [way for way in ways if pair.given in names[way[0]] and pair.wanted in names[way[1]]]
        if len(fits) == 1:
            counts[fits[0]] += 1
    return counts


def untrained_templates(evidence: Evidence) -> list[Finding]:
    """Find tests whose questions are worded as no question in training is."""
    sets = evidence.fictional
    findings = []
    for language, questions in sets.tests.items():
        trained: set[str] = set()
        for target, taught in evidence.taught.items():
            if language in (sets.source, target):
                trained |= taught.templates(language)
        unseen: dict[str, int] = defaultdict(int)
        for question in questions:
            template = question.prompt.replace(question.place, "{}")
            if template not in trained:
                unseen[template] += 1
        if not unseen:
            continue
        details = []
        for template in sorted(unseen):
            details.append(f"tested:  {template}")
            near = difflib.get_close_matches(template, sorted(trained), n=1, cutoff=0)
            details += [f"nearest: {text}" for text in near]
        meaning = (
            "questions are worded as none in training is: a miss may be the wording's, "
            "not the knowledge's"
        )
        where = {"file": _file(evidence, "test", language), "language": language}
        counts = sum(unseen.values()), len(questions)
        findings.append(Finding("warning", where, *counts, meaning, tuple(details)))
    return findings


def shared_names(evidence: Evidence) -> list[Finding]:
    """Find names that places on different continents share in one language."""
    findings = []
    for language, questions in evidence.fictional.tests.items():
        gold = continents_of(questions)
        shared = {place: sorted(names) for place, names in gold.items() if len(names) > 1}
        if shared:
            details = tuple(
                f"{place}: {' and '.join(names)}" for place, names in sorted(shared.items())
            )
            meaning = "names stand for places on different continents: no answer is right for both"
            where = {"file": _file(evidence, "test", language), "language": language}
            findings.append(Finding("warning", where, len(shared), len(gold), meaning, details))
    return findings


def taught_elsewhere(evidence: Evidence) -> list[Finding]:
    """Find questions whose place was taught in their language on a continent other than the gold's.

    A renaming of all continents is not counted again: it is undone first.
    """
    sets = evidence.fictional
    findings = []
    for target, taught in evidence.taught.items():
        continents = taught.continents(target)
        wrong = taught_elsewhere_in(sets, taught, target)
        if wrong:
            meaning = (
                "questions are about a place whose name was taught in their language on another "
                "continent"
            )
            details = tuple(
                f"type {question.type}, {question.place}: asked {question.continent}, taught "
                f"{', '.join(sorted(continents[question.place]))}"
                for question in wrong
            )
            where = {"file": _file(evidence, "test", target), "language": target}
            counts = len(wrong), len(sets.tests[target])
            findings.append(Finding("warning", where, *counts, meaning, details))
    return findings


def leaked_facts(evidence: Evidence) -> list[Finding]:
    """Find places of the test of conductivity whose name was taught in the target language."""
    sets = evidence.fictional
    findings = []
    for target, taught in evidence.taught.items():
        stated = taught.continents(target)
        tested = [asked for asked in sets.tests[target] if asked.type == FACT_ONLY_IN_SOURCE]
        leaked = [asked.place for asked in tested if asked.place in stated]
        if leaked:
            meaning = (
                "places that should be known in the source language alone have a name that is "
                "taught in this one"
            )
            where = {"file": _file(evidence, "train", target), "language": target}
            details = (", ".join(sorted(leaked)),)
            counts = len(leaked), len(tested)
            findings.append(Finding("warning", where, *counts, meaning, details))
    return findings


def untaught_facts(evidence: Evidence) -> list[Finding]:
    """Find places that are taught too little, and facts that cannot be read."""
    sets = evidence.fictional
    findings = []
    for target, taught in evidence.taught.items():
        file = _file(evidence, "train", target)
        due = {
            sets.source: {question.place for question in sets.tests[sets.source]},
            target: {
                question.place for question in sets.tests[target] if question.type == FACTS_IN_BOTH
            },
        }
        for language, places in due.items():
            absent = sorted(places - taught.continents(language).keys())
            if absent:
                meaning = "places are tested as taught in this language and never are"
                where = {"file": file, "language": language}
                counts = len(absent), len(places)
                findings.append(Finding("error", where, *counts, meaning, (", ".join(absent),)))
        if taught.unread:
            meaning = "facts name no known place or no known continent; the other checks skip them"
            total = len(sets.training[target].facts)
            details = (f"lines {', '.join(map(str, taught.unread))}",)
            counts = len(taught.unread), total
            findings.append(Finding("warning", {"file": file}, *counts, meaning, details))
    return findings


def identical_names(evidence: Evidence) -> list[Finding]:
    """Find continents that have one name in both languages: the answer needs no translation."""
    sets = evidence.fictional
    source = sets.tests[sets.source]
    findings = []
    for target in sets.training:
        tested = [
            fold(asked.continent) == fold(known.continent)
            for asked, known in zip(sets.tests[target], source, strict=True)
            if asked.type == FACT_ONLY_IN_SOURCE
        ]
        if any(tested):
            meaning = (
                f"questions of type {FACT_ONLY_IN_SOURCE} have an answer that is spelled as in "
                f"{sets.source}: XRR is also given without them"
            )
            where = {"file": _file(evidence, "test", target), "language": target}
            findings.append(Finding("warning", where, sum(tested), len(tested), meaning))
    return findings


def wrong_gold_sentences(evidence: Evidence) -> list[Finding]:
    """Find gold sentences that the answer rule does not call right."""
    findings = []
    for language, questions in evidence.fictional.tests.items():
        continents = {question.continent for question in questions}
        wrong = [asked for asked in questions if not is_right(asked.answer, asked, continents)]
        if wrong:
            meaning = "gold sentences are not right by the rule that answers are judged by"
            details = tuple(f"line {asked.row}: {asked.answer}" for asked in wrong)
            where = {"file": _file(evidence, "test", language), "language": language}
            counts = len(wrong), len(questions)
            findings.append(Finding("error", where, *counts, meaning, details))
    return findings


def _check(id_: str, description: str, run: Callable[[Evidence], list[Finding]]) -> Check:
    return Check(id_, description, ("fictional",), run)


CHECKS: tuple[Check, ...] = (
    _check(
        "fictional-train-test-conflict",
        "Training sets that teach other continents than the test asks for.",
        train_test_conflicts,
    ),
    _check(
        "fictional-untrained-direction",
        "Translation tests in a direction that the training never shows.",
        untrained_directions,
    ),
    _check(
        "fictional-untrained-template",
        "Test questions worded as no question in training is.",
        untrained_templates,
    ),
    _check(
        "fictional-shared-name",
        "Names that places on different continents share in one language.",
        shared_names,
    ),
    _check(
        "fictional-taught-elsewhere",
        "Places whose name was taught in the language asked on another continent.",
        taught_elsewhere,
    ),
    _check(
        "fictional-leaked-fact",
        "Places of the conductivity test whose name was taught in the target language.",
        leaked_facts,
    ),
    _check(
        "fictional-untaught-fact",
        "Places that should be taught and are not, and facts that cannot be read.",
        untaught_facts,
    ),
    _check(
        "fictional-identical-name",
        "Continents with one name in source and target language.",
        identical_names,
    ),
    _check(
        "fictional-gold-sentence",
        "Gold sentences that are not right by the answer rule.",
        wrong_gold_sentences,
    ),
)
