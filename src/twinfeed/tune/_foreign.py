"""Pipelines whose steps cannot be rewritten: what can be said of them."""

from __future__ import annotations

from typing import cast

from twinfeed._core.optional import is_instance
from twinfeed.tune.outcome import Tuned

_ADVICE = (
    (
        "torch", "utils.data.DataLoader",
        "DataLoader(..., num_workers=N, persistent_workers=True, prefetch_factor=4)",
        "a torch DataLoader is built once and for all: its arguments have to be changed in your code",
    ),
    (
        "keras", "preprocessing.image.Iterator",
        "from twinfeed.images import ImageDataGenerator",
        "ImageDataGenerator has no graph; its drop-in gives the same batches, many times as fast",
    ),
    (
        "keras", "utils.PyDataset",
        "super().__init__(workers=N, use_multiprocessing=False, max_queue_size=10)",
        "what a PyDataset does is Python code of yours: only its workers can be tuned, in your code",
    ),
    (
        "grain", "MapDataset",
        "dataset.to_iter_dataset(grain.ReadOptions(num_threads=N, prefetch_buffer_size=500))",
        "Grain's steps are Python code: only its read options can be tuned, behind the batch",
    ),
    (
        "grain", "IterDataset",
        "to_iter_dataset(grain.ReadOptions(num_threads=N, prefetch_buffer_size=500))",
        "Grain's steps are Python code: only its read options can be tuned, behind the batch",
    ),
    (
        "grain", "DataLoader",
        "grain.DataLoader(..., worker_count=N, read_options=grain.ReadOptions(num_threads=N))",
        "Grain's steps are Python code: only its workers and read options can be tuned",
    ),
    (
        "numpy", "ndarray",
        "tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(32).prefetch(tf.data.AUTOTUNE)",
        "arrays are in memory already, and Model.fit slices them as fast as it can",
    ),
)  # fmt: skip
"""Library, type, what to write, and why it is not written here."""


def foreign(feed: object, why: str) -> Tuned:
    """What can be said of a feed that is no dataset that can be taken apart.

    Args:
        feed: The feed.
        why: Why its steps cannot be rewritten.
    """
    first = feed
    if isinstance(feed, tuple) and feed:
        first = cast("tuple[object, ...]", feed)[0]
    for library, path, code, reason in _ADVICE:
        if is_instance(first, library, path) or _is_keras_iterator(first, path):
            text = f"Nothing was measured: {reason}."
            return Tuned(kind="cannot", text=text, dataset=feed, code=code)
    return Tuned(
        kind="cannot",
        text=f"Nothing was measured: {why}. A tf.data.Dataset of known steps can be tuned.",
        dataset=feed,
    )


def _is_keras_iterator(feed: object, path: str) -> bool:
    """Keras shows no public path to the iterators of ImageDataGenerator."""
    return path.endswith("image.Iterator") and any(
        kind.__module__.startswith("keras.src.legacy.preprocessing.image")
        for kind in type(feed).__mro__
    )
