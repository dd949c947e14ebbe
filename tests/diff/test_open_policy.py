"""Why it is open whether two feeds augment alike is said as it is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from twinfeed.diff._measures.augment.different_geometry import unknown


def side(state: str, *, known: bool, tried: int, views: int) -> Any:
    """As much of a policy as is asked."""
    return SimpleNamespace(
        randomness=SimpleNamespace(state=state, epoch_examples=300),
        known=known,
        keeps_draws=state == "repeated",
        tried=tried,
        views=views,
    )


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (side("repeated", known=False, tried=300, views=300), "draws the same in every epoch"),
        (side("fresh", known=False, tried=0, views=0), "no two draws could be held"),
        (side("fresh", known=False, tried=300, views=9), "of 300 views of A only 9"),
    ],
    ids=["kept", "none", "few"],
)
def test_the_reason_is_named(one: Any, says: str) -> None:
    (told,) = unknown(one, side("fresh", known=True, tried=300, views=290))
    assert says in told.question
