"""Copies of a ``tf.data.Dataset`` that can be read without touching the user's own."""

from twinfeed.graph._bindings._blueprint import Blueprint, Copy, open_blueprint
from twinfeed.graph._bindings._held import Held, held, put_values, values_of
from twinfeed.graph._bindings._walk import walk_network

__all__ = [
    "Blueprint",
    "Copy",
    "Held",
    "held",
    "open_blueprint",
    "put_values",
    "values_of",
    "walk_network",
]
