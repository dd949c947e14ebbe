"""A fix takes the finding away, proves it, and leaves the user's dataset alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import twinfeed as twf
from twinfeed._core.finding import Safety
from twinfeed.errors import UsageError

COUNT = 400


@pytest.fixture(scope="module")
def sorted_by_class(tf: Any) -> Any:
    random = np.random.default_rng(0)
    images = random.integers(0, 255, (COUNT, 4, 4, 3), dtype=np.uint8)
    return tf.data.Dataset.from_tensor_slices((images, np.repeat(np.arange(10), COUNT // 10)))


def labels(dataset: Any) -> list[int]:
    return [int(label) for _, batch in dataset.as_numpy_iterator() for label in batch]


def test_what_changes_the_order_needs_leave(sorted_by_class: Any) -> None:
    dataset = sorted_by_class.shuffle(20, seed=1).batch(16)
    done = twf.fix(dataset, report=True, select="ORD101")
    assert done.dataset is dataset
    assert [one.finding.code for one in done.refused] == ["ORD101"]
    assert "unsafe=True" in done.refused[0].why
    assert "ORD101" in repr(done)


def test_the_corrected_dataset_works_and_yours_stays(sorted_by_class: Any) -> None:
    dataset, twin = (sorted_by_class.shuffle(20, seed=1).batch(16) for _ in range(2))
    done = twf.fix(dataset, report=True, unsafe=True, select="ORD101")
    assert [(one.finding.code, one.safety) for one in done.applied] == [("ORD101", Safety.UNSAFE)]
    assert not done.refused
    assert not done.after.findings
    assert done.difference is not None
    assert "ORD202" in {one.code for one in done.difference.findings}
    assert ".shuffle(400, seed=1)  # changed" in done.code
    assert done.dataset.element_spec == dataset.element_spec
    assert sorted(labels(done.dataset)) == sorted(labels(twin.take(-1)))
    assert labels(dataset) == labels(sorted_by_class.shuffle(20, seed=1).batch(16))


def test_a_dataset_without_faults_comes_back(sorted_by_class: Any) -> None:
    dataset = sorted_by_class.shuffle(COUNT).batch(16)
    assert twf.fix(dataset, select="ORD101", unsafe=True) is dataset


def test_a_second_fix_has_nothing_to_do(sorted_by_class: Any) -> None:
    fixed = twf.fix(sorted_by_class.shuffle(20).batch(16), unsafe=True, select="ORD101")
    assert twf.fix(fixed, unsafe=True, select="ORD101") is fixed


def test_only_graphs_can_be_corrected() -> None:
    with pytest.raises(UsageError, match=r"numpy\.ndarray to correct"):
        twf.fix(np.zeros((4, 2)))


def test_what_cannot_be_taken_apart_is_refused_with_the_reason(
    tf: Any, sorted_by_class: Any
) -> None:
    dataset = sorted_by_class.shuffle(20).batch(16)
    variant = tf.data.experimental.to_variant(dataset)
    opaque = tf.data.experimental.from_variant(variant, dataset.element_spec)
    done = twf.fix(opaque, report=True, unsafe=True, select="ORD101")
    assert done.dataset is opaque
    assert "cannot be taken apart" in done.refused[0].why
