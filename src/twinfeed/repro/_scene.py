"""The data of a script and the lines that show the difference in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twinfeed._core.batch import Array


@dataclass(frozen=True, slots=True)
class Scene:
    """What a script shows.

    Attributes:
        says: What the data are, in a sentence that becomes a comment.
        data: The arrays that the lines use, by name.
        lines: Python that prints the difference; it may use ``np`` and the names of the data.
    """

    says: str
    data: Mapping[str, Array]
    lines: str
