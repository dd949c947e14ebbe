"""An iterator as a ``tf.data.Dataset``."""

from __future__ import annotations

import copy
from collections.abc import Iterator as Iteration
from typing import Any

import numpy as np
import tensorflow as tf

_BATCHES_HELD = 2


def dataset(iterator: Any, *, drop_remainder: bool) -> Any:
    """The feed of ``iterator`` from where it stands; the iterator itself is not moved.

    Each pass over the dataset is the next epoch. With a seed an epoch is the same whether or not
    those before were read to their end.
    """
    source = copy.copy(iterator)
    source.go_private(iterator)
    batches, began = len(source), source.total_batches_seen
    passes, even = 0, source.n % source.batch_size == 0
    wanted = batches - (drop_remainder and not even)

    def epoch() -> Iteration[Any]:
        nonlocal passes
        number, passes = passes, passes + 1
        reader = source
        if source.seed is not None:
            reader = copy.copy(source)
            reader.total_batches_seen = began + number * batches
        reader.reset()
        for number in range(batches):
            batch = next(reader)  # also where it is left out: the next epoch comes after it
            if number < wanted:
                yield _tensors(batch)

    none = np.zeros(0, np.int64)
    sizes = source.batch_size if even or drop_remainder else None
    signature = tf.nest.map_structure(
        lambda leaf: tf.TensorSpec((sizes, *leaf.shape[1:]), tf.as_dtype(leaf.dtype)),
        _tensors(copy.copy(source)._get_batches_of_transformed_samples(none)),
    )
    made = tf.data.Dataset.from_generator(epoch, output_signature=signature)
    made = made.apply(tf.data.experimental.assert_cardinality(wanted))
    return made.prefetch(_BATCHES_HELD)


def _tensors(batch: Any) -> Any:
    """Tuples, which ``tf.data`` takes for structure, where Keras's iterators have lists."""
    if isinstance(batch, dict):
        named: dict[Any, Any] = batch
        return {name: _tensors(each) for name, each in named.items()}
    if isinstance(batch, list | tuple):
        return tuple(_tensors(each) for each in batch)
    array = np.asarray(batch)
    return array.astype(object) if array.dtype.kind in "OSU" else array
