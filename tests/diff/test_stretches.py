"""Parts of a table that were scaled by what is in them, each by itself."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diff.seen import findings, seen

RANDOM = np.random.default_rng(1)
ROWS = (
    RANDOM.normal(size=(240, 6)) * [1, 20, 3, 5, 0.2, 9] + np.linspace(0, 40, 240)[:, np.newaxis]
).astype(np.float32)


def scaled(parts: int) -> np.ndarray:
    """Each part of the rows less its own mean, over its own deviation."""
    cut = np.array_split(ROWS, parts)
    return np.concatenate([(part - part.mean(axis=0)) / part.std(axis=0) for part in cut])


@pytest.mark.parametrize("parts", [2, 3, 8])
@pytest.mark.parametrize("seed", [None, 4])
def test_parts_with_a_scale_of_their_own_are_counted(parts: int, seed: int | None) -> None:
    ids = np.arange(240)
    whole, own = scaled(1), seen(scaled(parts), ids=ids)
    found = findings(own, seen(whole, ids=ids, seed=seed))
    assert found["VAL206"].evidence["stretches"] == parts
    assert f"each of {parts} stretches" in found["VAL206"].sentence


def test_other_differences_are_no_stretches() -> None:
    ids = np.arange(240)
    plain = seen(ROWS, ids=ids)
    noisy = ROWS + RANDOM.normal(size=ROWS.shape).astype(np.float32) * ROWS.std(axis=0)
    odd = ROWS.copy()
    odd[::40] = odd[::40][:, ::-1] * 3
    for other in (noisy, odd, np.sin(ROWS)):
        found = findings(seen(other.astype(np.float32), ids=ids), plain)
        assert not found.get("VAL206") or not found["VAL206"].evidence["stretches"]


def test_rows_of_which_no_order_tells_what_was_scaled_together_are_no_stretches() -> None:
    ids, mixed = np.arange(240), np.random.default_rng(3).permutation(240)
    found = findings(seen(scaled(3)[mixed], ids=ids[mixed]), seen(scaled(1)[mixed], ids=ids[mixed]))
    assert not found["VAL206"].evidence["stretches"]
