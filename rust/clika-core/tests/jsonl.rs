//! The JSONL reader on good, bad and hostile files.

use clika_core::Execution;
use clika_core::jsonl::{Limits, Note, ParsedFile, parse_file};
use proptest::prelude::*;

const LIMITS: Limits = Limits { n_options: 4, max_line_bytes: 1000 };

fn row(id: &str, response: &str) -> String {
    format!(r#"{{"id": {id}, "input": "p", "res": {response}, "label": "B", "uuid": 7}}"#)
}

fn parsed(file: impl AsRef<[u8]>) -> ParsedFile {
    parse_file(file.as_ref(), LIMITS, Execution::new(None)).expect("nobody cancels")
}

/// The problems as `line: column: reason`.
fn problems(file: impl AsRef<[u8]>) -> Vec<String> {
    let problems = parsed(file).problems.into_iter();
    problems
        .map(|bad| format!("{}: {}: {}", bad.line, bad.column.unwrap_or("-"), bad.reason))
        .collect()
}

#[test]
fn good_rows_become_columns() {
    let escaped = row("1", r#""caf\u00e9 \ud83d\ude00\n""#);
    let file = parsed(format!("{}\n{escaped}\n", row("0", "\"A.\"")));
    assert!(file.problems.is_empty() && file.notes.is_empty());
    assert_eq!(file.rows.lines, [1, 2]);
    assert_eq!(file.rows.items, [0, 1]);
    assert_eq!(file.rows.golds, [1, 1]);
    assert_eq!(file.rows.responses.iter().collect::<Vec<_>>(), ["A.", "café 😀\n"]);
    assert_eq!(file.rows.uuids.iter().collect::<Vec<_>>(), ["7", "7"]);
    let hash = "148de9c5a7a44d19e56cd9ae1a554bf6"; // of "p"
    assert_eq!(file.rows.prompt_hashes.iter().collect::<Vec<_>>(), [hash, hash]);
}

#[test]
fn a_byte_order_mark_and_crlf_are_noted() {
    let file = parsed(format!("\u{FEFF}{}\r\n{}\r\n\r\n", row("0", "\"A\""), row("1", "\"B\"")));
    assert_eq!(file.notes, [Note::ByteOrderMark, Note::CrlfLineEnds]);
    assert_eq!(file.rows.items, [0, 1]);
    assert!(file.problems.is_empty());
}

#[test]
fn an_empty_file_is_a_problem_of_the_file() {
    for empty in ["", "\n\n", "\u{FEFF}", " \r\n"] {
        assert_eq!(problems(empty), ["0: -: the file is empty"]);
    }
    assert_eq!(problems(b"\xFF\xFE{\0"), ["0: -: the file is UTF-16, not UTF-8"]);
}

#[test]
fn every_bad_line_is_reported_and_the_others_are_read() {
    let good = row("0", "\"A\"");
    let cut_off = r#"{"id": 1, "input": "p", "res": "so"#;
    let file = format!("{good}\n\n[1]\n{cut_off}\nnull\n{}\n{good}", row("2", "\"C\""));
    assert_eq!(parsed(&file).rows.lines, [1, 6]);
    assert_eq!(
        problems(file),
        [
            "2: -: the line is blank",
            "3: -: not a JSON object but an array",
            "4: -: not a JSON object (unexpected end)",
            "5: -: not a JSON object but null",
            "7: id: id 0 is already on line 1",
        ]
    );
}

#[test]
fn everything_wrong_with_a_row_is_said_in_the_order_of_keys() {
    let file = r#"{"label": "E", "id": 1.5, "res": ["A"], "uuid": null, "label2": 0}"#;
    assert_eq!(
        problems(file),
        [
            "1: id: expected an integer, found a number with a fraction or exponent",
            "1: input: the key is missing",
            "1: res: expected a string, found an array",
            "1: label: 'E' is not one of A..D",
            "1: uuid: expected a string or an integer, found null",
        ]
    );
}

#[test]
fn ids_are_checked() {
    assert_eq!(problems(row("-1", "\"A\"")), ["1: id: -1 is negative"]);
    let over = row("9223372036854775808", "\"A\"");
    assert_eq!(
        problems(over),
        ["1: id: 9223372036854775808 is over the limit of 9223372036854775807"]
    );
    let twice = format!("{}\n{}\n{}", row("5", "\"\""), row("3", "\"\""), row("5", "\"\""));
    assert_eq!(problems(twice), ["3: id: id 5 is already on line 1"]);
}

#[test]
fn text_of_the_file_is_quoted_safely() {
    let label = r#""\u001b[31m\u202e'\" and much more that nobody wants to read""#;
    let file = row("0", "\"A\"").replace("\"B\"", label);
    assert_eq!(
        problems(file),
        [r#"1: label: '\u{1b}[31m\u{202e}\'" and much more that nobo…' is not one of A..D"#]
    );
}

#[test]
fn hostile_lines_are_problems_with_plain_reasons() {
    let deep = format!("{}{}", "[".repeat(400), "]".repeat(400));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(80), "}".repeat(80));
    let other = |value: &str| row("0", "\"A\"").replace('}', &format!(", \"x\": {value}}}"));
    let cases: [(Vec<u8>, &str); 11] = [
        (other(&deep).into(), "nested more than 64 levels deep"),
        (other(&objects).into(), "nested more than 64 levels deep"),
        ("[".repeat(900).into(), "nested more than 64 levels deep"),
        (vec![b' ', b'{', b'"', 0xE9, b'"'], "not UTF-8 (byte 0xE9 at byte 4 of the line)"),
        (b"{\"a\": \0}".to_vec(), "a NUL at byte 7 of the line"),
        (row("0", r#""\ud83d""#).into(), "a lone surrogate, \\ud83d, which is no character"),
        (row("0", r#""\ude00x""#).into(), "a lone surrogate, \\ude00, which is no character"),
        (
            row("0", "\"a\tb\"").into(),
            "an unescaped control character (0x09) at byte 34 of the line",
        ),
        (row("0", "\"A\" 1").into(), "not a JSON object (a syntax error)"),
        (b"<!doctype html>".to_vec(), "not a JSON object (starts with '<!doctype html>')"),
        (vec![b'x'; 1001], "the line has 1001 bytes, the limit is 1000"),
    ];
    for (line, reason) in cases {
        assert_eq!(problems(&line), [format!("1: -: {reason}")]);
    }
}

#[test]
fn keys_may_come_in_any_order_and_once_only() {
    let file = r#"{"uuid": "u", "x": {"id": 9, "a": [1, {}]}, "label": "D", "res": "", "input": "p", "id": 4}"#;
    let read = parsed(file);
    assert!(read.problems.is_empty());
    assert_eq!((read.rows.items[0], read.rows.golds[0]), (4, 3));
    let twice = row("0", "\"A\"").replace("\"uuid\"", "\"res\": \"B\", \"uuid\"");
    assert_eq!(problems(twice), ["1: res: the key occurs more than once"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        parsed(&bytes);
    }

    #[test]
    fn every_line_of_a_damaged_file_is_a_row_or_a_problem(
        at in 0_usize..500,
        byte in any::<u8>(),
    ) {
        let lines: Vec<String> = (0..5).map(|id| row(&id.to_string(), "\"A. \\u00e9\"")).collect();
        let mut file = lines.join("\n").into_bytes();
        let at = at % file.len();
        file[at] = byte;
        let read = parsed(&file);
        let mut seen: Vec<u32> = read.rows.lines.clone();
        seen.extend(read.problems.iter().map(|problem| problem.line));
        seen.sort_unstable();
        seen.dedup();
        let lines = file.split(|byte| *byte == b'\n').count() as u32;
        prop_assert_eq!(seen, (1..=lines).collect::<Vec<_>>());
    }
}
