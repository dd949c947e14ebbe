"""Every labelled pipeline."""

from __future__ import annotations

from tests.lint.labelled import (
    caches,
    chance,
    content,
    forum,
    notebooks,
    order,
    parts,
    speed,
    strange,
    sundry,
    unusual,
)
from tests.lint.labelled.kit import Case

CASES: tuple[Case, ...] = tuple(
    case
    for module in (
        order,
        caches,
        chance,
        content,
        parts,
        speed,
        strange,
        sundry,
        unusual,
        forum,
        notebooks,
    )
    for case in module.case.cases
)
