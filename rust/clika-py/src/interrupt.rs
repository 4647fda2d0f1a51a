//! Long kernels that Ctrl-C can stop.

use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread::{Builder, scope};
use std::time::Duration;

use clika_core::{Cancel, Execution};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::errors::NativeError;
use crate::execution;

/// How often the calling thread looks for signals.
const LOOK: Duration = Duration::from_millis(50);

/// Run a kernel with the GIL released, and stop it when a signal handler of Python raises.
///
/// `work` gets how to run: on `threads` threads (as every parallel function takes them), until the
/// calling thread is interrupted. It runs on a thread of its own while the calling thread looks for
/// signals twenty times a second, since only Python's main thread may handle them. When a handler
/// raises (Ctrl-C: `KeyboardInterrupt`), the execution is cancelled, `work` is waited for, its
/// result is dropped and the handler's exception returned. So the kernel must call
/// `execution.check()?` every few milliseconds in its outer loops (`Execution::for_each` does it for
/// each task), and its error type carries `Interrupted` through to `NativeError`.
///
/// ```ignore
/// let counts = interruptible(py, threads, |execution| {
///     Ok(pairs::pair_counts(&codes, &gold, execution)?)
/// })?;
/// ```
///
/// A thread's start costs tens of microseconds; what is known to be short can use [`at_once`].
pub fn interruptible<T: Send>(
    py: Python<'_>,
    threads: Option<usize>,
    work: impl FnOnce(Execution<'_>) -> Result<T, NativeError> + Send,
) -> PyResult<T> {
    let execution = execution(threads)?;
    let cancel = Cancel::default();
    py.detach(|| {
        scope(|scope| {
            // Nothing is ever sent: the work's end, also by a panic, hangs the channel up.
            let (working, ended) = sync_channel::<()>(0);
            let cancel = &cancel;
            let worker = Builder::new().name("clika".to_owned()).spawn_scoped(scope, move || {
                let _working = working;
                work(execution.until(cancel))
            });
            let worker = worker.map_err(|error| {
                PyRuntimeError::new_err(format!("cannot start a worker thread: {error}"))
            })?;
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(LOOK) {
                if let Some(raised) = Python::attach(|py| py.check_signals().err()) {
                    cancel.cancel();
                    let _ = worker.join();
                    return Err(raised);
                }
            }
            worker.join().unwrap_or_else(|panic| resume_unwind(panic)).map_err(PyErr::from)
        })
    })
}

/// Run a kernel that ends within milliseconds: from the calling thread, with the GIL released.
pub fn at_once<T: Send>(
    py: Python<'_>,
    threads: Option<usize>,
    work: impl FnOnce(Execution<'_>) -> Result<T, NativeError> + Send,
) -> PyResult<T> {
    let execution = execution(threads)?;
    py.detach(|| work(execution)).map_err(PyErr::from)
}
