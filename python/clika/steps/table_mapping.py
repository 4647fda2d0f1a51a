"""``--map``: which column of a table holds what."""

from __future__ import annotations

import re

from clika.errors import ConfigError, UnknownNameError
from clika.store.table_reading import KEYS, Source

__all__ = ["parse_mapping"]

#: Keys that may be the same for all rows.
_CONSTANTS = ("model", "task", "language")

_PAIR = re.compile(
    r"""\s*(?P<key>\w+)\s*=\s*
    (?:'(?P<constant>(?:[^']|'')*)'|"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>[^,'"]+?))
    \s*(?:,|$)""",
    re.VERBOSE,
)


def parse_mapping(text: str) -> dict[str, Source]:
    """Return where the value of each key comes from.

    Parameters
    ----------
    text
        ``KEY=COLUMN[,KEY=COLUMN...]``. Required: model, task, language, item, gold, and answer or
        scores; optional: uuid, options, question. A value in single quotes is a constant for all
        rows (model, task and language may be one); a column whose name holds a comma or a quote
        goes in double quotes. A quote within quotes is doubled.

    Raises
    ------
    ConfigError
        It is not of this form, a key is missing or repeated, or the key cannot be a constant.
    UnknownNameError
        There is no such key; the nearest are suggested.

    Examples
    --------
    >>> parse_mapping("model='my model',task=t,language=l,item=i,answer=a,gold=g")["model"]
    Source(text='my model', constant=True)
    """
    found: dict[str, Source] = {}
    position = 0
    while position < len(text):
        match = _PAIR.match(text, position)
        if match is None:
            raise ConfigError(
                f"--map: {text[position:]!r} is not KEY=COLUMN[,KEY=COLUMN...]; "
                "put a column name with a comma or a quote in double quotes."
            )
        position = match.end()
        key = match["key"]
        if key not in KEYS:
            raise UnknownNameError("--map key", key, list(KEYS))
        if key in found:
            raise ConfigError(f"--map: {key} is given twice.")
        constant = match["constant"]
        if constant is not None and key not in _CONSTANTS:
            raise ConfigError(
                f"--map: {key} must be a column; only {', '.join(_CONSTANTS)} may be the same "
                "for all rows."
            )
        column = match["plain"] or (match["quoted"] or "").replace('""', '"')
        found[key] = Source(
            column if constant is None else constant.replace("''", "'"), constant is not None
        )
    missing = [key for key, required in KEYS.items() if required and key not in found]
    if "scores" in found and "answer" in missing:
        missing.remove("answer")
    if missing:
        raise ConfigError(
            f"--map names no column for {', '.join(missing)}. "
            f"Required are {', '.join(key for key, required in KEYS.items() if required)}."
        )
    return found
