"""What it is to state an error rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Claim:
    """A rate of error that a part of the statistics states.

    Attributes:
        rate: The stated share of trials that err, 0 to 1.
        errs: Draws one trial and says whether it erred.
        slack: By how much the true rate may lie above the stated one, 0 to 1: an interval from
            few blocks is known to be a little short.
    """

    rate: float
    errs: Callable[[np.random.Generator], bool]
    slack: float = 0.0
