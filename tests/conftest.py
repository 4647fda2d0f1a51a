"""What holds for every test: no clock decides, and workers side by side share the processor."""

from __future__ import annotations

import os

from hypothesis import settings

# A machine may be busy: how long an example takes is no reason to fail.
settings.register_profile("clika", deadline=None)
settings.load_profile("clika")

if "PYTEST_XDIST_WORKER" in os.environ:
    # One thread each unless a test chooses; set before any library that reads them is imported.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("RAYON_NUM_THREADS", "1")
