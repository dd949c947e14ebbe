"""Columns by name on one side and one array on the other, and rows without their start."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diff.seen import findings, seen

COUNT = 200
_RANDOM = np.random.default_rng(0)
COLUMNS = {
    "age": _RANDOM.integers(20, 80, COUNT).astype(np.float32),
    "income": _RANDOM.lognormal(10, 1, COUNT).astype(np.float32),
    "rooms": _RANDOM.integers(1, 9, COUNT).astype(np.float32),
}


def stacked(*names: str) -> np.ndarray:
    return np.stack([COLUMNS[name] for name in names], axis=1)


@pytest.mark.parametrize("named_first", [True, False])
@pytest.mark.parametrize("axis", [False, True])
def test_columns_by_name_are_found_in_an_array(*, named_first: bool, axis: bool) -> None:
    named = {name: column[:, None] if axis else column for name, column in COLUMNS.items()}
    sides = seen(named), seen(stacked("rooms", "age", "income"))
    found = findings(*(sides if named_first else sides[::-1]))
    assert set(found) == {"GEO205"}
    told = found["GEO205"]
    assert told.evidence["order"] == 'x["rooms"], x["age"], x["income"]'
    assert told.evidence["side_with_names"] == ("A" if named_first else "B")
    assert told.fix is not None
    assert told.fix.code == 'tf.stack([x["rooms"], x["age"], x["income"]], axis=-1)'


def test_a_column_that_was_scaled_is_none_of_the_named_ones() -> None:
    scaled = stacked("age", "income", "rooms")
    scaled[:, 1] = np.log(scaled[:, 1])
    told = findings(seen(COLUMNS), seen(scaled))["GEO205"]
    assert told.evidence["order"] == 'x["age"], none of them, x["rooms"]'
    assert told.evidence["columns_recognised"] == 2


def test_two_arrays_of_columns_have_one_structure() -> None:
    assert "GEO205" not in findings(seen(stacked("age", "rooms")), seen(stacked("age", "rooms")))


@pytest.mark.parametrize("places", [1, 2])
def test_sequences_without_their_start_have_no_other_order_of_columns(places: int) -> None:
    random = np.random.default_rng(1)
    words = random.integers(places + 1, 30_000, (COUNT, 24)).astype(np.int32)
    words[np.arange(24) >= random.integers(10, 20, (COUNT, 1))] = 0
    start = np.tile(np.arange(1, places + 1, dtype=np.int32), (COUNT, 1))
    whole = np.concatenate([start, words], axis=1)[:, :24]
    found = findings(seen(whole), seen(words))
    assert set(found) == {"VAL206"}
    assert found["VAL206"].evidence["moved_along_places"] == places
    assert "A begins with what B lacks" in found["VAL206"].sentence
    assert findings(seen(words), seen(whole))["VAL206"].evidence["moved_along_places"] == -places
