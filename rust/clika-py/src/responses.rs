//! `parse_responses`: JSONL bytes in, Arrow columns and problems out.

use std::sync::Arc;

use arrow_array::types::{Int8Type, Int64Type, UInt16Type, UInt32Type};
use arrow_array::{ArrayRef, PrimitiveArray, RecordBatch, RecordBatchIterator, StringArray};
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use clika_core::extraction::{ExtractionError, MAX_LETTERS};
use clika_core::jsonl::{Limits, ParsedFile, Rows, Texts, parse_files};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyCapsule;

use crate::errors::NativeError;
use crate::interrupt::interruptible;
use crate::stream::export;

/// One bad place: file index, 1-based line (0 = the file), key, reason.
type Problem = (usize, u32, Option<&'static str>, String);

/// What ``parse_responses`` learned, file by file.
///
/// It is an Arrow stream that can be read any number of times, one batch for each file, the good
/// rows in the order of the file. Columns, none with NULLs: ``file`` (uint16, index of the file),
/// ``line`` (uint32, 1-based), ``item`` (int64, the record's ``id``), ``uuid`` (utf8, integers in
/// decimal), ``response`` (utf8, as the model gave it), ``gold`` (int8, 0-based option),
/// ``prompt_hash`` (utf8, first 16 bytes of the SHA-256 of the decoded prompt in hexadecimal).
#[pyclass(frozen, module = "clika._native")]
pub struct ParsedResponses {
    /// SHA-256 of each file's raw bytes, in hexadecimal.
    #[pyo3(get)]
    sha256: Vec<String>,
    /// Number of good rows of each file.
    #[pyo3(get)]
    rows: Vec<usize>,
    /// For each file, which of ``byte-order mark`` and ``CRLF line ends`` it has.
    #[pyo3(get)]
    notes: Vec<Vec<String>>,
    /// Everything wrong, ordered by file and line.
    ///
    /// Each is the file's index, the 1-based line (0: the file as a whole), the key (``None``: the
    /// line as a whole) and the reason, a clause without full stop. Text of the file in a reason is
    /// shortened and escaped, so it is fit for a terminal.
    #[pyo3(get)]
    problems: Vec<Problem>,
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

#[pymethods]
impl ParsedResponses {
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // Batches are reference-counted columns: a fresh stream copies no data.
        let batches = self.batches.clone().into_iter().map(Ok);
        let reader = RecordBatchIterator::new(batches, Arc::clone(&self.schema));
        export(py, Box::new(reader), requested_schema)
    }
}

/// Read model outputs, one JSON object a line, and collect everything that is wrong with them.
///
/// Parameters
/// ----------
/// files
///     Raw bytes of each file; at most 65,535 files, each below 2 GiB. Lines are objects with the
///     keys ``id`` (integer, 0 or more, unique in the file), ``input`` (the prompt), ``res`` (the
///     response), ``label`` (an option's letter) and ``uuid`` (text or integer); other keys are
///     ignored.
/// n_options
///     Labels are the first ``n_options`` capital letters, 1 to 26.
/// threads
///     Number of threads; a file is read by one.
/// max_line_bytes
///     A longer line is a problem and is not parsed.
///
/// Returns
/// -------
/// ParsedResponses
///     Hashes, notes, problems, and the good rows as an Arrow stream. Nothing of the input is kept.
///
/// Raises
/// ------
/// ValueError
///     ``n_options`` or ``threads`` is out of range, or there are too many files. Bad input raises
///     nothing: see ``problems``.
///
/// Notes
/// -----
/// Linear in the bytes. White space at the end of a file is no problem, a blank line elsewhere is.
/// Keys that occur twice, numbers beyond 64 bits, lone surrogates, NULs, unescaped control
/// characters and nesting deeper than 64 levels are problems of their line.
///
/// Examples
/// --------
/// >>> parse_responses([b'{"id": 0}'], n_options=4).problems[0]
/// (0, 1, 'input', 'the key is missing')
#[pyfunction]
#[pyo3(signature = (files, *, n_options, threads=None, max_line_bytes=8_388_608))]
pub fn parse_responses(
    py: Python<'_>,
    files: Vec<PyBackedBytes>,
    n_options: i64,
    threads: Option<usize>,
    max_line_bytes: usize,
) -> PyResult<ParsedResponses> {
    let n_options = u8::try_from(n_options)
        .ok()
        .filter(|count| (1..=MAX_LETTERS).contains(&usize::from(*count)))
        .ok_or(NativeError::from(ExtractionError::OptionCount(n_options)))?;
    if files.len() > usize::from(u16::MAX) {
        let message = format!("{} files at once; the limit is {}", files.len(), u16::MAX);
        return Err(PyValueError::new_err(message));
    }
    let limits = Limits { n_options, max_line_bytes };
    interruptible(py, threads, |execution| collect(parse_files(&files, limits, execution)?))
}

fn collect(files: Vec<ParsedFile>) -> Result<ParsedResponses, NativeError> {
    let schema = schema();
    let mut parsed = ParsedResponses {
        sha256: Vec::new(),
        rows: Vec::new(),
        notes: Vec::new(),
        problems: Vec::new(),
        schema: Arc::clone(&schema),
        batches: Vec::new(),
    };
    for (index, file) in files.into_iter().enumerate() {
        parsed.sha256.push(file.sha256);
        parsed.rows.push(file.rows.items.len());
        parsed.notes.push(file.notes.iter().map(ToString::to_string).collect());
        let problems = file.problems.into_iter();
        parsed.problems.extend(problems.map(|bad| (index, bad.line, bad.column, bad.reason)));
        parsed.batches.push(batch(&schema, index as u16, file.rows)?);
    }
    Ok(parsed)
}

fn schema() -> SchemaRef {
    let column = |name: &str, kind: DataType| Field::new(name, kind, false);
    Arc::new(Schema::new(vec![
        column("file", DataType::UInt16),
        column("line", DataType::UInt32),
        column("item", DataType::Int64),
        column("uuid", DataType::Utf8),
        column("response", DataType::Utf8),
        column("gold", DataType::Int8),
        column("prompt_hash", DataType::Utf8),
    ]))
}

fn batch(schema: &SchemaRef, file: u16, rows: Rows) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(PrimitiveArray::<UInt16Type>::from_value(file, rows.items.len())),
        Arc::new(PrimitiveArray::<UInt32Type>::from(rows.lines)),
        Arc::new(PrimitiveArray::<Int64Type>::from(rows.items)),
        Arc::new(strings(rows.uuids)?),
        Arc::new(strings(rows.responses)?),
        Arc::new(PrimitiveArray::<Int8Type>::from(rows.golds)),
        Arc::new(strings(rows.prompt_hashes)?),
    ];
    RecordBatch::try_new(Arc::clone(schema), columns)
}

/// The same memory as an Arrow column; offsets and UTF-8 are checked on the way.
fn strings(texts: Texts) -> Result<StringArray, ArrowError> {
    let offsets = OffsetBuffer::new(ScalarBuffer::from(texts.offsets));
    StringArray::try_new(offsets, Buffer::from_vec(texts.bytes), None)
}
