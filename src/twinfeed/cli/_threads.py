"""How many threads numpy's matrix products use in a process of our own."""

from __future__ import annotations

import os
import sys
from importlib import import_module

_NAME = "OPENBLAS_NUM_THREADS"


def load_numpy() -> None:
    """Load numpy with one thread for matrix products, unless the user chose a number.

    Comparing runs several threads of its own. Where another process keeps a core busy, two threads
    inside a product wait for each other and were seen to take ten times as long as one. The
    setting is read when numpy loads; scripts of the user's, which inherit ours, never see it.
    """
    if _NAME in os.environ or "numpy" in sys.modules:
        return
    os.environ[_NAME] = "1"
    try:
        import_module("numpy")
    finally:
        del os.environ[_NAME]
