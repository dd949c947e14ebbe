"""How the same content is written down in A and in B, and rewriting one as the other."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec

_CHAINS = {"b": ("augmentation", "pictures"), "a": ("pictures", "augmentation")}
_GREY = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """From A's way of writing to B's.

    Attributes:
        gain: B's value is A's times this plus ``bias``; one per channel of B, or one in all.
        bias: In B's units.
        order: B's channel ``c`` is A's channel ``order[c]``; empty where they stand alike.
        channels: Channels of A's and of B's pictures; 0 for what is no picture.
        first: Whether the channel axis comes first, in A and in B.
        dtypes: The numpy names of A's and of B's values.
        labels: ``numbers``, ``vectors``, ``column`` or ``values``, of A and of B.
        label_dtypes: The numpy names of A's and of B's labels.
        classes: Classes; 0 where labels are values.
        class_map: B's class by A's class, where classes are numbered in another order.
        augments: The side, ``a`` or ``b``, that alone augments and whose pictures can be had without
            it, where ``pictures`` and ``augmentation`` are causes of their own; else empty.
    """

    gain: tuple[float, ...] = (1.0,)
    bias: tuple[float, ...] = (0.0,)
    order: tuple[int, ...] = ()
    channels: tuple[int, int] = (0, 0)
    first: tuple[bool, bool] = (False, False)
    dtypes: tuple[str, str] = ("float32", "float32")
    labels: tuple[str, str] = ("numbers", "numbers")
    label_dtypes: tuple[str, str] = ("int64", "int64")
    classes: int = 0
    class_map: dict[int, int] | None = None
    augments: str = ""

    @property
    def chain(self) -> tuple[str, str] | None:
        """Two causes of which the second can be taken away only behind the first.

        What is augmented cannot be read in another way without knowing each draw, so only the order
        that goes over the unaugmented pictures can be trained.
        """
        return _CHAINS.get(self.augments)

    def possible(self, without: AbstractSet[str]) -> frozenset[str]:
        """Causes less the one that cannot be taken away without the other."""
        if self.chain and self.chain[1] in without and self.chain[0] not in without:
            return frozenset(without - {self.chain[1]})
        return frozenset(without)

    def inputs_of_a(self, x: Array, like_a: AbstractSet[str]) -> Array:
        """A's inputs as B writes them, but for the ways in ``like_a``."""
        x = _last(x) if self.first[0] else x
        order = self.order if "channels" not in like_a and self._fits(x, self.order) else ()
        x = x[..., list(order)] if order else x
        counted = "channel-count" not in like_a and self.channels[0] != self.channels[1]
        x = with_channels(x, self.channels[1]) if counted else x
        if "values" not in like_a and self._changes_values:
            gain, bias = self._line(x, in_a_order=not order)
            x = x * gain + bias
        return self._closed(x, like_a)

    def inputs_of_b(self, x: Array, like_a: AbstractSet[str]) -> Array:
        """B's inputs, rewritten as A's in the ways of ``like_a``."""
        x = _last(x) if self.first[1] else x
        if "values" in like_a and self._changes_values:
            gain, bias = self._line(x, in_a_order=False)
            x = (x - bias) / gain
        if "channels" in like_a and self._fits(x, self.order):
            x = x[..., np.argsort(self.order).tolist()]
        if "channel-count" in like_a and self.channels[0] != self.channels[1]:
            x = with_channels(x, self.channels[0])
        return self._closed(x, like_a)

    def labels_of(self, y: Array, side: int, like_a: AbstractSet[str]) -> Array:
        """Labels of A (0) or B (1) in A's form if ``label-form`` is in ``like_a``, else in B's."""
        have, want = self.labels[side], self.labels[0 if "label-form" in like_a else 1]
        dtype = self.label_dtypes[0 if "label-form" in like_a else 1]
        if have == "values" or want == "values":
            return y
        numbers = y.argmax(axis=-1) if have == "vectors" else y.reshape(len(y))
        if want == "vectors":
            return np.eye(self.classes, dtype=dtype)[numbers.astype(np.int64)]
        return (numbers[:, None] if want == "column" else numbers).astype(dtype)

    def renumbered(self, y: Array) -> Array:
        """A's labels with B's class numbers, in A's form."""
        if not self.class_map or self.labels[0] == "values":
            return y
        table = np.arange(self.classes)
        for one, other in self.class_map.items():
            table[one] = other
        if self.labels[0] == "vectors":
            return y[:, np.argsort(table)]
        return table[y.astype(np.int64)].astype(y.dtype)

    @property
    def _changes_values(self) -> bool:
        return set(self.gain) != {1.0} or set(self.bias) != {0.0}

    def _line(self, x: Array, *, in_a_order: bool) -> tuple[Array, Array]:
        gain, bias = np.array(self.gain), np.array(self.bias)
        if len(gain) not in {1, x.shape[-1]}:
            return gain.mean(), bias.mean()
        if in_a_order and self._fits(x, self.order) and len(gain) > 1:
            back = np.argsort(self.order)
            return gain[back], bias[back]
        return gain, bias

    def _closed(self, x: Array, like_a: AbstractSet[str]) -> Array:
        """With the channel axis where it belongs, in the type of the side that it is like."""
        first = self.first[0 if "layout" in like_a else 1]
        name = self.dtypes[0 if "values" in like_a else 1]
        dtype = np.dtype(name)
        if dtype.kind in "iu" and x.dtype.kind == "f":
            limits = np.iinfo(dtype)
            x = np.rint(x).clip(limits.min, limits.max)
        x = np.ascontiguousarray(np.moveaxis(x, -1, 1) if first else x)
        return x.astype(dtype, copy=False)

    @staticmethod
    def _fits(x: Array, order: tuple[int, ...]) -> bool:
        return len(order) > 1 and x.ndim > 1 and x.shape[-1] == len(order)


def channels_of(leaf: LeafSpec) -> int:
    """Channels of a picture; 0 for what is none."""
    if not leaf.is_image:
        return 0
    return (leaf.shape[0] if leaf.channels_first else leaf.shape[-1]) or 0


def _last(x: Array) -> Array:
    return np.moveaxis(x, 1, -1)


def with_channels(x: Array, channels: int) -> Array:
    """Pictures, channels last, with another number of channels: grey by luma, colour by repeating."""
    if x.shape[-1] == channels:
        return x
    if channels == 1:
        weights = _GREY if x.shape[-1] >= 3 else np.ones(1)
        return (x[..., : len(weights)] * weights).sum(axis=-1, keepdims=True)
    if x.shape[-1] == 1:
        return np.repeat(x, channels, axis=-1)
    if x.shape[-1] > channels:
        return x[..., :channels]
    more = np.full((*x.shape[:-1], channels - x.shape[-1]), x.max() if x.size else 0)
    return np.concatenate([x, more], axis=-1)
