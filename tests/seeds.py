"""Seeds of which the gate tries a few and ``-m slow`` the others."""

from __future__ import annotations

from typing import Any

import pytest


def seeds(count: int, *, quick: int) -> list[Any]:
    """Seeds 0 to ``count - 1``; those from ``quick`` on are slow."""
    return [
        pytest.param(seed, marks=[pytest.mark.slow] if seed >= quick else [])
        for seed in range(count)
    ]
