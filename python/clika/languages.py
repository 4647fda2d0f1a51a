"""Languages: the one table that normalises their names, and what rendering needs to know of them.

A language is known by its ISO 639-1 code in lower case (``zh``), with a script or region where one
is needed (``zh-hans``). Tables made elsewhere spell languages in many ways (``ZH``, ``eng``,
``German``, ``de_trans``); :func:`normalise` maps each spelling to the code or refuses.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from clika.errors import UnknownNameError

__all__ = ["LANGUAGES", "PAPER_LANGUAGES", "Language", "is_right_to_left", "normalise"]


class Language(NamedTuple):
    """A language as clika names it.

    Attributes
    ----------
    code
        ISO 639-1 code, lower case.
    code3
        ISO 639-2/T code, lower case; accepted on input.
    name
        English name; accepted on input, in any case.
    right_to_left
        Whether its usual script is written from right to left.
    """

    code: str
    code3: str
    name: str
    right_to_left: bool = False


#: The paper's ten languages in the order of its tables.
PAPER_LANGUAGES: tuple[str, ...] = ("en", "de", "fr", "it", "pl", "ru", "ar", "he", "ja", "zh")

#: Every language that a task of clika comes in, plus the widely spoken rest: ISO 639.
LANGUAGES: tuple[Language, ...] = (
    Language("en", "eng", "English"),
    Language("de", "deu", "German"),
    Language("fr", "fra", "French"),
    Language("it", "ita", "Italian"),
    Language("pl", "pol", "Polish"),
    Language("ru", "rus", "Russian"),
    Language("ar", "ara", "Arabic", right_to_left=True),
    Language("he", "heb", "Hebrew", right_to_left=True),
    Language("ja", "jpn", "Japanese"),
    Language("zh", "zho", "Chinese"),
    Language("af", "afr", "Afrikaans"),
    Language("ak", "aka", "Akan"),
    Language("am", "amh", "Amharic"),
    Language("as", "asm", "Assamese"),
    Language("az", "aze", "Azerbaijani"),
    Language("be", "bel", "Belarusian"),
    Language("bg", "bul", "Bulgarian"),
    Language("bn", "ben", "Bengali"),
    Language("br", "bre", "Breton"),
    Language("bs", "bos", "Bosnian"),
    Language("ca", "cat", "Catalan"),
    Language("ceb", "ceb", "Cebuano"),
    Language("cs", "ces", "Czech"),
    Language("cy", "cym", "Welsh"),
    Language("da", "dan", "Danish"),
    Language("el", "ell", "Greek"),
    Language("eo", "epo", "Esperanto"),
    Language("es", "spa", "Spanish"),
    Language("et", "est", "Estonian"),
    Language("eu", "eus", "Basque"),
    Language("fa", "fas", "Persian", right_to_left=True),
    Language("fi", "fin", "Finnish"),
    Language("fo", "fao", "Faroese"),
    Language("fy", "fry", "Western Frisian"),
    Language("ga", "gle", "Irish"),
    Language("gd", "gla", "Scottish Gaelic"),
    Language("gl", "glg", "Galician"),
    Language("gu", "guj", "Gujarati"),
    Language("ha", "hau", "Hausa"),
    Language("hi", "hin", "Hindi"),
    Language("hr", "hrv", "Croatian"),
    Language("ht", "hat", "Haitian Creole"),
    Language("hu", "hun", "Hungarian"),
    Language("hy", "hye", "Armenian"),
    Language("id", "ind", "Indonesian"),
    Language("ig", "ibo", "Igbo"),
    Language("is", "isl", "Icelandic"),
    Language("jv", "jav", "Javanese"),
    Language("ka", "kat", "Georgian"),
    Language("kk", "kaz", "Kazakh"),
    Language("km", "khm", "Khmer"),
    Language("kn", "kan", "Kannada"),
    Language("ko", "kor", "Korean"),
    Language("ks", "kas", "Kashmiri", right_to_left=True),
    Language("ku", "kur", "Kurdish"),
    Language("ky", "kir", "Kyrgyz"),
    Language("la", "lat", "Latin"),
    Language("lb", "ltz", "Luxembourgish"),
    Language("lo", "lao", "Lao"),
    Language("lt", "lit", "Lithuanian"),
    Language("lv", "lav", "Latvian"),
    Language("mi", "mri", "Māori"),
    Language("mk", "mkd", "Macedonian"),
    Language("ml", "mal", "Malayalam"),
    Language("mn", "mon", "Mongolian"),
    Language("mr", "mar", "Marathi"),
    Language("ms", "msa", "Malay"),
    Language("my", "mya", "Burmese"),
    Language("nb", "nob", "Norwegian Bokmål"),
    Language("ne", "nep", "Nepali"),
    Language("nl", "nld", "Dutch"),
    Language("nn", "nno", "Norwegian Nynorsk"),
    Language("no", "nor", "Norwegian"),
    Language("oc", "oci", "Occitan"),
    Language("or", "ori", "Odia"),
    Language("pa", "pan", "Punjabi"),
    Language("ps", "pus", "Pashto", right_to_left=True),
    Language("pt", "por", "Portuguese"),
    Language("qu", "que", "Quechua"),
    Language("rm", "roh", "Romansh"),
    Language("ro", "ron", "Romanian"),
    Language("sc", "srd", "Sardinian"),
    Language("sd", "snd", "Sindhi", right_to_left=True),
    Language("si", "sin", "Sinhala"),
    Language("sk", "slk", "Slovak"),
    Language("sl", "slv", "Slovenian"),
    Language("so", "som", "Somali"),
    Language("sq", "sqi", "Albanian"),
    Language("sr", "srp", "Serbian"),
    Language("sv", "swe", "Swedish"),
    Language("sw", "swa", "Swahili"),
    Language("ta", "tam", "Tamil"),
    Language("te", "tel", "Telugu"),
    Language("tg", "tgk", "Tajik"),
    Language("th", "tha", "Thai"),
    Language("ti", "tir", "Tigrinya"),
    Language("tk", "tuk", "Turkmen"),
    Language("tl", "tgl", "Tagalog"),
    Language("tr", "tur", "Turkish"),
    Language("tt", "tat", "Tatar"),
    Language("ug", "uig", "Uyghur", right_to_left=True),
    Language("uk", "ukr", "Ukrainian"),
    Language("ur", "urd", "Urdu", right_to_left=True),
    Language("uz", "uzb", "Uzbek"),
    Language("vi", "vie", "Vietnamese"),
    Language("xh", "xho", "Xhosa"),
    Language("yo", "yor", "Yoruba"),
    Language("yue", "yue", "Cantonese"),
    Language("zu", "zul", "Zulu"),
)

_BY_CODE = {language.code: language for language in LANGUAGES}
_SPELLINGS = {
    spelling.casefold(): language.code
    for language in LANGUAGES
    for spelling in (language.code, language.code3, language.name)
}
# A script, region or "translated" mark after the code: zh-Hans, pt_BR, de_trans.
_SUBTAG = re.compile(r"^(?P<code>[a-z]{2,3})[-_](?P<rest>[a-z0-9]+(?:[-_][a-z0-9]+)*)$")


def normalise(name: str) -> str:
    """Return the code of a language spelled in any of the accepted ways.

    Parameters
    ----------
    name
        ISO 639-1 or 639-2/T code or English name, in any case; a script or region may follow the
        code after ``-`` or ``_``. A trailing ``trans`` (translated by machine) is dropped.

    Returns
    -------
    str
        The code in lower case, subtags joined by ``-``.

    Raises
    ------
    UnknownNameError
        The spelling is not in the table; the message names the nearest codes.

    Examples
    --------
    >>> [normalise(name) for name in ("ZH", "DE_trans", "deu", "Hebrew", "pt_BR")]
    ['zh', 'de', 'de', 'he', 'pt-br']
    """
    folded = name.strip().casefold()
    if folded in _SPELLINGS:
        return _SPELLINGS[folded]
    match = _SUBTAG.match(folded)
    if match and match["code"] in _SPELLINGS:
        code, rest = _SPELLINGS[match["code"]], match["rest"].replace("_", "-")
        return code if rest == "trans" else f"{code}-{rest}"
    raise UnknownNameError("language", name, [language.code for language in LANGUAGES])


def is_right_to_left(code: str) -> bool:
    """Return whether text in this language needs right-to-left isolation when it is printed."""
    language = _BY_CODE.get(code.partition("-")[0])
    return language is not None and language.right_to_left
