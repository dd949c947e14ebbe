"""Inputs beside the pictures, and weights: what differs there alone is never called the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.diff.seen import SCANS, seen
from twinfeed import as_feed
from twinfeed._core.finding import Severity
from twinfeed._core.trace import Trace
from twinfeed.diff import compare
from twinfeed.observe import observe

COUNT = 120
X, Y = SCANS[:COUNT], np.arange(COUNT) % 10
FACTS = np.random.default_rng(0).normal([40, 8000], [12, 4000], (COUNT, 2)).astype(np.float32)
WEIGHTS = np.where(Y == 0, 5, 1).astype(np.float32)


def both(facts: np.ndarray) -> dict[str, np.ndarray]:
    return {"image": X, "facts": facts}


@pytest.mark.parametrize("shuffled", [False, True])
def test_rows_of_a_second_input_beside_other_pictures_are_told(shuffled: bool) -> None:
    order = np.random.default_rng(1).permutation(COUNT)
    seeds = (2, 3) if shuffled else (None, None)
    report = compare(
        seen(both(FACTS), Y, seed=seeds[0]), seen(both(FACTS[order]), Y, seed=seeds[1])
    )
    assert report.findings[0].code == "VAL206"
    assert report.findings[0].evidence["same_values"] is True
    assert report.findings[0].evidence["input"] == 'x["facts"]'


def test_a_second_input_that_was_scaled_is_told() -> None:
    scaled = (FACTS - FACTS.mean(axis=0)) / FACTS.std(axis=0)
    report = compare(seen(both(FACTS), Y), seen(both(scaled), Y))
    assert report.findings[0].code == "VAL201"
    assert 'x["facts"]' in report.findings[0].sentence
    report = compare(seen(both(scaled), Y), seen(both(scaled * np.float32(1.2)), Y))
    assert report.findings[0].code == "VAL206"


def test_a_second_input_rounded_otherwise_is_the_same() -> None:
    rounded = np.nextafter(FACTS, np.float32(np.inf))
    report = compare(seen(both(FACTS), Y, seed=1), seen(both(rounded), Y, seed=2))
    assert all(found.severity is Severity.NOTE for found in report.findings)


def test_other_weights_of_the_same_examples_are_told() -> None:
    report = compare(
        seen(X, Y, weight=WEIGHTS, seed=1), seen(X, Y, weight=np.ones_like(WEIGHTS), seed=2)
    )
    assert report.findings[0].code == "FIT203"
    report = compare(seen(X, Y, weight=WEIGHTS, seed=1), seen(X, Y, weight=WEIGHTS, seed=2))
    assert all(found.severity is Severity.NOTE for found in report.findings)


@pytest.mark.parametrize(
    ("shape", "other"), [((30, 4), (20, 4)), ((30, 4), (4, 30)), ((30,), (20,))]
)
def test_windows_of_another_shape_are_told(shape: tuple[int, ...], other: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).normal(size=(COUNT, *shape)).astype(np.float32)
    turned = sorted(shape) == sorted(other)
    changed = np.moveaxis(values, 1, 2) if turned else values[:, : other[0]]
    report = compare(seen(values, Y), seen(changed, Y))
    assert report.findings[0].code == "GEO205"
    assert report.verdict.kind == "different"


def test_inputs_that_changed_places_are_told() -> None:
    turned = FACTS[:, ::-1].copy()
    left = seen({"a": FACTS, "b": turned * np.float32(1.1)}, Y)
    right = seen({"a": turned * np.float32(1.1), "b": FACTS}, Y)
    report = compare(left, right)
    assert report.findings[0].code == "GEO205"
    assert "holds what" in report.findings[0].sentence
    assert compare(left, left).verdict.kind == "same"


def columns(count: int = 150) -> dict[str, np.ndarray]:
    """Four measures, each handed in by its name."""
    random = np.random.default_rng(2)
    size = random.uniform(1, 3, count)
    return {
        name: np.round(size * scale + random.normal(0, 0.2, count), 1).astype(np.float32)
        for name, scale in zip("abcd", (2, 1, 2.5, 1.5), strict=True)
    }


@pytest.mark.parametrize("name", ["a", "c"])
def test_one_of_some_columns_by_name_that_was_changed_is_told(name: str) -> None:
    table = columns()
    other = table | {name: np.log1p(table[name])}
    labels = np.arange(150) % 3
    report = compare(seen(table, labels, seed=1), seen(other, labels, seed=2))
    assert report.findings[0].code == "VAL206"
    assert f'x["{name}"]' in report.findings[0].sentence
    assert [found.code for found in report.findings if found.code[:3] != "ORD"] == ["VAL206"]
    assert compare(seen(table, labels, seed=1), seen(table, labels, seed=2)).verdict.kind == "same"


def test_columns_by_name_of_other_examples_are_not_the_same_ones() -> None:
    table = columns()
    random = np.random.default_rng(3)
    other = {name: random.choice(values, 150) for name, values in table.items()}
    report = compare(seen(table, seed=1), seen(other, seed=2))
    assert "VAL206" not in {found.code for found in report.findings}


def test_columns_by_name_that_changed_places_are_told_as_that() -> None:
    table = columns()
    other = table | {"a": table["b"], "b": table["a"]}
    report = compare(seen(table, seed=1), seen(other, seed=2))
    found = {found.code for found in report.findings}
    assert "GEO205" in found
    assert "VAL206" not in found


@pytest.mark.slow
def test_a_second_input_that_stands_elsewhere_in_each_epoch_is_told() -> None:
    def views(apart: bool) -> Trace:
        random = np.random.default_rng(0)

        def batches() -> Iterator[Any]:
            order = random.permutation(COUNT)
            other = random.permutation(COUNT) if apart else order
            for start in range(0, COUNT, 12):
                at, beside = order[start : start + 12], other[start : start + 12]
                yield {"one": X[at], "two": X[beside]}, Y[at]

        return observe(as_feed(batches))

    found = compare(views(apart=True), views(apart=False)).findings[0]
    assert found.code == "AUG201"
    assert 'A leaves x["one"] as it is and changes x["two"] beside it anew' in found.sentence
