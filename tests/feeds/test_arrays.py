"""Arrays of every kind that fit accepts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from twinfeed._core.batch import SparseRow
from twinfeed._core.spec import spec_of
from twinfeed.errors import BatchFormError, UnknownFeedTypeError, UsageError
from twinfeed.feeds import as_feed

X = np.arange(70, dtype="float32").reshape(35, 2)


def first(*arguments: Any, **named: Any) -> Any:
    return next(as_feed(*arguments, **named).open_epoch())


def test_batches_are_cut_without_copying() -> None:
    batches = list(as_feed(X, np.arange(35)).open_epoch())
    assert [batch.size for batch in batches] == [32, 3]
    assert np.shares_memory(batches[0].x, X)


def test_a_tuple_is_x_y_weight() -> None:
    batch = first((X, {"a": X, "b": (X, X)}, X[:, 0]), batch_size=8)
    assert [path for path, _ in batch.leaves()] == [
        "x",
        'y["a"]',
        'y["b"][0]',
        'y["b"][1]',
        "weight",
    ]


def test_a_list_of_arrays_is_several_inputs_and_a_list_of_numbers_is_one() -> None:
    assert [path for path, _ in first([X, X], X).leaves()] == ["x[0]", "x[1]", "y"]
    assert first([[1, 2], [3, 4]], [0, 1]).x.shape == (2, 2)


def test_jagged_lists_and_text() -> None:
    batch = first([[1], [2, 3]], ["a", "b"])
    assert [leaf.kind for leaf in spec_of(batch).leaves] == ["ragged", "text"]


def test_text_with_a_hole_is_named_opaque() -> None:
    batch = first(X[:2], np.asarray(["a", None], object))
    assert spec_of(batch).leaves[1].kind == "opaque"


def test_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}, index=[7, 5])
    batch = first(frame, frame["a"])
    assert (batch.x.shape, batch.y.tolist()) == ((2, 2), [1.0, 2.0])


@pytest.mark.parametrize("kind", ["csr_array", "coo_matrix", "csc_matrix"])
def test_scipy_sparse(kind: str) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    np.testing.assert_array_equal(first(getattr(sparse, kind)(X), batch_size=9).x, X[:9])


def test_tensorflow() -> None:
    tf = pytest.importorskip("tensorflow")
    batch = first(
        {
            "dense": tf.constant(X),
            "text": tf.constant(["a"] * 35),
            "ragged": tf.RaggedTensor.from_row_lengths(tf.range(35), [1] * 35),
            "sparse": tf.sparse.from_dense(X),
            "variable": tf.Variable(X),
        }
    )
    kinds = {leaf.path: leaf.kind for leaf in spec_of(batch).leaves}
    assert list(kinds.values()) == ["dense", "text", "ragged", "sparse", "dense"]
    row = batch.x["sparse"][1]
    assert isinstance(row, SparseRow)
    assert (row.indices.tolist(), row.values.tolist(), row.shape) == ([[0], [1]], [2, 3], (2,))


@pytest.mark.parametrize("library", ["torch", "jax.numpy"])
def test_tensors_of_other_frameworks(library: str) -> None:
    asarray = pytest.importorskip(library).asarray
    np.testing.assert_array_equal(first(asarray(X)).x, X[:32])


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((X, object()), UnknownFeedTypeError),
        ((({"a": 3},)), UnknownFeedTypeError),
        (((X, X, X, X),), BatchFormError),
        (({},), BatchFormError),
    ],
)
def test_what_is_no_array_is_named(arguments: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        as_feed(*arguments)


def test_a_batch_size_below_one_means_nothing() -> None:
    with pytest.raises(UsageError, match="batch_size=0"):
        as_feed(X, batch_size=0)
