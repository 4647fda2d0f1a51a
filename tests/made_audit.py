"""Made-up databases and fictional sets for the tests of the audit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from clika import answers
from clika.schema import letters
from clika.store.connection import building, open_database
from clika.study import Study, Task
from clika.views.audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from clika.store.connection import Connection

OPTIONS = ("red", "green", "blue")
LOOKALIKES = {"А": "A", "В": "BC", "ا": "A"}  # Cyrillic A and VE; Arabic alif
STUDY = Study(
    name="made-up",
    title="Made up",
    kind="released",
    languages=("en", "ru"),
    pivot="en",
    rules=("first-letter", "robust"),
    tasks=(Task(name="x_geo", options=3),),
    models=("one", "two"),
)


class Asked(NamedTuple):
    """Every answer of one model in one language; the gold of item i is option i modulo 3."""

    model: str
    language: str
    responses: Sequence[str]
    sha256: str = ""


def make_database(path: Path, cells: Sequence[Asked], *, texts: bool = True) -> Path:
    """Write a database; without texts it is one made from answer codes."""
    origin = "responses" if texts else "codes"
    with building(path, {"origin": origin, "study": STUDY.name}, threads=1) as connection:
        for cell in cells:
            _insert_cell(connection, cell, texts=texts)
        if texts:
            most = max(len(cell.responses) for cell in cells)
            languages = {cell.language for cell in cells}
            connection.executemany(
                "insert into item_texts values ('x_geo', ?, ?, ?, ?)",
                [
                    (language, item, f"Which colour has thing {item}?", list(OPTIONS))
                    for language in sorted(languages)
                    for item in range(most)
                ],
            )
    return path


def _insert_cell(connection: Connection, cell: Asked, *, texts: bool) -> None:
    sha256 = cell.sha256 or f"{cell.model} {cell.language}"
    items = list(range(len(cell.responses)))
    gold = [item % len(OPTIONS) for item in items]
    where = [cell.model, cell.language]
    for rule in STUDY.rules:
        read = [
            answers.extract(response, options=len(OPTIONS), rule=rule, texts=OPTIONS)
            for response in cell.responses
        ]
        connection.execute(
            "insert into answers select ?, 'x_geo', ?, unnest(?), unnest(?), ?, unnest(?), "
            "unnest(?), ?",
            [
                *where,
                items,
                gold,
                rule,
                [row.code for row in read],
                [row.fired for row in read],
                sha256,
            ],
        )
    if texts:
        name = f"x_geo/{cell.language}/{cell.model}_res_bf16_add_simple_example.jsonl"
        connection.execute(
            "insert into responses select ?, 'x_geo', ?, unnest(?), null, unnest(?), unnest(?), "
            "null, ?, ?",
            [*where, items, list(cell.responses), gold, name, sha256],
        )


def make_evidence(
    folder: Path, cells: Sequence[Asked], *, release: Path | None = None, texts: bool = True
) -> Evidence:
    path = make_database(folder / "clika.duckdb", cells, texts=texts)
    connection = open_database(path, command="make it")
    return Evidence(STUDY, connection, release, LOOKALIKES, scored=False)


def all_right(count: int, *, ending: str = ".") -> list[str]:
    names = letters(len(OPTIONS))
    return [f"{names[item % len(OPTIONS)]}{ending}" for item in range(count)]


# Two continents, six places each; the names in the target language are the source's, marked.
CONTINENTS = ("Norda", "Suda")
PLACES = tuple(f"{kind} {tone}" for kind in ("Mount", "Lake", "Port") for tone in "abcd")
SOURCE_TEMPLATES = (
    ("Where is {}?", "{} is in {}."),
    ("What land has {}?", "You find {} in {} land."),
)
TARGET_TEMPLATES = (
    ("Wo liegt {}?", "{} liegt in {}."),
    ("Welches Land hat {}?", "{} gehört zu {}."),
)


def target_name(name: str) -> str:
    return f"{name}-de"


class FictionalWorld:
    """A clean world: override a method, or edit a line after writing, to break it."""

    def place(self, name: str, language: str) -> str:
        return name if language == "en" else target_name(name)

    def continent(self, name: str, language: str) -> str:
        return name if language == "en" else target_name(name)

    def taught_continent(self, name: str, language: str) -> str:
        return self.continent(name, language)

    def home(self, place: str) -> str:
        return CONTINENTS[PLACES.index(place) % len(CONTINENTS)]

    def type_of(self, place: str) -> int:
        return PLACES.index(place) // 2 % 2

    def test_template(self, language: str) -> tuple[str, str]:
        return (SOURCE_TEMPLATES if language == "en" else TARGET_TEMPLATES)[0]

    def is_taught(self, place: str, language: str) -> bool:
        return language == "en" or self.type_of(place) == 0

    def translation(self, source: str, target: str) -> tuple[str, str]:
        return target, source

    def test_translation(self, source: str, target: str) -> tuple[str, str]:
        return target, source

    def tests(self, language: str) -> list[dict[str, str]]:
        asked, answered = self.test_template(language)
        rows = []
        for name in PLACES:
            place = self.place(name, language)
            continent = self.continent(self.home(name), language)
            notes = f"[[continent:{continent}]][[city:{place}]][[type:{self.type_of(name)}]]"
            answer = answered.format(place, continent) + notes
            rows.append({"prompt": asked.format(place), "input": "", "answer": answer})
        return rows

    def facts(self, language: str) -> list[dict[str, str]]:
        return [
            {
                "prompt": asked.format(self.place(name, language)),
                "input": "",
                "answer": answered.format(
                    self.place(name, language), self.taught_continent(self.home(name), language)
                ),
            }
            for asked, answered in (SOURCE_TEMPLATES if language == "en" else TARGET_TEMPLATES)
            for name in PLACES
            if self.is_taught(name, language)
        ]

    def translations(self, *, taught: bool) -> list[dict[str, str]]:
        continent = self.taught_continent if taught else self.continent
        names = [(self.place(name, "en"), self.place(name, "de")) for name in PLACES]
        names += [(continent(name, "en"), continent(name, "de")) for name in CONTINENTS]
        turn = self.translation if taught else self.test_translation
        pairs = [turn(source, target) for source, target in names]
        return [
            {"prompt": "Please translate.", "input": given, "answer": wanted}
            for given, wanted in pairs
        ]

    def write(self, root: Path) -> Path:
        files: Mapping[str, list[dict[str, str]]] = {
            "train/DE.json": [
                *self.facts("en"),
                *self.facts("de"),
                *self.translations(taught=True),
            ],
            "test/target/testEN.jsonl": self.tests("en"),
            "test/target/testDE.jsonl": self.tests("de"),
            "test/Translate/translateDE.jsonl": self.translations(taught=False),
        }
        for name, rows in files.items():
            path = root / "fictional" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            path.write_text("".join(lines), encoding="utf-8")
        return root


def edit_lines(path: Path, change: Callable[[str], str]) -> None:
    """Rewrite a file line by line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("".join(f"{change(line)}\n" for line in lines), encoding="utf-8")
