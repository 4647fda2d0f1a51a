"""What ``clika show`` shows: lines for a terminal, and data for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.text import Text

from clika.languages import LANGUAGES
from clika.schema import letters
from clika.views.answer_lines import (
    NO_TEXT,
    RIGHT,
    Given,
    Mark,
    Page,
    given_lines,
    mark_of,
    question_lines,
    response_lines,
)
from clika.views.terminal_text import escaped, isolated, padded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from clika.store.view_queries import ItemAnswer, ItemText, LostItem
    from clika.views.show import ItemView, LostView

__all__ = ["item_data", "item_lines", "lost_data", "lost_lines"]

_INDENT = "  "
_BETWEEN_OPTIONS = "   "
_LONGEST_MODEL = 36
_TITLES = {language.code: language.name for language in LANGUAGES}


def _title(language: str) -> str:
    code, _, subtag = language.partition("-")
    name = _TITLES.get(code, "")
    return f"{language} {name}" + f" ({subtag})" * bool(subtag)


def item_lines(view: ItemView, console: Console, *, width: int, raw: bool) -> Iterator[Text]:
    """Yield the lines of a page about one item.

    Parameters
    ----------
    view
        The item.
    console
        Measures and wraps; nothing is printed on it here.
    width
        Terminal cells of a line.
    raw
        Whether to print the raw responses below the matrix of answers.
    """
    page = Page(width, console)
    yield from _item_head(view, page)
    for language in view.languages:
        yield Text()
        yield from _language_block(view, language, page)
    yield Text()
    yield from _matrix(view, page)
    if raw:
        for model in view.models:
            yield Text()
            yield from _responses(view, model, page)


def _item_head(view: ItemView, page: Page) -> Iterator[Text]:
    facts = view.facts
    name = f"{facts.task}:{facts.item}"
    about = [view.task.heading] if view.task.heading != view.task.name else []
    about.append(f"right option {letters(facts.k)[facts.gold]}")
    if facts.stratum is not None:
        about.append(f"entity from {_title(escaped(facts.stratum))}")
    if view.uuid not in (None, str(facts.item)):
        about.append(f"source id {escaped(str(view.uuid))}")
    yield Text.assemble((name, "bold"), f"  {', '.join(about)}")
    models = "1 model" if len(view.models) == 1 else f"{len(view.models)} models"
    legend = (
        f"{models}, read by {view.rule}. + marks the right option; - is INVALID (no option could "
        "be read); blank is missing (not asked)."
    )
    for line in page.wrapped(legend, indent=0):
        yield Text(line, style="dim")


def _language_block(view: ItemView, language: str, page: Page) -> Iterator[Text]:
    answers = [
        view.answers[model, language] for model in view.models if (model, language) in view.answers
    ]
    n_right = sum(answer.code == view.facts.gold for answer in answers)
    count = f"  {n_right} of {len(answers)} right" if answers else "  not asked"
    yield Text.assemble((_title(language), "bold"), (count, "dim"))
    text = view.texts.get(language)
    if text is None:
        yield Text(f"{_INDENT}{NO_TEXT}", style="dim")
        return
    for line in page.wrapped(text.question, indent=len(_INDENT)):
        yield Text(_INDENT + isolated(line, language))
    yield from _options(text, view.facts.gold, page)


def _options(text: ItemText, gold: int, page: Page) -> Iterator[Text]:
    """Yield the options side by side where they fit, each beginning with its letter."""
    line, used = Text(_INDENT), len(_INDENT)
    for code, option in enumerate(text.options):
        mark = letters(len(text.options))[code] + ("+ " if code == gold else "  ")
        style = RIGHT if code == gold else ""
        parts = page.wrapped(option, indent=len(_INDENT) + len(mark))
        length = len(mark) + cell_len(parts[0])
        if used > len(_INDENT) and used + len(_BETWEEN_OPTIONS) + length > page.width:
            yield line
            line, used = Text(_INDENT), len(_INDENT)
        if used > len(_INDENT):
            line.append(_BETWEEN_OPTIONS)
            used += len(_BETWEEN_OPTIONS)
        line.append(mark, style="bold")
        line.append(isolated(parts[0], text.language), style=style)
        used += length
        for part in parts[1:]:
            yield line
            line = Text(_INDENT + " " * len(mark))
            line.append(isolated(part, text.language), style=style)
            used = page.width
    yield line


def _matrix(view: ItemView, page: Page) -> Iterator[Text]:
    """Yield models by languages; more languages than fit go below each other."""
    names = [
        model if len(model) <= _LONGEST_MODEL else f"{model[: _LONGEST_MODEL - 3]}..."
        for model in view.models
    ]
    first = max([len("right"), *map(len, names)]) + 2
    cell = max(4, *(len(code) + 2 for code in view.languages))
    last = len("  right")
    fitting = max(1, (page.width - first - last) // cell)
    for start in range(0, len(view.languages), fitting):
        languages = view.languages[start : start + fitting]
        if start:
            yield Text()
        head = "".join(padded(code, cell) for code in languages)
        yield Text(f"{' ' * first}{head}  right".rstrip(), style="bold")
        for model, name in zip(view.models, names, strict=True):
            yield _matrix_row(view, model, languages, padded(name, first), cell)
        totals = [_n_right(view, view.models, [code]) for code in languages]
        counts = "".join(padded(str(count[0]) if count[1] else "", cell) for count in totals)
        yield Text(f"{padded('right', first)}{counts}".rstrip(), style="dim")


def _matrix_row(view: ItemView, model: str, languages: Sequence[str], name: str, cell: int) -> Text:
    row = Text(name)
    for language in languages:
        answer = view.answers.get((model, language))
        mark = (
            Mark("", "") if answer is None else mark_of(answer.code, view.facts.gold, view.facts.k)
        )
        row.append(mark.text, style=mark.style)
        row.append(" " * (cell - len(mark.text)))
    n_right, n = _n_right(view, [model], languages)
    row.append(f"  {n_right}/{n}" if n else "", style="dim")
    row.rstrip()
    return row


def _n_right(view: ItemView, models: Sequence[str], languages: Sequence[str]) -> tuple[int, int]:
    answers = [
        view.answers[model, language]
        for model in models
        for language in languages
        if (model, language) in view.answers
    ]
    return sum(answer.code == view.facts.gold for answer in answers), len(answers)


def _responses(view: ItemView, model: str, page: Page) -> Iterator[Text]:
    yield Text(model, style="bold")
    there = [code for code in view.languages if (model, code) in view.answers]
    answers = [view.answers[model, code] for code in there]
    codes = max((len(code) for code in there), default=0) + 2
    fired = max((len(answer.fired) for answer in answers), default=0) + 2
    for answer in answers:
        mark = mark_of(answer.code, view.facts.gold, view.facts.k)
        line = Text(_INDENT + padded(answer.language, codes))
        line.append(padded(mark.text, 4), style=mark.style)
        line.append(padded(answer.fired, fired), style="dim")
        yield from response_lines(answer.response, line, page)


def lost_lines(view: LostView, console: Console, *, width: int, raw: bool) -> Iterator[Text]:
    """Yield the lines of a page about what is known in one language and lost in another.

    Parameters
    ----------
    view
        What is lost.
    console
        Measures and wraps; nothing is printed on it here.
    width
        Terminal cells of a line.
    raw
        Whether to print the raw responses too; those that are INVALID are always printed.
    """
    page = Page(width, console)
    counts = view.counts
    yield Text(
        f"{view.model} on {view.task.heading}, read by {view.rule}: {counts.n_lost} of the "
        f"{counts.n_right} items right in {view.right} are wrong in {view.wrong}",
        style="bold",
    )
    yield Text(
        f"{counts.n} items were asked in both; of the {counts.n_lost} lost, "
        f"{counts.n_lost_invalid} are INVALID in {view.wrong}.",
        style="dim",
    )
    for item in view.items:
        yield Text()
        yield from _lost_item(view, item, page, raw=raw)


def _lost_item(view: LostView, item: LostItem, page: Page, *, raw: bool) -> Iterator[Text]:
    name = f"{view.task.name}:{item.item}  "
    yield from question_lines(name, item.question, view.right, page)
    sides = (
        Given(view.right, item.gold, item.options, item.response),
        Given(view.wrong, item.code, item.options_wrong, item.response_wrong),
    )
    code_width = max(len(view.right), len(view.wrong)) + 2
    for given in sides:
        mark = mark_of(given.code, item.gold, view.task.options)
        head = Text(" " * len(name) + padded(given.language, code_width))
        head.append(padded(mark.text, 4), style=mark.style)
        yield from given_lines(given, head, page, raw=raw)


def item_data(view: ItemView) -> dict[str, Any]:
    """Return a page about one item as data that JSON can hold; options as letters and as texts."""
    facts = view.facts
    return {
        "study": view.study,
        "task": facts.task,
        "item": facts.item,
        "uuid": view.uuid,
        "k": facts.k,
        "gold": letters(facts.k)[facts.gold],
        "stratum": facts.stratum,
        "rule": view.rule,
        "texts": {
            code: {"question": text.question, "options": list(text.options)}
            for code in view.languages
            if (text := view.texts.get(code)) is not None
        },
        "answers": [
            _answer_data(view.answers[model, language], view)
            for model in view.models
            for language in view.languages
            if (model, language) in view.answers
        ],
    }


def _answer_data(answer: ItemAnswer, view: ItemView) -> dict[str, Any]:
    return {
        "model": answer.model,
        "language": answer.language,
        "answer": letters(view.facts.k)[answer.code] if answer.code >= 0 else None,
        "right": answer.code == view.facts.gold,
        "fired": answer.fired,
        "response": answer.response,
    }


def lost_data(view: LostView) -> dict[str, Any]:
    """Return what is lost as data that JSON can hold; an INVALID answer is null."""
    names = letters(view.task.options)
    return {
        "study": view.study,
        "model": view.model,
        "task": view.task.name,
        "rule": view.rule,
        "right": view.right,
        "wrong": view.wrong,
        **view.counts._asdict(),
        "items": [
            {
                "item": item.item,
                "question": item.question,
                "gold": names[item.gold],
                "gold_text": None if item.options is None else item.options[item.gold],
                "answer": names[item.code] if item.code >= 0 else None,
                "answer_text": (
                    item.options_wrong[item.code]
                    if item.code >= 0 and item.options_wrong is not None
                    else None
                ),
                "fired": item.fired,
                "response": item.response,
                "response_wrong": item.response_wrong,
            }
            for item in view.items
        ],
    }
