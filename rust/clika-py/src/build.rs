//! How this binary was built and what it found to run on.

use clika_core::Instructions;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::threads::thread_count;

/// Return how the module was built and which instructions its kernels use here.
#[pyfunction]
pub fn build_info(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let info = PyDict::new(py);
    info.set_item("version", env!("CARGO_PKG_VERSION"))?;
    info.set_item("profile", if cfg!(debug_assertions) { "debug" } else { "release" })?;
    info.set_item("architecture", std::env::consts::ARCH)?;
    info.set_item("instructions", Instructions::best().name())?;
    info.set_item(
        "instructions_available",
        Instructions::available().iter().map(|set| set.name()).collect::<Vec<_>>(),
    )?;
    info.set_item("threads", thread_count(None)?)?;
    Ok(info)
}
