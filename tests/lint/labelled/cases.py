"""Every labelled pipeline."""

from __future__ import annotations

from tests.lint.labelled import (
    caches,
    chance,
    content,
    course,
    forum,
    loaders,
    notebooks,
    order,
    parts,
    photos,
    signals,
    speed,
    strange,
    sundry,
    unusual,
    vision,
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
        vision,
        photos,
        signals,
        loaders,
        course,
    )
    for case in module.case.cases
)
