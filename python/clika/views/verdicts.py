"""What ``clika verify`` shows: lines for a terminal, and data for JSON."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from rich.text import Text

from clika.report.verdicts import verdicts_data
from clika.steps.expectations import compare_verdicts, expected_verdicts
from clika.views.terminal_text import escaped, padded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clika.claims import Claim
    from clika.metrics.verdicts import Verdict
    from clika.report.verdicts import Judged, JudgedClaim, JudgedPair, JudgedPart
    from clika.steps.expectations import WrittenClaim
    from clika.steps.verify import Verification
    from clika.study import Study

__all__ = ["summary_lines", "verification_data", "verification_lines"]

_STYLES: dict[Verdict, str] = {"supported": "green", "contradicted": "red", "undecided": "yellow"}
_MARKS: dict[Verdict, str] = {
    "supported": "+",
    "contradicted": "-",
    "undecided": ".",
    "not judged": "x",
}
_HOW = (
    "Each line: the difference of the mean over tasks, its 95 % interval, the verdict, and in each "
    "task a mark: + supported, - contradicted, . undecided. Without flagged: the mean of the cells "
    "that carry no flag; where its verdict differs, the whole is undecided. A pair holds where "
    "every part does, a claim where every pair does. In brackets: shown beside, counts for nothing."
)
_HOW_CONDUCTIVITY = (
    "Of conductivity: the mean over pairs of languages, or where each has to lie below a bound the "
    "greatest value and ends of all; a mark for each pair of languages, x where it is left out."
)
_NAME, _NUMBERS, _VERDICT = 26, 28, 13


def verification_data(verification: Verification) -> dict[str, Any]:
    """Return the data of ``verdicts.json``, and beside it what is not as expected."""
    found = verification.mismatches
    mismatches = None if found is None else [mismatch._asdict() for mismatch in found]
    return {**verdicts_data(verification.judged), "mismatches": mismatches}


def verification_lines(verification: Verification, *, width: int) -> Iterator[Text]:
    """Yield the lines of a page about the claims of a study."""
    judged = verification.judged
    yield Text(f"Claims of {judged.study}, answers read by {judged.rule}", style="bold")
    drawn = f"{judged.resampling.replicates:,} replicates, seed {judged.resampling.seed}."
    yield from _paragraph(f"{_HOW} {drawn}", width, style="dim")
    if any(part.cells for c in judged.claims for pair in c.pairs for part in pair.parts):
        yield from _paragraph(_HOW_CONDUCTIVITY, width, style="dim")
    for number, claim in enumerate(judged.claims, start=1):
        yield Text()
        yield from _claim(claim, number, width)
    yield Text()
    yield from _expected(verification, width)


def summary_lines(study: Study, written: Sequence[WrittenClaim], *, width: int) -> Iterator[Text]:
    """Yield a line or two for each claim as ``verdicts.json`` has it, and what is not expected."""
    yield Text("Claims, judged by rule:")
    for number, claim in enumerate(written, start=1):
        head = f"  {number}. {padded(claim.verdict, _VERDICT)}"
        yield from _paragraph(escaped(head + claim.title), width, further=" " * len(head))
    expected = expected_verdicts(study)
    if expected is None:
        return
    found = compare_verdicts(expected, {claim.name: claim.verdicts for claim in written})
    claims = {mismatch.place.partition(":")[0] for mismatch in found}
    if not claims:
        yield Text("Every verdict is the expected one.")
        return
    verb = "differs" if len(claims) == 1 else "differ"
    words = (
        f"{len(claims)} of {len(written)} claims {verb} from the expected verdicts: "
        f"`clika verify {study.name}` says where."
    )
    yield from _paragraph(words, width)


def _paragraph(
    text: str, width: int, *, indent: str = "", further: str | None = None, style: str = ""
) -> Iterator[Text]:
    rest = indent if further is None else further
    for line in textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=rest):
        yield Text(line, style=style)


def _claim(judged: JudgedClaim, number: int, width: int) -> Iterator[Text]:
    title = f"{number}. {escaped(judged.claim.title)}"
    yield from _paragraph(title, width, further="   ", style="bold")
    counted = ", ".join(f"{count} {verdict}" for verdict, count in judged.counts.items() if count)
    yield Text.assemble("   ", (judged.verdict, _STYLES.get(judged.verdict, "")))
    lineages = len(judged.lineages)
    related = f", of {lineages} famil{'y' if lineages == 1 else 'ies'} of models" * bool(lineages)
    yield Text(f"   Pairs: {counted}{related}; {_limits(judged.claim)}")
    reasons = {pair.reason for pair in judged.pairs}
    if len(reasons) == 1 and None not in reasons:
        yield from _paragraph(f"Cannot be judged here: {reasons.pop()}.", width, indent="   ")
        return
    for pair in judged.pairs:
        yield from _pair(pair, width)


def _limits(claim: Claim) -> str:
    """Return the bounds of the parts that have one, and the margin if another part takes it."""
    bounds = [part.bound for part in claim.parts]
    limits = [f"bound {bound:g}" for bound in dict.fromkeys(bounds) if bound is not None]
    return ", ".join([*limits, *[f"margin {claim.margin:g}"] * (None in bounds)])


def _pair(judged: JudgedPair, width: int) -> Iterator[Text]:
    names = [str(change) for change in judged.contrast.changes]
    beside = "" if judged.contrast.decides else " (beside)"
    for place, name in enumerate(names):
        last = place == len(names) - 1
        shown = ("  " if place == 0 else "    against ") + name + beside * last
        if last:
            room = max(1, width - _VERDICT - len(shown))
            style = _STYLES.get(judged.verdict, "")
            yield Text.assemble(shown, " " * room, (judged.verdict, style))
        else:
            yield Text(shown)
    if judged.reason is not None:
        yield Text(f"      {judged.reason}", style="dim")
    for part in judged.parts:
        yield from _part(part, width)


def _part(judged: JudgedPart, width: int) -> Iterator[Text]:
    name = judged.part.name if judged.part.decides else f"[{judged.part.name}]"
    each = [*judged.tasks.values(), *(cell.judged for cell in judged.cells)]
    each = [*judged.tasks.values(), *(cell.judged for cell in judged.cells)]
    marks = "".join(_MARKS[one.verdict] for one in each)
    yield from _numbers(f"    {name}", judged.whole, marks, width)
    if judged.whole.verdict != judged.unflagged.verdict:
        yield from _numbers("      without flagged", judged.unflagged, "", width)
    for cell in judged.cells:
        if cell.left_out is not None:
            yield from _remark(f"left out: {cell.task} {cell.language}, {cell.left_out}", width)


def _numbers(name: str, judged: Judged, marks: str, width: int) -> Iterator[Text]:
    estimate = judged.estimate
    low, high = estimate.wide
    numbers = f"{estimate.value:+.3f}  [{low:+.3f}, {high:+.3f}]"
    shown = numbers if estimate.reason is None else f"({estimate.reason})"
    is_long = len(shown) > _NUMBERS
    style = _STYLES.get(judged.verdict, "")
    verdict = (padded(judged.verdict, _VERDICT) + marks).rstrip()
    column = padded("" if is_long else shown, _NUMBERS + 1)
    yield Text.assemble(padded(name, _NAME + 4), column, (verdict, style))
    if is_long:
        yield from _remark(shown, width)


def _remark(words: str, width: int) -> Iterator[Text]:
    yield from _paragraph(escaped(words), width, indent=" " * 6, further=" " * 8, style="dim")


def _expected(verification: Verification, width: int) -> Iterator[Text]:
    if verification.mismatches is None:
        yield Text("No verdicts are expected of this study, so none was compared.")
        return
    if not verification.mismatches:
        yield Text("Every verdict is the expected one.")
        return
    yield Text(f"Not as expected: {len(verification.mismatches)}", style="bold")
    for place, expected, found in verification.mismatches:
        words = f"{place}: expected {expected or 'nothing'}, found {found or 'nothing'}"
        yield from _paragraph(escaped(words), width, indent="  ", further="    ")
