//! Model outputs, one JSON object a line: `{"id": 0, "input": "..", "res": "..", "label": "A", "uuid": ".."}`.
//!
//! A file is read to its end whatever is wrong with it: good rows become columns, every bad line
//! becomes a [`Problem`]. Input is hostile until proven otherwise: nesting, numbers, surrogates,
//! NULs, repeated keys and giant lines end as a problem or a defined value, never as a panic.

mod file;
mod record;

use std::fmt;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

pub use file::parse_file;

use crate::{Execution, Interrupted, PoolError};

/// What to accept.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Labels are the first `n_options` capital letters, 1 to 26.
    pub n_options: u8,
    /// A longer line is a problem and is not parsed.
    pub max_line_bytes: usize,
}

/// Something about a file that is no error but worth knowing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The file starts with a UTF-8 byte-order mark.
    ByteOrderMark,
    /// At least one line ends in CR LF.
    CrlfLineEnds,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByteOrderMark => "byte-order mark",
            Self::CrlfLineEnds => "CRLF line ends",
        })
    }
}

/// One thing wrong with one place of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// 1-based line; 0 when the file as a whole is meant.
    pub line: u32,
    /// The key concerned, if one is.
    pub column: Option<&'static str>,
    /// A clause without full stop; text from the file in it is shortened and escaped.
    pub reason: String,
}

/// Texts laid end to end, as Arrow lays them.
#[derive(Clone, Debug)]
pub struct Texts {
    /// All texts, one after the other.
    pub bytes: Vec<u8>,
    /// Where each text starts, and the end of the last: one more than there are texts.
    pub offsets: Vec<i32>,
}

impl Texts {
    fn new() -> Self {
        Self { bytes: Vec::new(), offsets: vec![0] }
    }

    // A file is at most i32::MAX bytes and no decoded text is longer than its JSON form, so the
    // running length fits (see `file::MAX_FILE_BYTES`).
    fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.offsets.push(self.bytes.len() as i32);
    }

    /// The texts one by one.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.offsets.windows(2).map(|ends| {
            let bytes = &self.bytes[ends[0] as usize..ends[1] as usize];
            // Pushed as whole `str`s.
            std::str::from_utf8(bytes).unwrap_or_default()
        })
    }
}

/// The good rows of one file, column by column, all of one length, in the order of the file.
#[derive(Clone, Debug)]
pub struct Rows {
    /// 1-based line of the file.
    pub lines: Vec<u32>,
    /// `id`, zero or more, unique in the file.
    pub items: Vec<i64>,
    /// `uuid`; integers in decimal.
    pub uuids: Texts,
    /// `res`, as the model gave it.
    pub responses: Texts,
    /// `label` as a 0-based option.
    pub golds: Vec<i8>,
    /// The first 16 bytes of the SHA-256 of the decoded `input`, in hexadecimal.
    pub prompt_hashes: Texts,
}

impl Rows {
    fn new() -> Self {
        Self {
            lines: Vec::new(),
            items: Vec::new(),
            uuids: Texts::new(),
            responses: Texts::new(),
            golds: Vec::new(),
            prompt_hashes: Texts::new(),
        }
    }
}

/// Everything learned from one file.
#[derive(Clone, Debug)]
pub struct ParsedFile {
    /// SHA-256 of the raw bytes, in hexadecimal.
    pub sha256: String,
    /// Oddities that are no errors.
    pub notes: Vec<Note>,
    /// What is wrong, in the order of lines.
    pub problems: Vec<Problem>,
    /// The good rows.
    pub rows: Rows,
}

/// Why no file was read.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// The worker threads could not be started.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The caller asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// Read several files, each on one thread, in the order given.
///
/// # Errors
/// When the worker threads cannot be started or the execution is cancelled. Bad input is no error
/// here: see [`ParsedFile::problems`].
pub fn parse_files<F: AsRef<[u8]> + Sync>(
    files: &[F],
    limits: Limits,
    execution: Execution<'_>,
) -> Result<Vec<ParsedFile>, ParseError> {
    let parse = |file: &F| parse_file(file.as_ref(), limits, execution);
    Ok(match execution.pool()? {
        Some(pool) => pool.install(|| files.par_iter().map(parse).collect::<Result<_, _>>())?,
        None => files.iter().map(parse).collect::<Result<_, _>>()?,
    })
}
