"""Pipelines of ``tf.data`` that can be taken apart, changed and put together again."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twinfeed.graph._bindings._chain import Chain

__all__ = ["open_chain"]


def open_chain(dataset: object) -> Chain | str:
    """A chain of a dataset, or in words why there can be none.

    Args:
        dataset: A ``tf.data.Dataset``.
    """
    # The object is TensorFlow's, so it is loaded; importing this module must not load it.
    opened: Chain | str = import_module("twinfeed.graph._bindings._chain").open_chain(dataset)
    return opened
