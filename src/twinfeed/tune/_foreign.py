"""Pipelines whose steps cannot be rewritten: what can be said of them."""

from __future__ import annotations

from typing import cast

from twinfeed._core.optional import is_instance
from twinfeed.tune.outcome import Tuned

_ADVICE = (
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
        if is_instance(first, library, path):
            text = f"Nothing was measured: {reason}."
            return Tuned(kind="cannot", text=text, dataset=feed, code=code)
    return Tuned(
        kind="cannot",
        text=f"Nothing was measured: {why}. A tf.data.Dataset of known steps can be tuned.",
        dataset=feed,
    )
