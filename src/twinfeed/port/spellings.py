"""The names that Keras's class has had."""

from __future__ import annotations

import re

HOME = "twinfeed.images"
GENERATOR = "ImageDataGenerator"
CLASSES = frozenset(
    {GENERATOR, "DataFrameIterator", "DirectoryIterator", "Iterator", "NumpyArrayIterator"}
)
"""What ``twinfeed.images`` has under the same name."""

_MODULE = re.compile(
    r"(?:tensorflow(?:\.(?:python|compat|contrib|v[12]|_api))*\.keras|keras)"
    r"(?:\.(?:src|api|_v[12]|keras|legacy|_legacy|_tf_keras))*\.preprocessing\.image"
    r"|keras_preprocessing\.image(?:\.(?:image_data_generator|iterator|directory_iterator"
    r"|numpy_array_iterator|dataframe_iterator))?"
)
_FAMILY = re.compile(
    r"(?:tensorflow|keras|keras_preprocessing|keras_applications|tf_keras)(?:\.|$)"
)


def is_module(name: str) -> bool:
    """Whether a dotted name is a module that has Keras's class.

    >>> is_module("tensorflow.keras.preprocessing.image")
    True
    """
    return _MODULE.fullmatch(name) is not None


def class_of(name: str) -> str | None:
    """Which class a dotted name means: ``ImageDataGenerator`` or one of its iterators.

    >>> class_of("keras_preprocessing.image.ImageDataGenerator")
    'ImageDataGenerator'
    """
    module, _, last = name.rpartition(".")
    return last if last in CLASSES and is_module(module) else None


def is_of_keras(name: str) -> bool:
    """Whether a dotted name begins in Keras or TensorFlow."""
    return _FAMILY.match(name) is not None
