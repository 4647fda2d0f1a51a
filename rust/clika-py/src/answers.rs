//! `extract_answers`: responses in, option codes out, batch by batch.

use std::sync::Arc;

use arrow_array::builder::{Int8Builder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, Int64Array, ListArray, RecordBatch, RecordBatchReader, StringArray};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use clika_core::extraction::letters::FOREIGN_LETTERS;
use clika_core::extraction::{Extraction, Rule, extract};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict, PyTuple};
use pyo3_arrow::PyRecordBatchReader;
use rayon::ThreadPool;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::errors::NativeError;
use crate::execution;
use crate::stream::ArrowStreamExport;

/// Rows that one task extracts; fewer are not worth a hand-over between threads.
const TASK_ROWS: usize = 512;

/// The names of all rules.
pub fn rule_names(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
    PyTuple::new(py, Rule::ALL.map(Rule::name))
}

/// Which Latin letters each letter of another script can stand for.
pub fn lookalike_letters(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    FOREIGN_LETTERS.map(|row| (row.letter, row.stands_for)).into_py_dict(py)
}

/// Read the option that one response names.
///
/// Parameters
/// ----------
/// response
///     The raw response.
/// n_options
///     Number of options, 1 to 26.
/// options
///     The options' texts in the language asked, or ``None`` where they are not known; only
///     ``robust`` looks at them.
/// rule
///     One of :data:`EXTRACTION_RULES`.
///
/// Returns
/// -------
/// code, fired
///     0-based option, or -1 = INVALID; and the part of the rule that decided.
///
/// Raises
/// ------
/// ValueError
///     The rule is unknown, ``n_options`` is out of range or there are not as many texts.
///
/// Notes
/// -----
/// ``first-letter`` is the authors' rule: the first character that is not white space, if it is a
/// letter A to E (or to the last option's, if that is later). ``fired``: ``letter``;
/// ``out-of-options``, ``empty``, ``no-letter``.
///
/// ``robust`` is a cascade that never guesses. ``fired``: ``option-text``, ``statement``,
/// ``letter``, ``letter-and-text``, ``look-alike``, ``alphabet``, ``option-text-within``,
/// ``lower-case``; ``empty``, ``ambiguous``, ``contradiction``, ``number-not-offered``,
/// ``out-of-options``, ``no-answer``.
///
/// Examples
/// --------
/// >>> extract_answer("The answer is (B).", 4, None, "robust")
/// (1, 'statement')
/// >>> extract_answer("The answer is (B).", 4, None, "first-letter")
/// (-1, 'no-letter')
#[pyfunction]
pub fn extract_answer(
    response: &str,
    n_options: i64,
    options: Option<Vec<String>>,
    rule: &str,
) -> PyResult<(i8, &'static str)> {
    let read = || -> Result<Extraction, NativeError> {
        Ok(extract(response, n_options, options.as_deref(), rule.parse()?)?)
    };
    let extraction = read()?;
    Ok((extraction.code, extraction.fired))
}

/// Read the option that each response of a stream names, batch by batch.
///
/// Parameters
/// ----------
/// stream
///     Columns ``response`` (text, no NULLs), ``n_options`` (integer, 1 to 26), optionally
///     ``options`` (list of text; NULL where not known), and any others.
/// rule
///     One of :data:`EXTRACTION_RULES`.
/// threads
///     Number of threads.
///
/// Returns
/// -------
/// ArrowStreamExport
///     All columns, then ``code`` (int8, 0-based option, -1 = INVALID) and ``fired`` (utf8). It
///     reads from ``stream`` as it is read, one batch at a time: with DuckDB read it on another
///     connection (``con.cursor()``) than the one that ``stream`` comes from.
///
/// Raises
/// ------
/// ValueError
///     The rule is unknown, or a column is missing or of another type. A bad row (a NULL, an option
///     count out of range or other than that of the texts) fails the read, and its row is named.
#[pyfunction]
#[pyo3(signature = (stream, rule, *, threads=None))]
pub fn extract_answers(
    stream: PyRecordBatchReader,
    rule: &str,
    threads: Option<usize>,
) -> PyResult<ArrowStreamExport> {
    let execution = execution(threads)?;
    let rule: Rule = rule.parse().map_err(NativeError::Extraction)?;
    let input = stream.into_reader()?;
    let layout = Layout::of(&input.schema()).map_err(NativeError::Arrow)?;
    let pool = execution.pool().map_err(NativeError::Pool)?;
    Ok(ArrowStreamExport::new(Box::new(Answers { input, layout, rule, pool, first_row: 0 })))
}

/// Where the columns that extraction reads stand, and what comes out.
struct Layout {
    response: usize,
    n_options: usize,
    options: Option<usize>,
    output: SchemaRef,
}

impl Layout {
    fn of(input: &Schema) -> Result<Self, ArrowError> {
        for taken in ["code", "fired"] {
            if input.index_of(taken).is_ok() {
                let message = format!("the stream has a column '{taken}' already");
                return Err(ArrowError::SchemaError(message));
            }
        }
        let response = column(input, "response", is_text, "text")?;
        let n_options = column(input, "n_options", DataType::is_integer, "an integer")?;
        let options = match input.index_of("options") {
            Ok(_) => Some(column(input, "options", is_text_list, "a list of texts")?),
            Err(_) => None,
        };
        let mut fields: Vec<_> = input.fields().iter().cloned().collect();
        fields.push(Arc::new(Field::new("code", DataType::Int8, false)));
        fields.push(Arc::new(Field::new("fired", DataType::Utf8, false)));
        let output = Arc::new(Schema::new_with_metadata(fields, input.metadata().clone()));
        Ok(Self { response, n_options, options, output })
    }
}

fn column(
    schema: &Schema,
    name: &str,
    fits: impl Fn(&DataType) -> bool,
    wanted: &str,
) -> Result<usize, ArrowError> {
    let names =
        || schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>().join(", ");
    let index = schema.index_of(name).map_err(|_| {
        ArrowError::SchemaError(format!("the stream has no column '{name}'; it has: {}", names()))
    })?;
    let found = schema.field(index).data_type();
    if !fits(found) {
        let message = format!("column '{name}' must be {wanted}, but is {found}");
        return Err(ArrowError::SchemaError(message));
    }
    Ok(index)
}

fn is_text(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn is_text_list(kind: &DataType) -> bool {
    match kind {
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => is_text(item.data_type()),
        // An all-NULL column has no list type.
        other => *other == DataType::Null,
    }
}

/// The stream that extracts as it is read: one batch in memory at a time.
struct Answers {
    input: Box<dyn RecordBatchReader + Send>,
    layout: Layout,
    rule: Rule,
    pool: Option<ThreadPool>,
    /// Row of the stream that the next batch starts with.
    first_row: usize,
}

impl Iterator for Answers {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = match self.input.next()? {
            Ok(batch) => batch,
            Err(error) => return Some(Err(error)),
        };
        let answered = self.answer(&batch);
        self.first_row += batch.num_rows();
        Some(answered)
    }
}

impl RecordBatchReader for Answers {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.layout.output)
    }
}

impl Answers {
    fn answer(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let questions = Questions::of(batch, &self.layout)?;
        let (rule, first_row) = (self.rule, self.first_row);
        let answer_row = |row: usize| {
            let refuse = |reason| {
                ArrowError::InvalidArgumentError(format!("row {}: {reason}", first_row + row))
            };
            questions.answer(row, rule).map_err(refuse)
        };
        let extractions = match &self.pool {
            Some(pool) if batch.num_rows() > TASK_ROWS => pool.install(|| {
                (0..batch.num_rows())
                    .into_par_iter()
                    .with_min_len(TASK_ROWS)
                    .map(answer_row)
                    .collect::<Result<Vec<_>, _>>()
            }),
            _ => (0..batch.num_rows()).map(answer_row).collect(),
        }?;
        let mut codes = Int8Builder::with_capacity(extractions.len());
        let mut fired = StringBuilder::new();
        for extraction in extractions {
            codes.append_value(extraction.code);
            fired.append_value(extraction.fired);
        }
        let mut columns = batch.columns().to_vec();
        columns.push(Arc::new(codes.finish()));
        columns.push(Arc::new(fired.finish()));
        RecordBatch::try_new(Arc::clone(&self.layout.output), columns)
    }
}

/// The columns that extraction reads, in one layout whatever the producer chose.
struct Questions {
    responses: StringArray,
    counts: Int64Array,
    options: Option<(ListArray, StringArray)>,
}

impl Questions {
    fn of(batch: &RecordBatch, layout: &Layout) -> Result<Self, ArrowError> {
        let text_list = || DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)));
        let responses = cast(batch.column(layout.response), &DataType::Utf8)?;
        let counts = cast(batch.column(layout.n_options), &DataType::Int64)?;
        let options = match layout.options.map(|index| batch.column(index)) {
            Some(lists) if *lists.data_type() != DataType::Null => {
                let lists = cast(lists, &text_list())?.as_list::<i32>().clone();
                let texts = lists.values().as_string::<i32>().clone();
                Some((lists, texts))
            }
            _ => None,
        };
        Ok(Self {
            responses: responses.as_string::<i32>().clone(),
            counts: counts.as_primitive::<Int64Type>().clone(),
            options,
        })
    }

    fn answer(&self, row: usize, rule: Rule) -> Result<Extraction, String> {
        if self.responses.is_null(row) {
            return Err("the response is NULL; leave out what was not asked".to_owned());
        }
        if self.counts.is_null(row) {
            return Err("n_options is NULL".to_owned());
        }
        let options = self.option_texts(row)?;
        extract(self.responses.value(row), self.counts.value(row), options.as_deref(), rule)
            .map_err(|error| error.to_string())
    }

    fn option_texts(&self, row: usize) -> Result<Option<Vec<&str>>, String> {
        let Some((lists, texts)) = &self.options else { return Ok(None) };
        if lists.is_null(row) {
            return Ok(None);
        }
        let range = lists.value_offsets()[row] as usize..lists.value_offsets()[row + 1] as usize;
        let start = range.start;
        range
            .map(|at| {
                let known = texts.is_valid(at).then(|| texts.value(at));
                known.ok_or_else(|| format!("the text of option {} is NULL", at - start))
            })
            .collect::<Result<Vec<_>, _>>()
            .map(Some)
    }
}
