//! `stream_pair_counts` and `stream_agreement_counts`: an Arrow stream in, NumPy arrays out.

use arrow_array::cast::AsArray;
use arrow_array::types::Int8Type;
use arrow_array::{Array, RecordBatch, RecordBatchReader};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Schema};
use clika_core::Execution;
use clika_core::pairs::{AgreementCounter, Codes, NOT_ASKED, PairCounter, PairsError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3_arrow::PyRecordBatchReader;

use crate::errors::NativeError;
use crate::interrupt::interruptible;
use crate::matrices::{Square, dictionary, square};

/// Rows gathered before they are counted, so that small chunks of the stream cost no more.
const GATHERED_ROWS: usize = 1 << 15;

type Reader = Box<dyn RecordBatchReader + Send>;

/// Count what ``pair_counts`` counts, over the rows of an Arrow stream as they come.
///
/// Parameters
/// ----------
/// stream
///     Anything with ``__arrow_c_stream__``: a DuckDB relation, a table or reader of pyarrow, a data
///     frame of polars or pandas. One row for each item. The column named by ``gold`` holds the gold
///     option; every other column is a language: integers, an option ``0..n_options-1``, -1 =
///     INVALID, NULL (or -2) = not asked.
/// gold
///     Name of the column of gold options; it may hold no NULL.
/// n_options
///     Number of options, 2 to 64.
/// threads
///     Number of threads.
///
/// Returns
/// -------
/// languages, counts
///     Names of the languages in the order of the columns, and the dict of ``pair_counts``.
///
/// Raises
/// ------
/// ValueError
///     A column is missing or holds no integers, or a code or a gold option is out of range: its row
///     (0-based) and column are named.
///
/// Notes
/// -----
/// Memory beside the result is 32,768 rows of one byte for each column, and what the producer of the
/// stream holds. How the stream is cut into chunks changes nothing.
#[pyfunction]
#[pyo3(signature = (stream, *, gold, n_options, threads=None))]
pub fn stream_pair_counts<'py>(
    py: Python<'py>,
    stream: PyRecordBatchReader,
    gold: &str,
    n_options: i64,
    threads: Option<usize>,
) -> PyResult<(Vec<String>, Bound<'py, PyDict>)> {
    let reader = stream.into_reader()?;
    let mut block = Block::of(&reader.schema(), Some(gold), n_options)?;
    let counts = interruptible(py, threads, |execution| {
        let mut counter = PairCounter::new(block.languages.len(), block.n_options as usize);
        let add = |codes: &Codes<'_>, gold: &[i8]| counter.add(codes, gold, execution);
        read(reader, &mut block, execution, add)?;
        Ok(counter.finish())
    })?;
    Ok((block.names(), dictionary(py, counts)?))
}

/// Count what ``agreement_counts`` counts, over the rows of an Arrow stream as they come.
///
/// Parameters
/// ----------
/// stream
///     As for ``stream_pair_counts``; every column is a respondent.
/// n_options
///     Number of options, 2 to 64.
/// threads
///     Number of threads.
///
/// Returns
/// -------
/// respondents, agree, valid_both
///     Names in the order of the columns, and the matrices of ``agreement_counts``.
///
/// Raises
/// ------
/// ValueError
///     As of ``stream_pair_counts``.
#[pyfunction]
#[pyo3(signature = (stream, *, n_options, threads=None))]
pub fn stream_agreement_counts(
    py: Python<'_>,
    stream: PyRecordBatchReader,
    n_options: i64,
    threads: Option<usize>,
) -> PyResult<(Vec<String>, Square<'_>, Square<'_>)> {
    let reader = stream.into_reader()?;
    let mut block = Block::of(&reader.schema(), None, n_options)?;
    let counts = interruptible(py, threads, |execution| {
        let mut counter = AgreementCounter::new(block.languages.len());
        let add = |codes: &Codes<'_>, _: &[i8]| counter.add(codes, execution);
        read(reader, &mut block, execution, add)?;
        Ok(counter.finish())
    })?;
    let width = counts.n_languages;
    let (agree, valid) = (square(py, counts.agree, width)?, square(py, counts.valid_both, width)?);
    Ok((block.names(), agree, valid))
}

/// Read the stream to its end, and hand over its rows block by block.
fn read(
    reader: Reader,
    block: &mut Block,
    execution: Execution<'_>,
    mut add: impl FnMut(&Codes<'_>, &[i8]) -> Result<(), PairsError>,
) -> Result<(), NativeError> {
    for batch in reader {
        execution.check().map_err(NativeError::Interrupted)?;
        let batch = batch?;
        let mut taken = 0;
        while taken < batch.num_rows() {
            let room = GATHERED_ROWS - block.rows;
            let part = batch.slice(taken, room.min(batch.num_rows() - taken));
            taken += part.num_rows();
            block.append(&part)?;
            if block.rows == GATHERED_ROWS {
                block.count(&mut add)?;
            }
        }
    }
    block.count(&mut add)
}

/// A column of the stream, and its codes in the rows gathered.
struct Gathered {
    name: String,
    place: usize,
    codes: Vec<i8>,
}

impl Gathered {
    fn of(schema: &Schema, place: usize) -> Result<Self, NativeError> {
        let field = schema.field(place);
        let (name, kind) = (field.name().clone(), field.data_type());
        if !kind.is_integer() && *kind != DataType::Null {
            let message = format!("column '{name}' must hold integers, but is {kind}");
            return Err(NativeError::Input(message));
        }
        Ok(Self { name, place, codes: Vec::new() })
    }

    fn append(&mut self, batch: &RecordBatch) -> Result<(), NativeError> {
        let options = CastOptions { safe: false, ..CastOptions::default() };
        let column = cast_with_options(batch.column(self.place), &DataType::Int8, &options)
            .map_err(|error| NativeError::Input(format!("column '{}': {error}", self.name)))?;
        let column = column.as_primitive::<Int8Type>();
        if column.null_count() == 0 {
            self.codes.extend_from_slice(column.values());
        } else {
            self.codes.extend(column.iter().map(|code| code.unwrap_or(NOT_ASKED)));
        }
        Ok(())
    }
}

/// The rows gathered since the last were counted.
struct Block {
    languages: Vec<Gathered>,
    gold: Option<Gathered>,
    n_options: i64,
    rows: usize,
    /// Rows counted before.
    counted: usize,
}

impl Block {
    fn of(schema: &Schema, gold: Option<&str>, n_options: i64) -> Result<Self, NativeError> {
        Codes::from_columns(&[], 0, n_options)?;
        let gold = gold.map(|gold| {
            schema.index_of(gold).map_err(|_| {
                let names: Vec<_> =
                    schema.fields().iter().map(|field| field.name().as_str()).collect();
                let names = names.join(", ");
                NativeError::Input(format!("the stream has no column '{gold}'; it has: {names}"))
            })
        });
        let gold = gold.transpose()?;
        let languages = (0..schema.fields().len())
            .filter(|place| Some(*place) != gold)
            .map(|place| Gathered::of(schema, place))
            .collect::<Result<_, _>>()?;
        let gold = gold.map(|place| Gathered::of(schema, place)).transpose()?;
        Ok(Self { languages, gold, n_options, rows: 0, counted: 0 })
    }

    fn names(self) -> Vec<String> {
        self.languages.into_iter().map(|column| column.name).collect()
    }

    fn append(&mut self, batch: &RecordBatch) -> Result<(), NativeError> {
        for column in self.languages.iter_mut().chain(&mut self.gold) {
            column.append(batch)?;
        }
        self.rows += batch.num_rows();
        Ok(())
    }

    /// Hand the rows over and forget them.
    fn count(
        &mut self,
        add: &mut impl FnMut(&Codes<'_>, &[i8]) -> Result<(), PairsError>,
    ) -> Result<(), NativeError> {
        let columns: Vec<&[i8]> =
            self.languages.iter().map(|column| column.codes.as_slice()).collect();
        let gold = self.gold.as_ref().map_or(&[][..], |column| &column.codes);
        Codes::from_columns(&columns, self.rows, self.n_options)
            .and_then(|codes| add(&codes, gold))
            .map_err(|error| self.placed(error))?;
        self.counted += self.rows;
        self.rows = 0;
        for column in self.languages.iter_mut().chain(&mut self.gold) {
            column.codes.clear();
        }
        Ok(())
    }

    /// Name the row and the column of the stream instead of the block's.
    fn placed(&self, error: PairsError) -> NativeError {
        let (item, column, code, last, lowest) = match (&error, &self.gold) {
            (PairsError::Code { item, language, code, last }, _) => {
                (item, &self.languages[*language], code, last, "-2 (not asked), -1 (invalid) or ")
            }
            (PairsError::Gold { item, code, last }, Some(gold)) => (item, gold, code, last, ""),
            _ => return error.into(),
        };
        let (row, name) = (self.counted + item, &column.name);
        NativeError::Input(format!(
            "row {row}, column '{name}' is {code}, but must be {lowest}an option 0 to {last}"
        ))
    }
}
