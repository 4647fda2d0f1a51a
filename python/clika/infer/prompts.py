"""From an item to what a model reads: two ways to ask, in the item's language."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal, get_args

from clika.errors import ConfigError
from clika.infer.backend import Choice
from clika.schema import letters

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ANSWER_CUES", "MASK", "PROMPTS", "PromptKind", "make_choice", "wording_digest"]

#: ``letter``: the options are listed with letters, and the letters are scored. ``full-option``: the
#: options are not shown, and their texts are scored.
PromptKind = Literal["letter", "full-option"]
PROMPTS: tuple[PromptKind, ...] = get_args(PromptKind)

#: Where an option belongs in a question that has a gap.
MASK = "<mask>"

#: What stands before the answer, by language; any other language is asked with the English one.
ANSWER_CUES: dict[str, str] = {
    "en": "Answer:",
    "de": "Antwort:",
    "fr": "Réponse :",
    "it": "Risposta:",
    "pl": "Odpowiedź:",
    "ru": "Ответ:",
    "ar": "الإجابة:",
    "he": "תשובה:",
    "ja": "答え：",
    "zh": "答案：",
}

_GAP = "____"
_COLONS = (":", "：")
_LETTERS = 26


def make_choice(
    kind: PromptKind, *, language: str, question: str, options: Sequence[str]
) -> Choice:
    r"""Return an item as a model is asked it.

    Parameters
    ----------
    kind
        ``letter`` lists the options, ``A. ...`` a line, and ends with the answer cue; the letters
        are scored. ``full-option`` ends with the cue too, without a list; the options' texts are
        scored. A question that ends with a colon is its own cue there, and in one with a gap
        (:data:`MASK`) each option stands in the gap with the rest of the question after it.
    language
        Code of the language; decides the cue (:data:`ANSWER_CUES`, else the English one).
    question
        The question's text.
    options
        The options' texts in the order of the letters.

    Raises
    ------
    ConfigError
        There are more options than letters.

    Examples
    --------
    >>> make_choice("letter", language="de", question="Wo liegt Rom?", options=["Peru", "Italien"])
    Choice(prompt='Wo liegt Rom?\nA. Peru\nB. Italien\nAntwort:', options=(' A', ' B'))
    >>> make_choice("full-option", language="en", question="Rome is in <mask>.", options=["Italy"])
    Choice(prompt='Rome is in', options=(' Italy.',))
    """
    cue = ANSWER_CUES.get(language, ANSWER_CUES["en"])
    if kind == "letter":
        if len(options) > _LETTERS:
            raise ConfigError(
                f"A question has {len(options)} options and there are {_LETTERS} letters: "
                "ask with full options."
            )
        named = letters(len(options))
        lines = [f"{name}. {text}" for name, text in zip(named, options, strict=True)]
        return _following("\n".join([question.replace(MASK, _GAP), *lines, cue]), named)
    before, gap, after = question.partition(MASK)
    if gap:
        prompt = before.rstrip()
        space = before[len(prompt) :]
        return Choice(prompt, tuple(f"{space}{text}{after}" for text in options))
    if question.endswith(_COLONS):
        return _following(question, options)
    return _following(f"{question}\n{cue}", options)


def wording_digest() -> str:
    """Return a digest of how items are put: another one where any prompt reads otherwise.

    Returns
    -------
    str
        SHA-256, in hexadecimal, over what is made of items of every form in every language.
    """
    forms = ("Where?", "It is in:", "在：", f"It is in {MASK}, there.")
    made = [
        make_choice(kind, language=language, question=question, options=("one", "two"))
        for kind in PROMPTS
        for language in (*ANSWER_CUES, "")
        for question in forms
    ]
    return hashlib.sha256(repr(made).encode()).hexdigest()


def _following(prompt: str, options: Sequence[str]) -> Choice:
    # After a full-width colon no space is written.
    space = "" if prompt.endswith("：") else " "
    return Choice(prompt, tuple(f"{space}{text}" for text in options))
