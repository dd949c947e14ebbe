"""Targets whose logarithm or root the other feed gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._twins import SideName

_LEAST = 10
_ROUND = 1e-4  # of the spread, that rounding to float32 and a logarithm leave
_KEPT = 0.98  # share of the pairs that lie on the curve
_UNIT = 1e-3  # by which a factor may differ from 1 and an offset from 0, of the spread

_Function: TypeAlias = Callable[[Array], Array]
_CURVES: tuple[tuple[str, _Function, float], ...] = (
    ("log(1 + y)", np.log1p, -1.0),
    ("log(y)", np.log, 0.0),
    ("log10(y)", np.log10, 0.0),
    ("sqrt(y)", np.sqrt, 0.0),
)
"""What is made of targets that reach far, by name, with the value that must lie below all of them."""


@dataclass(frozen=True, slots=True)
class Curve:
    """What one side's labels are of the other's.

    Attributes:
        side: The side that was bent.
        says: What was made of the other's, as a formula of ``y``.
        factor: By which the result is scaled; 1 where it is not.
        offset: What is added after that.
    """

    side: SideName
    says: str
    factor: float
    offset: float


def curve(left: Array, right: Array) -> Curve | None:
    """The one of these that explains paired labels to the last digits; a plain one before a scaled one."""
    found: list[tuple[bool, float, Curve]] = []
    sides: tuple[tuple[SideName, Array, Array], ...] = (("A", left, right), ("B", right, left))
    for side, bent, plain in sides:
        for says, function, above in _CURVES:
            if len(plain) < _LEAST or plain.std() == 0 or bent.std() == 0 or plain.min() <= above:
                continue
            made = function(plain)
            factor, offset = map(float, np.polyfit(made, bent, 1))
            off = np.abs(bent - factor * made - offset) / bent.std()
            if float((off <= _ROUND).mean()) < _KEPT:
                continue
            unit = abs(factor - 1) < _UNIT and abs(offset) < _UNIT * bent.std()
            one = Curve(side, says, 1.0 if unit else factor, 0.0 if unit else offset)
            found.append((not unit, float(off.mean()), one))
    return min(found, key=lambda each: each[:2])[2] if found else None
