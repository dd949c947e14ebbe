"""Where twinfeed keeps what may be thrown away."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_root() -> Path:
    """``TWINFEED_CACHE_DIR``, or the user's cache folder."""
    given = os.environ.get("TWINFEED_CACHE_DIR")
    return Path(given) if given else Path(platformdirs.user_cache_dir("twinfeed"))


def kernel_cache() -> Path:
    """Where compiled kernels are kept."""
    return cache_root() / "kernels"
