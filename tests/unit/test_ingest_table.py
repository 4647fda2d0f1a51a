"""Anyone's table becomes shards and a study: every format, every fault, what is assumed."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import TYPE_CHECKING

import duckdb
import pytest
from made_release import files_below

from clika.cli import main
from clika.errors import BadInputError, ConfigError, UnknownNameError
from clika.steps.ingest_table import TableChoices, TableReport, ingest_table
from clika.steps.inventory import read_inventory
from clika.steps.load import load
from clika.steps.score import score
from clika.steps.table_mapping import parse_mapping
from clika.study import load_study

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clika.steps.score import ScoreReport

COLUMNS = ("who", "what", "tongue", "number", "said", "right")
MAPPING = "model=who,task=what,language=tongue,item=number,answer=said,gold=right"

Row = tuple[object, ...]


def made_rows() -> list[Row]:
    """Return two models on one task of four items in two languages; beta never saw item 3 in de."""
    said = {
        ("alpha", "en"): "ABCD",
        ("alpha", "de"): "ABCA",
        ("beta", "en"): "ABDD",
        ("beta", "de"): "AAD",
    }
    return [
        (model, "trivia", language, item, answer, "ABCD"[item])
        for (model, language), answers in said.items()
        for item, answer in enumerate(answers)
    ]


def csv_text(rows: Sequence[Row], header: Sequence[str] = COLUMNS, delimiter: str = ",") -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue()


def write_csv(path: Path, rows: Sequence[Row]) -> Path:
    path.write_text(csv_text(rows))
    return path


def write_jsonl(path: Path, rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> Path:
    lines = [json.dumps(dict(zip(columns, row, strict=True))) for row in rows]
    path.write_text("\n".join(lines))
    return path


def write_parquet(path: Path, rows: Sequence[Row]) -> Path:
    source = write_jsonl(path.with_suffix(".jsonl"), rows)
    duckdb.sql(f"copy (from read_json('{source}')) to '{path}'")
    return path


def ingest(file: Path, results: Path, mapping: str = MAPPING, **choices: object) -> TableReport:
    made = TableChoices(mapping=mapping, study="mine")._replace(**choices)
    return ingest_table(file, choices=made, results=results)


def scored(results: Path, name: str = "mine") -> ScoreReport:
    study = load_study(name, results)
    folder = results / name
    load(study, shards=folder / "shards", database=folder / "clika.duckdb", origin="responses")
    return score(
        study,
        database=folder / "clika.duckdb",
        scores=folder / "scores",
        tables=folder / "tables",
    )


def performance(results: Path, metric: str) -> dict[tuple[str, str], tuple[float | None, int, str]]:
    rows = duckdb.sql(
        f"""select model, source_language, value, n, reason
        from read_parquet('{results}/mine/scores/performance.parquet')
        where metric = '{metric}' and rule = 'first-letter'"""
    ).fetchall()
    return {(model, language): rest for model, language, *rest in rows}


def answers(results: Path) -> list[tuple[object, ...]]:
    return duckdb.sql(
        f"""select model, task, language, item, uuid, response, gold
        from read_parquet('{results}/mine/shards/responses/*/*.parquet') order by all"""
    ).fetchall()


def faults(error: pytest.ExceptionInfo[BadInputError]) -> list[tuple[int | None, str | None, str]]:
    return [(problem.row, problem.column, problem.reason) for problem in error.value.problems]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "results"


@pytest.mark.parametrize(
    "name",
    ["t.csv", "t.tsv", "t.csv.gz", "t.jsonl", "t.ndjson", "t.json", "t.jsonl.gz", "t.parquet"],
)
def test_every_format_gives_the_same_answers(name: str, tmp_path: Path, results: Path) -> None:
    plain = tmp_path / name.removesuffix(".gz")
    if name.endswith("tsv"):
        plain.write_text(csv_text(made_rows(), delimiter="\t"))
    else:
        write = {"csv": write_csv, "parquet": write_parquet}.get(plain.suffix[1:], write_jsonl)
        write(plain, made_rows())
    if name.endswith(".gz"):
        (tmp_path / name).write_bytes(gzip.compress(plain.read_bytes()))

    report = ingest(tmp_path / name, results)

    assert report.rows == 15
    assert (report.study.models, report.study.languages) == (("alpha", "beta"), ("en", "de"))
    expected = [(*row[:4], None, row[4], "ABCD".index(str(row[5]))) for row in made_rows()]
    assert answers(results) == sorted(expected)


def test_the_numbers_rest_on_the_items_that_were_asked(tmp_path: Path, results: Path) -> None:
    ingest(write_csv(tmp_path / "t.csv", made_rows()), results, reference="alpha")
    report = scored(results)

    assert (report.models, report.missing) == (("alpha", "beta"), ())
    assert performance(results, "acc") == {
        ("alpha", "en"): [1.0, 4, None],
        ("alpha", "de"): [0.75, 4, None],
        ("beta", "en"): [0.75, 4, None],
        ("beta", "de"): [pytest.approx(1 / 3), 3, None],
    }
    pairs = duckdb.sql(
        f"""select source_language, target_language, value, n
        from read_parquet('{results}/mine/scores/consistency.parquet')
        where metric = 'ag' and model = 'beta' and rule = 'first-letter' order by all"""
    ).fetchall()
    # beta was not asked item 3 in German, so the pair rests on items 0, 1 and 2: A A, B A, D D.
    assert ("en", "de", pytest.approx(2 / 3), 3) in pairs


def test_the_reference_is_an_exact_fraction_and_ra_is_1_there(
    tmp_path: Path, results: Path
) -> None:
    report = ingest(write_csv(tmp_path / "t.csv", made_rows()), results, reference="BETA".lower())
    scored(results)

    reference = report.study.tasks[0].reference
    assert reference is not None
    assert (reference.correct, reference.items) == (3, 4)
    assert load_study("mine", results) == report.study
    assert performance(results, "ra")["beta", "en"] == [1.0, 4, None]


def test_ra_is_undefined_without_a_reference(tmp_path: Path, results: Path) -> None:
    ingest(write_csv(tmp_path / "t.csv", made_rows()), results)
    scored(results)
    assert performance(results, "ra")["alpha", "en"] == [None, 4, "no reference"]


def test_constants_stand_for_columns(tmp_path: Path, results: Path) -> None:
    rows = [row for row in made_rows() if row[0] == "alpha"]
    mapping = "model='my org/it''s',task='x',language=tongue,item=number,answer=said,gold=right"

    report = ingest(write_csv(tmp_path / "t.csv", rows), results, mapping)

    assert report.study.models == ("my_org_it_s",)
    assert [task.name for task in report.study.tasks] == ["x"]
    assert """model "my org/it's" is called my_org_it_s""" in report.notes


def test_names_are_normalised_and_the_notes_say_how(tmp_path: Path, results: Path) -> None:
    names = {"alpha": "LLaMA-7B", "beta": "b", "en": "English", "de": "DE_trans"}
    rows = [tuple(names.get(str(value), value) for value in row) for row in made_rows()]

    report = ingest(write_csv(tmp_path / "t.csv", rows), results, reference="llama 7b")

    assert report.study.models == ("llama_7b", "b")
    assert report.study.languages == ("en", "de")
    assert "model 'LLaMA-7B' is called llama_7b" in report.notes
    assert "language 'DE_trans' is called de" in report.notes


def test_text_ids_are_numbered_in_their_order_and_kept_as_uuid(
    tmp_path: Path, results: Path
) -> None:
    rows = [("m", "t", "en", item, "A", "A") for item in ("q10", "q2", "10")]

    ingest(write_csv(tmp_path / "t.csv", rows), results)

    assert [row[3:5] for row in answers(results)] == [(0, "10"), (1, "q10"), (2, "q2")]


def test_integers_are_codes_and_stored_as_letters(tmp_path: Path, results: Path) -> None:
    rows = [("m", "t", "en", item, answer, item) for item, answer in enumerate([0, 1, -1, 3, 0])]

    report = ingest(write_csv(tmp_path / "t.csv", rows), results, options=5)

    assert [row[5] for row in answers(results)] == ["A", "B", "", "D", "A"]
    assert [row[6] for row in answers(results)] == [0, 1, 2, 3, 4]
    assert any(note.startswith("every answer is an integer") for note in report.notes)
    scored(results)
    assert performance(results, "acc")["m", "en"] == [0.6, 5, None]


def test_codes_written_as_floats_are_codes(tmp_path: Path, results: Path) -> None:
    rows = [("m", "t", "en", f"{item}.0", f"{item}.0", f"{item}.0") for item in (0, 1, 2)]
    ingest(write_csv(tmp_path / "t.csv", rows), results)
    assert [row[3:] for row in answers(results)] == [
        (item, None, "ABC"[item], item) for item in (0, 1, 2)
    ]


def test_numbers_that_begin_with_1_are_questioned(tmp_path: Path, results: Path) -> None:
    rows = [("m", "t", "en", item, item, item) for item in (1, 2, 3)]
    report = ingest(write_csv(tmp_path / "t.csv", rows), results)
    assert "t: no option is numbered 0; are the numbers 1-based?" in report.notes


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_no_answer_is_not_asked_and_an_empty_one_is_invalid(
    form: str, tmp_path: Path, results: Path
) -> None:
    rows: list[Row] = [("m", "t", "en", 0, "A", "A"), ("m", "t", "en", 1, None, "A")]
    rows += [("m", "t", "en", 2, "", "B")]
    path = tmp_path / f"t.{form}"
    if form == "csv":
        text = ",".join(COLUMNS) + '\nm,t,en,0,A,A\nm,t,en,1,,A\nm,t,en,2,"",B\n'
        path.write_text(text)
    else:
        {"jsonl": write_jsonl, "parquet": write_parquet}[form](path, rows)

    report = ingest(path, results)

    assert report.rows == 2
    assert any(note.startswith("1 rows have no answer") for note in report.notes)
    scored(results)
    assert performance(results, "acc")["m", "en"] == [0.5, 2, None]
    assert load_study("mine", results).task("t").items == 3


def test_options_texts_tell_how_many_there_are_and_serve_the_robust_rule(
    tmp_path: Path, results: Path
) -> None:
    texts = ["a red fish", "a blue bird", "a green dog"]
    rows = [("m", "t", "en", 0, "a blue bird", "B", texts), ("m", "t", "en", 1, "C", "A", texts)]
    columns = (*COLUMNS, "choices")
    for path in (
        write_jsonl(tmp_path / "t.jsonl", rows, columns),
        tmp_path / "t.csv",
        tmp_path / "t.parquet",
    ):
        if path.suffix == ".csv":
            path.write_text(csv_text([(*row[:6], json.dumps(texts)) for row in rows], columns))
        if path.suffix == ".parquet":
            source = tmp_path / "t.jsonl"
            duckdb.sql(f"copy (from read_json('{source}')) to '{path}'")

        report = ingest(path, results, f"{MAPPING},options=choices", rule="robust")
        scored(results)

        assert report.study.rules == ("robust", "first-letter")
        assert report.study.tasks[0].options == 3
        stored = duckdb.connect(str(results / "mine" / "clika.duckdb"), read_only=True)
        codes = stored.execute("select code from answers where rule = 'robust' order by item")
        assert codes.fetchall() == [(1,), (2,)]
        stored.close()


def test_the_number_of_options_is_a_guess_that_is_said(tmp_path: Path, results: Path) -> None:
    rows = [("m", "t", "en", 0, "A", "C"), ("m", "u", "en", 0, "A", "A")]
    report = ingest(write_csv(tmp_path / "t.csv", rows), results)
    assert {task.name: task.options for task in report.study.tasks} == {"t": 3, "u": 2}
    guesses = [note for note in report.notes if "the highest that occurs" in note]
    assert [note.partition(":")[0] for note in guesses] == ["t", "u"]


def test_a_model_without_answers_is_missing_everywhere(tmp_path: Path, results: Path) -> None:
    rows = [
        *made_rows(),
        ("gamma", "trivia", "en", 0, None, "A"),
        ("alpha", "u", "en", 0, "A", "A"),
    ]
    ingest(write_jsonl(tmp_path / "t.jsonl", rows), results)
    report = scored(results)
    assert report.missing == ("gamma",)
    inventory = read_inventory(results / "mine" / "shards")
    assert inventory is not None
    assert (
        inventory.missing_cells
        == (
            "alpha x u: no answers",
            "beta x u: no answers",
            "gamma x trivia: no answers",
            "gamma x u: no answers",
        )[1:]
    )


def test_reading_again_replaces_what_was_there(tmp_path: Path, results: Path) -> None:
    ingest(write_csv(tmp_path / "t.csv", made_rows()), results)
    scored(results)

    rows = [row for row in made_rows() if row[0] == "alpha"]
    ingest(write_csv(tmp_path / "t.csv", rows), results)

    assert {row[0] for row in answers(results)} == {"alpha"}
    assert scored(results).models == ("alpha",)


def test_a_byte_order_mark_crlf_and_line_breaks_in_fields_are_read(
    tmp_path: Path, results: Path
) -> None:
    text = csv_text([("m", "t", "en", 0, 'B, "two\nlines"', "B")]).replace("\n", "\r\n")
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())

    report = ingest(tmp_path / "t.csv", results)

    assert report.notes[0] == "byte-order mark: accepted"
    assert [row[5] for row in answers(results)] == ['B, "two\r\nlines"']


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("m,t,en,9,A", (3, None, "fewer fields than the header has")),
        ("m,t,en,9,A,A,A", (3, None, "more fields than the header has")),
        ('m,t,en,9,"A,A', (3, None, "a quote is not closed, or text follows a closed one")),
        (b"m,t,en,9,\xfc,A", (3, None, "not UTF-8")),
        (",t,en,9,A,A", (3, "who", "the value is missing")),
        ("m,t,en,,A,A", (3, "number", "the value is missing")),
        ("m,t,en,9,A,", (3, "right", "the value is missing")),
        ("m,t,xx,9,A,A", (3, "tongue", "Unknown language 'xx'")),
        ("///,t,en,9,A,A", (3, "who", "'///' is not usable as a model's name")),
        ("m,t,en,9,A,F?", (3, "right", "'F?' is no option: write a letter from A on")),
        ("m,t,en,0,A,A", (2, "number", "the same model, task, language and item more than once")),
        ("m,t,de,0,A,B", (3, "right", "item 0 of t has another right option in row 2")),
        ("M,t,de,0,A,A", (3, "who", "'M' and 'm' would have one name, M: rename one")),
    ],
)
def test_a_bad_row_is_refused_with_its_row_and_column(
    line: str | bytes, expected: tuple[int, str, str], tmp_path: Path, results: Path
) -> None:
    first = csv_text([("m", "t", "en", 0, "A", "A")]).encode()
    (tmp_path / "t.csv").write_bytes(first + (line if isinstance(line, bytes) else line.encode()))

    with pytest.raises(BadInputError) as raised:
        ingest(tmp_path / "t.csv", results)

    row, column, reason = faults(raised)[0]
    assert (row, column) == expected[:2]
    assert reason.startswith(expected[2])
    assert len(faults(raised)) == 1
    assert files_below(results) == set()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"who": "m"', (2, None, "not a JSON object")),
        (b"[1]", (2, None, "not a JSON object")),
        (b'{"who": "\xfc"}', (2, None, "not UTF-8")),
        (b'{"who": "\\ud800"}', (2, None, "not a JSON object")),
        (b'{"who": 1}\x01{', (2, None, "a control character (0x01)")),
        (b"\n{}", (2, None, "the line is blank")),
        (
            b'{"x": "' + b"x" * 50_000_000 + b'"}',
            (2, None, "the line is longer than 8,388,608 bytes"),
        ),
        (b'{"who": "m", "what": "t"}', (2, "tongue", "the value is missing")),
    ],
)
def test_a_bad_line_of_json_is_refused(
    line: bytes, expected: tuple[int, str, str], tmp_path: Path, results: Path
) -> None:
    path = write_jsonl(tmp_path / "t.jsonl", [("m", "t", "en", 0, "A", "A")])
    path.write_bytes(path.read_bytes() + b"\n" + line + b"\n")
    with pytest.raises(BadInputError) as raised:
        ingest(path, results)
    assert faults(raised)[0] == expected
    assert files_below(results) == set()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("t.csv", b"", "the file is empty"),
        ("t.jsonl", b"\n", "the file is empty"),
        ("t.csv", "a,b".encode("utf-16"), "the file is UTF-16, not UTF-8"),
        ("t.csv", b"\xfc,b\n", "not UTF-8"),
        ("t.csv", b"a,b,a\n", "two columns of this name"),
        ("t.csv", b"a,b\n1," + b"x" * 50_000_000, "the line is longer than 8,388,608 bytes"),
        ("t.json", b'[\n{"a": 1}\n]', "the file is a JSON array; write one object a line"),
        ("t.parquet", b"PAR1 no", "not a Parquet file, or cut short"),
        (
            "t.csv.gz",
            gzip.compress(b"a,b\n" * 99, mtime=0)[:-9],
            "the gzip file is damaged or cut short",
        ),
        ("t.csv.gz", b"a,b\n", "the gzip file is damaged or cut short"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    name: str, content: bytes, expected: str, tmp_path: Path, results: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInputError) as raised:
        ingest(tmp_path / name, results)
    assert expected in faults(raised)[0][2]
    assert files_below(results) == set()


def test_alike_faults_are_one_problem_with_its_rows(tmp_path: Path, results: Path) -> None:
    rows = [("m", "t", "en", item, "A", "?" if item % 2 else "A") for item in range(40)]
    with pytest.raises(BadInputError) as raised:
        ingest(write_csv(tmp_path / "t.csv", rows), results)
    ((row, column, reason),) = faults(raised)
    assert (row, column) == (3, "right")
    assert reason.endswith(" (also rows 5, 7, 9, 11, 13 and 14 more)")


def test_faults_of_every_kind_are_listed_together(tmp_path: Path, results: Path) -> None:
    rows = [
        ("m", "t", "xx", 0, "A", "A"),
        ("m", "t", "en", 0, "A", "A"),
        ("m", "t", "en", 0, "A", "B"),
        ("m", "t", "en", 1, "A", "E"),
    ]
    with pytest.raises(BadInputError) as raised:
        ingest(write_csv(tmp_path / "t.csv", rows), results, options=4)
    assert [(row, column) for row, column, _ in faults(raised)] == [
        (2, "tongue"),
        (3, "number"),
        (4, "right"),
        (5, "right"),
    ]


def test_a_code_or_a_list_that_does_not_fit_the_options_is_refused(
    tmp_path: Path, results: Path
) -> None:
    rows = [("m", "t", "en", 0, 4, 0), ("m", "t", "en", 1, -2, 0), ("m", "t", "en", 2, 1, 0)]
    with pytest.raises(BadInputError) as raised:
        ingest(write_csv(tmp_path / "t.csv", rows), results, options=4)
    assert [(row, column) for row, column, _ in faults(raised)] == [(2, "said"), (3, "said")]

    columns = (*COLUMNS, "o")
    listed = [("m", "t", "en", 0, "A", "A", ["x"]), ("m", "t", "en", 1, "A", "A", "x, y")]
    path = write_jsonl(tmp_path / "t.jsonl", listed, columns)
    with pytest.raises(BadInputError) as raised:
        ingest(path, results, f"{MAPPING},options=o", options=4)
    assert faults(raised) == [
        (1, "o", "1 options where t has 4"),
        (2, "o", "not a list of texts"),
    ]


def test_a_uuid_that_moves_between_items_is_refused(tmp_path: Path, results: Path) -> None:
    rows = [("m", "t", "en", 0, "A", "A", "x"), ("m", "t", "de", 0, "A", "A", "y")]
    path = write_jsonl(tmp_path / "t.jsonl", rows, (*COLUMNS, "id"))
    with pytest.raises(BadInputError) as raised:
        ingest(path, results, f"{MAPPING},uuid=id")
    assert faults(raised) == [(2, "id", "item 0 of t is x in row 1, but y here")]


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ("model=who", "--map names no column for task, language, item, answer, gold."),
        (MAPPING + ",model=x", "--map: model is given twice."),
        (MAPPING + ",modle=x", "Unknown --map key 'modle'. Did you mean 'model'?"),
        (MAPPING.replace("said", "'A'"), "--map: answer must be a column"),
        (MAPPING.replace("who", "whom"), "Unknown column 'whom'. Did you mean 'who'"),
        ("nonsense", "--map: 'nonsense' is not KEY=COLUMN"),
        (MAPPING + ",uuid='x", '--map: "uuid=\'x" is not KEY=COLUMN'),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused(
    mapping: str, expected: str, tmp_path: Path, results: Path
) -> None:
    with pytest.raises((ConfigError, UnknownNameError)) as raised:
        ingest(write_csv(tmp_path / "t.csv", made_rows()), results, mapping)
    assert str(raised.value).startswith(expected)


def test_quoted_columns_may_hold_commas_and_quotes() -> None:
    found = parse_mapping(
        "model=\"a, \"\"b\"\"\", task='c, ''d''', language=l ,item=i,answer=a b,gold=g"
    )
    assert (found["model"].text, found["model"].constant) == ('a, "b"', False)
    assert (found["task"].text, found["task"].constant) == ("c, 'd'", True)
    assert (found["language"].text, found["answer"].text) == ("l", "a b")


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({"study": "paper-released"}, "The study paper-released ships with clika"),
        ({"study": "../x"}, "'../x' cannot name a study"),
        ({"pivot": "fr"}, "Unknown pivot language 'fr'."),
        ({"reference": "alpa"}, "Unknown reference model 'alpa'. Did you mean 'alpha'?"),
        ({"rule": "first_letter"}, "Unknown rule 'first_letter'. Did you mean 'first-letter'?"),
    ],
)
def test_a_choice_that_is_not_there_is_refused(
    choices: dict[str, object], expected: str, tmp_path: Path, results: Path
) -> None:
    with pytest.raises((ConfigError, UnknownNameError)) as raised:
        ingest(write_csv(tmp_path / "t.csv", made_rows()), results, **choices)
    assert str(raised.value).startswith(expected)
    assert files_below(results) == set()


def test_a_name_that_tells_no_format_and_a_missing_file_are_refused(
    tmp_path: Path, results: Path
) -> None:
    with pytest.raises(ConfigError, match=r"the name must tell what is in the file"):
        ingest(tmp_path / "t.xlsx", results)
    with pytest.raises(BadInputError, match="there is no such file"):
        ingest(tmp_path / "t.csv", results)


def test_the_commands_go_from_a_table_to_its_numbers(
    tmp_path: Path,
    results: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "My results (v2).csv", made_rows())

    for arguments in (
        ["ingest", "table", "My results (v2).csv", "--map", MAPPING],
        ["load", "My_results_v2"],
        ["score", "My_results_v2", "--where", "model=beta", "--format", "csv"],
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0

    said = capsys.readouterr().out
    assert "15 answers of 2 models, 1 task, 2 languages." in said
    assert "Now: clika load My_results_v2 && clika score My_results_v2" in said
    assert (results / "My_results_v2" / "shards" / "ingest.json").is_file()


def test_a_table_whose_shards_are_damaged_names_the_command_that_reads_it_again(
    tmp_path: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_csv(tmp_path / "t.csv", made_rows())
    ingest(file, results)
    (results / "mine" / "shards" / "items.parquet").unlink()

    with pytest.raises(SystemExit):
        main(["load", "mine", "--results", str(results)])

    expected = f"is missing. Run: clika ingest table {file} --map {MAPPING} --study mine"
    assert expected in capsys.readouterr().err
