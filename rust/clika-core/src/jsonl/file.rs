//! A file's bytes, cut into lines.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::record::{Record, RecordReader};
use super::{Limits, Note, ParsedFile, Problem, Rows};
use crate::{Execution, Interrupted};

/// Arrow's `utf8` columns count bytes in `i32`.
const MAX_FILE_BYTES: usize = i32::MAX as usize;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
const UTF16_MARKS: [&[u8]; 2] = [b"\xFF\xFE", b"\xFE\xFF"];
const PROMPT_HASH_BYTES: usize = 16;
/// Bytes hashed between two looks at whether to stop: about a millisecond.
const HASHED_BYTES: usize = 1 << 20;

/// Read one file to its end.
///
/// Linear in its bytes; holds the good rows and one line at a time. Runs on the calling thread.
///
/// # Errors
/// When the execution is cancelled.
pub fn parse_file(
    bytes: &[u8],
    limits: Limits,
    execution: Execution<'_>,
) -> Result<ParsedFile, Interrupted> {
    let mut reader = FileReader::new(limits);
    reader.read(bytes, execution)?;
    let mut hash = Sha256::new();
    for part in bytes.chunks(HASHED_BYTES) {
        execution.check()?;
        hash.update(part);
    }
    Ok(ParsedFile {
        sha256: hexadecimal(&hash.finalize()),
        notes: reader.notes,
        problems: reader.problems,
        rows: reader.rows,
    })
}

struct FileReader {
    limits: Limits,
    records: RecordReader,
    notes: Vec<Note>,
    problems: Vec<Problem>,
    rows: Rows,
    first_lines: FirstLines,
    prompt_hash: String,
}

impl FileReader {
    fn new(limits: Limits) -> Self {
        Self {
            limits,
            records: RecordReader::new(limits.n_options),
            notes: Vec::new(),
            problems: Vec::new(),
            rows: Rows::new(),
            first_lines: FirstLines::default(),
            prompt_hash: String::new(),
        }
    }

    fn read(&mut self, bytes: &[u8], execution: Execution<'_>) -> Result<(), Interrupted> {
        if bytes.len() > MAX_FILE_BYTES {
            let size = bytes.len();
            let reason = format!("the file has {size} bytes, the limit is {MAX_FILE_BYTES}");
            self.problem(0, None, reason);
            return Ok(());
        }
        if UTF16_MARKS.iter().any(|mark| bytes.starts_with(mark)) {
            self.problem(0, None, "the file is UTF-16, not UTF-8".to_owned());
            return Ok(());
        }
        let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        if text.len() < bytes.len() {
            self.notes.push(Note::ByteOrderMark);
        }
        let text = text.trim_ascii_end();
        if text.is_empty() {
            self.problem(0, None, "the file is empty".to_owned());
            return Ok(());
        }
        let mut has_crlf = bytes.ends_with(b"\r\n");
        let mut start = 0;
        let mut number = 0_u32;
        let ends = memchr::memchr_iter(b'\n', text).chain(std::iter::once(text.len()));
        for end in ends {
            execution.check()?;
            let mut line = &text[start..end];
            start = end + 1;
            number += 1;
            if let Some(content) = line.strip_suffix(b"\r") {
                has_crlf = true;
                line = content;
            }
            self.read_line(number, line);
        }
        if has_crlf {
            self.notes.push(Note::CrlfLineEnds);
        }
        Ok(())
    }

    fn read_line(&mut self, number: u32, line: &[u8]) {
        let limit = self.limits.max_line_bytes;
        if line.len() > limit {
            let size = line.len();
            let reason = format!("the line has {size} bytes, the limit is {limit}");
            return self.problem(number, None, reason);
        }
        if line.trim_ascii().is_empty() {
            return self.problem(number, None, "the line is blank".to_owned());
        }
        match self.records.read(line) {
            Ok(record) => {
                if let Some(first) = self.first_lines.enter(record.item, number, &self.rows) {
                    let reason = format!("id {} is already on line {first}", record.item);
                    self.problems.push(Problem { line: number, column: Some("id"), reason });
                } else {
                    push_row(&mut self.rows, &mut self.prompt_hash, number, &record);
                }
            }
            Err(flaws) => {
                let problems = flaws.into_iter().map(|flaw| Problem {
                    line: number,
                    column: flaw.column,
                    reason: flaw.reason,
                });
                self.problems.extend(problems);
            }
        }
    }

    fn problem(&mut self, line: u32, column: Option<&'static str>, reason: String) {
        self.problems.push(Problem { line, column, reason });
    }
}

fn push_row(rows: &mut Rows, prompt_hash: &mut String, line: u32, record: &Record<'_>) {
    prompt_hash.clear();
    write_hexadecimal(prompt_hash, &Sha256::digest(record.prompt)[..PROMPT_HASH_BYTES]);
    rows.lines.push(line);
    rows.items.push(record.item);
    rows.uuids.push(&record.uuid);
    rows.responses.push(record.response);
    rows.golds.push(record.gold);
    rows.prompt_hashes.push(prompt_hash);
}

/// On which line each id was seen first.
///
/// Nearly every file lists its ids in rising order, and then comparing with the last one is
/// enough; the map is built at the first id that does not rise.
#[derive(Default)]
struct FirstLines {
    map: Option<HashMap<i64, u32>>,
}

impl FirstLines {
    /// The line of an earlier row with this id; else remember this one.
    fn enter(&mut self, item: i64, line: u32, rows: &Rows) -> Option<u32> {
        if self.map.is_none() && rows.items.last().is_none_or(|last| *last < item) {
            return None;
        }
        let known = self.map.get_or_insert_with(|| {
            rows.items.iter().copied().zip(rows.lines.iter().copied()).collect()
        });
        let first = *known.entry(item).or_insert(line);
        (first != line).then_some(first)
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::new();
    write_hexadecimal(&mut text, bytes);
    text
}

fn write_hexadecimal(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)] as char);
        text.push(DIGITS[usize::from(byte & 15)] as char);
    }
}
