"""Wordings of each language: those of the paper, and languages that are invented with the world."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from clika.errors import UnknownNameError
from clika.languages import normalise
from clika.tasks.worlds.scripts import SCRIPTS

if TYPE_CHECKING:
    from clika.tasks.worlds.names import Namer

__all__ = ["Phrases", "Sort", "fill", "language_code", "phrases_of", "script_of"]

Sort = Literal["place", "person"]

# ISO 639-2 keeps qaa to qtz for local use: no real language will ever be called so.
_INVENTED = re.compile(r"^q(?P<first>[a-t])(?P<second>[a-z])$")
_QUESTIONS, _STATEMENTS, _TRANSLATIONS = 4, 3, 3
_WORDS = 3
_COUNT = _QUESTIONS + _STATEMENTS + _TRANSLATIONS + 2


class Phrases(NamedTuple):
    """How a language asks and answers about places, or about people.

    A name stands in for ``{place}`` and the like; see :func:`fill`.

    Attributes
    ----------
    questions
        Trained wordings that ask for the continent of ``{place}``, or of ``{person}``.
    unseen_question
        A wording that is never trained.
    statements
        Sentences that answer: ``{place}`` is in ``{continent}``, ``{person}`` is from it.
    translations
        Trained wordings that ask what ``{name}``, of another language, is called in this one.
    unseen_translation
        A wording that is never trained.
    """

    questions: tuple[str, ...]
    unseen_question: str
    statements: tuple[str, ...]
    translations: tuple[str, ...]
    unseen_translation: str


@lru_cache(maxsize=1)
def _known() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files(__package__).joinpath("phrases.toml").read_text("utf-8"))


def language_code(name: str) -> str:
    """Return the code of a language that worlds can be made in.

    Parameters
    ----------
    name
        A language of the paper in any spelling of :func:`clika.languages.normalise`, or the code of
        an invented language, ``qaa`` to ``qtz``.

    Raises
    ------
    UnknownNameError
        There are no wordings in that language.

    Examples
    --------
    >>> [language_code(name) for name in ("German", "qab")]
    ['de', 'qab']
    """
    if _INVENTED.match(name):
        return name
    known = [*_known(), "qaa", "qtz"]
    try:
        code = normalise(name)
    except UnknownNameError:
        code = name
    if code not in _known():
        raise UnknownNameError("language of worlds", name, known)
    return code


def script_of(code: str) -> str:
    """Return the name of a language's script; invented languages take the scripts in turn.

    Examples
    --------
    >>> [script_of(code) for code in ("he", "qaa", "qab")]
    ['Hebrew', 'Latin', 'Cyrillic']
    """
    match = _INVENTED.match(code)
    if match is None:
        return str(_known()[code]["script"])
    rank = (ord(match["first"]) - ord("a")) * 26 + ord(match["second"]) - ord("a")
    return list(SCRIPTS)[rank % len(SCRIPTS)]


def fill(wording: str, name: str, continent: str = "") -> str:
    """Return a question or statement about the place or person of that name.

    Examples
    --------
    >>> fill("Which continent is {person} from?", "Bzogbo")
    'Which continent is Bzogbo from?'
    """
    return wording.format(place=name, person=name, continent=continent)


def phrases_of(namer: Namer, sort: Sort = "place") -> Phrases:
    """Return the wordings of a namer's language, about places or about people.

    Those of an invented language are made of its own syllables, each a word, so that no name stands
    in them.

    Raises
    ------
    ConfigError
        An invented language has too few syllables.
    """
    if _INVENTED.match(namer.language):
        return _invented(namer, sort)
    known = _known()[namer.language]
    if sort == "person":
        known = known["people"]
    return Phrases(
        questions=tuple(known["questions"]),
        unseen_question=known["unseen_question"],
        statements=tuple(known["statements"]),
        translations=tuple(known["translations"]),
        unseen_translation=known["unseen_translation"],
    )


def _invented(namer: Namer, sort: Sort) -> Phrases:
    # What is said of people is other than what is said of places: drawn after that.
    before = _COUNT if sort == "person" else 0
    made = iter(namer.phrases("phrases", before + _COUNT, length=_WORDS)[before:])
    subject = f"{{{sort}}}"

    def wordings(pattern: str, how_many: int) -> tuple[str, ...]:
        return tuple(pattern.replace("...", next(made)) for _ in range(how_many))

    questions = wordings(f"{subject} ...?", _QUESTIONS + 1)
    translations = wordings("... {name}?", _TRANSLATIONS + 1)
    return Phrases(
        questions=questions[:-1],
        unseen_question=questions[-1],
        statements=wordings(f"{subject} ... {{continent}}.", _STATEMENTS),
        translations=translations[:-1],
        unseen_translation=translations[-1],
    )
