"""Open questions: many with one need are one entry."""

from __future__ import annotations

from twinfeed._core.finding import Undecided
from twinfeed.report._left_open import left_open


def asked(count: int, needs: str) -> list[Undecided]:
    return [
        Undecided(code=f"VAL20{number}", question=f"whether {number} holds", needs=needs)
        for number in range(count)
    ]


def test_a_few_are_asked_one_by_one() -> None:
    entries = left_open([*asked(3, "12 examples"), *asked(1, "two epochs")])
    assert [entry.code for entry in entries] == ["VAL200", "VAL201", "VAL202", "VAL200"]


def test_many_with_one_need_are_one_entry() -> None:
    (many, other) = left_open([*asked(4, "12 examples"), *asked(1, "two epochs")])
    assert many.code == "VAL200, VAL201, VAL202, VAL203"
    assert many.question == "4 questions, the first whether 0 holds"
    assert (many.needs, other.needs) == ("12 examples", "two epochs")
