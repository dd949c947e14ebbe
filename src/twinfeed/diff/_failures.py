"""A part of the comparison that fails is told as an open question, and the rest is still answered."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from traceback import extract_tb
from typing import TypeVar

from twinfeed._core.finding import Undecided
from twinfeed.errors import TwinfeedError

_Done = TypeVar("_Done")
FAILED = "what it would have said: it failed, by a fault of twinfeed's, with "
"""How the question of a part that failed begins."""
_NEEDS = "a repaired twinfeed: please report this line, with both traces if they may be shared"


class Failures:
    """Runs parts of one comparison and remembers those that failed.

    Attributes:
        told: An open question for each of them.
    """

    def __init__(self) -> None:
        self.told: list[Undecided] = []

    def run(self, code: str, part: Callable[[], _Done], otherwise: _Done) -> _Done:
        """What a part gives, or ``otherwise`` where it fails by a fault of our own.

        Args:
            code: The unit it speaks for.
            part: What is to be done.
            otherwise: What stands for it if it fails.

        Raises:
            TwinfeedError: If the part has a message for the user.
            MemoryError: If the machine is too small, which is no fault of the part's.
        """
        try:
            return part()
        except (TwinfeedError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - one fault of ours must not cost the user the rest
            at = extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__}: {error} ({Path(at.filename).name}, line {at.lineno})"
            question = f"{FAILED}{what}"
            self.told.append(Undecided(code=code, question=question, needs=_NEEDS))
            # Tests turn warnings into errors, so that none of ours passes over it.
            warnings.warn(f"{code} failed with {what}", RuntimeWarning, stacklevel=2)
            return otherwise


def failed(undecided: Sequence[Undecided]) -> list[Undecided]:
    """Those open questions that are failures of our own."""
    return [one for one in undecided if one.question.startswith(FAILED)]
