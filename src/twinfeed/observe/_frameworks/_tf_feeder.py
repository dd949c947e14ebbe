"""Reading a batch on behalf of a TensorFlow train function, and handing it on unchanged.

A compiled train function takes the next batch inside its graph, where nobody can look. So
the batch is fetched from the user's iterator here, looked at, and put into a queue; the
train function is given an iterator of the very same type that draws from this queue. It is
the same graph with the same values, nothing is added to the user's pipeline, and any step can
be left to the user's own iterator, at no cost at all.
"""

from __future__ import annotations

import time
from typing import Any

import tensorflow as tf

from twinfeed.observe._frameworks._native import batch_of, size_of
from twinfeed.observe._reading import Reading


class Feeder:
    """An iterator like the user's that yields what it is given.

    Args:
        element_spec: The element spec of the user's iterator.
    """

    def __init__(self, element_spec: Any) -> None:
        self.element_spec = element_spec
        components = tf.nest.flatten(element_spec, expand_composites=True)

        def take(_: Any) -> Any:
            taken = self._queue.dequeue()
            tensors = taken if isinstance(taken, list | tuple) else [taken]
            for tensor, component in zip(tensors, components, strict=True):
                tensor.set_shape(component.shape)
            return tf.nest.pack_sequence_as(element_spec, list(tensors), expand_composites=True)

        with tf.init_scope(), tf.device("CPU:0"):
            self._queue = tf.queue.FIFOQueue(-1, [component.dtype for component in components])
            source = tf.data.Dataset.from_tensors(0).repeat().map(take)
            options = tf.data.Options()
            # Nothing may be drawn ahead of the step that asks for it.
            options.autotune.enabled = False
            options.experimental_optimization.apply_default_optimizations = False
            options.experimental_optimization.inject_prefetch = False
            self._source = source.with_options(options)
            self._iterator = iter(self._source)

    @property
    def fits(self) -> bool:
        """Whether a train function takes this iterator for the user's own."""
        return bool(self._iterator.element_spec == self.element_spec)

    def hand(self, batches: list[Any], asked: int) -> Any:
        """An iterator that yields these batches, and ends after them if more were asked for."""
        with tf.device("CPU:0"):
            for batch in batches:
                self._queue.enqueue(tf.nest.flatten(batch, expand_composites=True))
        return self._iterator if len(batches) == asked else iter(self._source.take(len(batches)))


def pass_on(iterator: Any, asked: int, reading: Reading) -> Any:
    """Fetch the batches of one execution, show them to a reading, and hand them on.

    Args:
        iterator: The user's ``tf.data.Iterator``.
        asked: Batches that the train function will ask for.
        reading: Who looks.

    Returns:
        What the train function is to read: ``iterator`` itself where nothing was fetched.
    """
    if not isinstance(iterator, tf.data.Iterator):
        reading.blind("a distribution strategy splits its batches, so they were not looked at")
        reading.handed()
        return iterator
    feeder = None if reading.book.blind else _feeder(iterator, reading)
    if feeder is None:
        reading.handed()
        return iterator
    began = time.perf_counter()
    fetched: list[Any] = []
    fetching_s = 0.0
    looking_s = 0.0
    for _ in range(asked):
        asked_at = time.perf_counter()
        try:
            native = iterator.get_next()
        except tf.errors.OutOfRangeError:
            reading.ran_out()
            break
        wait_s = time.perf_counter() - asked_at
        fetching_s += wait_s
        looked_at = time.perf_counter()
        reading.arrived(size_of(native), lambda b=native: batch_of(b, "tensorflow"), wait_s=wait_s)
        looking_s += time.perf_counter() - looked_at
        fetched.append(native)
    if not fetched:  # its own train function must find the end by itself, as without us
        reading.handed()
        return iterator
    handed = feeder.hand(fetched, asked)
    reading.handed(handing_s=time.perf_counter() - began - fetching_s - looking_s)
    return handed


def _feeder(iterator: Any, reading: Reading) -> Feeder | None:
    """The feeder of this book, made anew where the batches have another form."""
    if "GPU" in tf.nest.flatten(iterator, expand_composites=True)[0].device:
        reading.blind("its batches are fetched on the accelerator, so they were not looked at")
        return None
    feeder = reading.book.feeder
    if not isinstance(feeder, Feeder) or feeder.element_spec != iterator.element_spec:
        feeder = Feeder(iterator.element_spec)
        reading.book.feeder = feeder
    if feeder.fits:
        return feeder
    reading.blind("its batches cannot be handed on unchanged, so they were not looked at")
    return None
