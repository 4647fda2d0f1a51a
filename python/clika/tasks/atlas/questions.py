"""How a question about a country is put.

The country stands by itself before the question, so its name needs no case, article or preposition
in any language.
"""

from __future__ import annotations

from typing import Literal

from clika.errors import ConfigError
from clika.tasks.atlas.facts import RELATIONS, Relation

__all__ = ["SENTENCES", "Form", "check_form", "question"]

#: ``sentence``: a question in the language; ``bare``: the country's name alone.
Form = Literal["sentence", "bare"]

#: The country, then what is asked, in the order of the relations.
SENTENCES: dict[str, tuple[str, str, str, str]] = {
    "en": (
        "Country: {}.",
        "Which currency does it use?",
        "What is its official language?",
        "In which region does it lie?",
    ),
    "de": (
        "Land: {}.",
        "Welche Währung gilt dort?",
        "Was ist dort Amtssprache?",
        "In welcher Region liegt es?",
    ),
    "fr": (
        "Pays : {}.",
        "Quelle monnaie y a cours ?",
        "Quelle est sa langue officielle ?",
        "Dans quelle région se trouve-t-il ?",
    ),
    "it": (
        "Paese: {}.",
        "Quale valuta vi si usa?",
        "Qual è la sua lingua ufficiale?",
        "In quale regione si trova?",
    ),
    "pl": (
        "Kraj: {}.",
        "Jaka waluta tam obowiązuje?",
        "Jaki jest jego język urzędowy?",
        "W jakim regionie leży?",
    ),
    "ru": (
        "Страна: {}.",
        "Какая там валюта?",
        "Какой язык там официальный?",
        "В каком регионе она находится?",
    ),
    "ar": ("البلد: {}.", "ما العملة المستخدمة فيه؟", "ما لغته الرسمية؟", "في أي منطقة يقع؟"),
    "he": ("מדינה: {}.", "מהו המטבע הנהוג בה?", "מהי השפה הרשמית שלה?", "באיזה אזור היא נמצאת?"),
    "ja": (
        "国：{}。",
        "この国の通貨は何ですか。",
        "この国の公用語は何語ですか。",
        "この国はどの地域にありますか。",
    ),
    "zh": ("国家：{}。", "该国使用哪种货币？", "该国的官方语言是什么？", "该国位于哪个地区？"),
}


def check_form(form: Form, languages: tuple[str, ...]) -> None:
    """Raise where a language has no sentences and sentences are asked for.

    Raises
    ------
    ConfigError
        Names the languages; forms are never mixed, since they are not equally hard.
    """
    missing = [language for language in languages if language not in SENTENCES]
    if form == "sentence" and missing:
        raise ConfigError(
            f"The atlas has no sentences in {', '.join(missing)}, only in {', '.join(SENTENCES)}. "
            "Choose the form 'bare': the country's name alone, in every language."
        )


def question(form: Form, language: str, relation: Relation, country: str) -> str:
    """Return the question about a country.

    Parameters
    ----------
    form
        ``bare`` gives the country's name and a colon: the options alone say what is asked.
    language, relation
        What is asked, and how.
    country
        The country's name in the language.

    Examples
    --------
    >>> question("sentence", "en", "currency", "Togo"), question("bare", "en", "currency", "Togo")
    ('Country: Togo. Which currency does it use?', 'Togo:')
    """
    if form == "bare":
        return f"{country}:"
    head, *asked = SENTENCES[language]
    between = "" if language in {"ja", "zh"} else " "
    return f"{head.format(country)}{between}{asked[RELATIONS.index(relation)]}"
