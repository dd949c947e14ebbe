"""Reports of several inputs that are matched by the order of their names."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tests.corpus.case import Pair, case
from tests.corpus.material import Material

STRUCTURE = ("GEO205",)


@case(
    "fit-dict-wrong-order",
    url="https://github.com/tensorflow/tensorflow/issues/84278",
    cause="a dict of inputs is taken in the order of its names, a list as it is",
    tags=("input-key-order",),
    expect=STRUCTURE,
)
def dict_in_order_of_names(material: Material) -> Pair:
    random = np.random.default_rng(0)
    title, body = (random.integers(0, 2, (120, 10)).astype(np.float32) for _ in range(2))
    tags = random.integers(0, 2, (120, 4)).astype(np.float32)
    a = {"title": title, "text_body": body, "tags": tags}, material.labels
    b = tf.data.Dataset.from_tensor_slices(((title, body, tags), material.labels))
    return a, b.batch(32)


@case(
    "functional-dict-sorted-keys",
    url="https://github.com/keras-team/keras/pull/20613",
    cause="IT and IS are given as a dict, which is sorted: IS comes first",
    tags=("input-key-order",),
    expect=STRUCTURE,
)
def sorted_keys(material: Material) -> Pair:
    first, second = _two(material)
    a = tf.data.Dataset.from_tensor_slices(((first, second), material.labels)).batch(32)
    b = tf.data.Dataset.from_tensor_slices(({"IT": first, "IS": second}, material.labels))
    return a, b.batch(32)


@case(
    "dict-view-inputs",
    url="https://github.com/keras-team/tf-keras/issues/392",
    cause="a model made of the view of a dict takes its inputs in another order than a list",
    tags=("input-key-order",),
    expect=STRUCTURE,
)
def view_of_a_dict(material: Material) -> Pair:
    first, second = _two(material)
    named = {"left": first, "above": second}
    return (named, material.labels), ((named["left"], named["above"]), material.labels)


def _two(material: Material) -> tuple[np.ndarray, np.ndarray]:
    images = material.images(16).astype(np.float32)
    return images, images[:, ::-1].copy()
