//! Record batches handed to Python as an Arrow C stream.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::{RecordBatch, RecordBatchReader, StructArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use pyo3_arrow::ffi::{ArrayIterator, to_schema_pycapsule, to_stream_pycapsule};

const READ_ALREADY: &str = "this stream was read already; make it again to read it again";

/// A stream of record batches that can be read once, by anything that takes an Arrow C stream.
///
/// Consumers such as DuckDB ask for a stream only to look at its schema, then ask again to read.
/// So any number may be handed out; the first one that is asked for a batch owns them all, and
/// every other one fails from then on rather than share them out.
#[pyclass(frozen, module = "clika._native")]
pub struct ArrowStreamExport {
    schema: SchemaRef,
    source: Arc<Mutex<Source>>,
}

struct Source {
    reader: Box<dyn RecordBatchReader + Send>,
    handed_out: usize,
    owner: Option<usize>,
}

impl ArrowStreamExport {
    pub fn new(reader: Box<dyn RecordBatchReader + Send>) -> Self {
        let schema = reader.schema();
        let source = Source { reader, handed_out: 0, owner: None };
        Self { schema, source: Arc::new(Mutex::new(source)) }
    }
}

#[pymethods]
impl ArrowStreamExport {
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        Ok(to_schema_pycapsule(py, self.schema.as_ref())?)
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // Waiting for the lock with the GIL held could block a reader that needs the GIL.
        let ticket = py.detach(|| {
            let mut source = lock(&self.source);
            source.handed_out += 1;
            source.owner.is_none().then_some(source.handed_out)
        });
        let ticket = ticket.ok_or_else(|| PyRuntimeError::new_err(READ_ALREADY))?;
        let source = Arc::clone(&self.source);
        let reader = Handout { schema: Arc::clone(&self.schema), source, ticket };
        export(py, Box::new(reader), requested_schema)
    }
}

/// One of the streams handed out.
struct Handout {
    schema: SchemaRef,
    source: Arc<Mutex<Source>>,
    ticket: usize,
}

impl Iterator for Handout {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut source = lock(&self.source);
        if *source.owner.get_or_insert(self.ticket) != self.ticket {
            return Some(Err(ArrowError::CDataInterface(READ_ALREADY.to_owned())));
        }
        source.reader.next()
    }
}

impl RecordBatchReader for Handout {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

fn lock(source: &Mutex<Source>) -> MutexGuard<'_, Source> {
    source.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Wrap a reader into the capsule that the Arrow C stream protocol asks for.
pub fn export<'py>(
    py: Python<'py>,
    reader: Box<dyn RecordBatchReader + Send>,
    requested_schema: Option<Bound<'py, PyCapsule>>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let root = root(&reader.schema());
    let batches = reader.map(|batch| Ok(Arc::new(StructArray::from(batch?)) as _));
    let batches = Box::new(ArrayIterator::new(batches, Arc::new(root)));
    Ok(to_stream_pycapsule(py, batches, requested_schema)?)
}

/// A table's schema as the protocol wants it: one struct.
fn root(schema: &Schema) -> Field {
    Field::new("", DataType::Struct(schema.fields().clone()), false)
        .with_metadata(schema.metadata().clone())
}
