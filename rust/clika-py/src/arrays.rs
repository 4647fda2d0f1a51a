//! NumPy arrays of one type and number of axes, or an error that says what came instead.
//!
//! Values are copied: other Python threads may write to an array while the GIL is released.

use numpy::ndarray::Dimension;
use numpy::{Element, Ix1, PyReadonlyArray, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

/// What an argument must be.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// The argument's name.
    pub name: &'a str,
    /// NumPy's name of the type.
    pub dtype: &'a str,
    /// As the docstring gives it.
    pub shape: &'a str,
}

/// The values of an argument, the last axis running fastest, and the lengths of its axes.
pub fn values<T: Element + Clone, D: Dimension>(
    value: &Bound<'_, PyAny>,
    wanted: Wanted<'_>,
) -> PyResult<(Vec<T>, D::Pattern)> {
    let array: PyReadonlyArray<'_, T, D> = value.extract().map_err(|_| refusal(value, wanted))?;
    let view = array.as_array();
    let values = view.as_standard_layout().into_owned();
    Ok((values.into_raw_vec_and_offset().0, view.dim()))
}

/// The values of an argument with one for each item.
pub fn vector<T: Element + Clone>(
    value: &Bound<'_, PyAny>,
    name: &str,
    dtype: &str,
) -> PyResult<Vec<T>> {
    let found = values::<T, Ix1>(value, Wanted { name, dtype, shape: "(n_items,)" })?;
    Ok(found.0)
}

fn refusal(value: &Bound<'_, PyAny>, wanted: Wanted<'_>) -> PyErr {
    let found = value.cast::<PyUntypedArray>().map_or_else(
        |_| value.get_type().to_string(),
        |array| format!("{} of shape {:?}", array.dtype(), array.shape()),
    );
    let Wanted { name, dtype, shape } = wanted;
    let article = if dtype.starts_with('i') { "an" } else { "a" };
    PyTypeError::new_err(format!(
        "{name} must be {article} {dtype} array of shape {shape}, not {found}"
    ))
}
