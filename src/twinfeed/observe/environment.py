"""Versions and machine, for the record."""

from __future__ import annotations

import os
import platform
import sys

from twinfeed._core.version import __version__

_LIBRARIES = (
    "numpy", "tensorflow", "keras", "tensorflow_datasets", "torch", "jax", "grain", "PIL",
)  # fmt: skip


def environment() -> dict[str, str]:
    """Versions of what is loaded, and the machine's size."""
    found = {
        "twinfeed": __version__,
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": str(os.cpu_count() or 0),
    }
    for name in _LIBRARIES:
        version = getattr(sys.modules.get(name), "__version__", None)
        if isinstance(version, str):
            found[name] = str(version)  # some are of a subclass of str
    return found
