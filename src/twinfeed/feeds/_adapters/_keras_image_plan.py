"""The steps of an ``ImageDataGenerator`` iterator, read from its arguments."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from twinfeed._core.plan import Plan, Setting, Step

LIBRARY = "keras ImageDataGenerator"
OURS = "twinfeed ImageDataGenerator"

STILL: dict[str, Any] = {
    "rotation_range": 0,
    "width_shift_range": 0,
    "height_shift_range": 0,
    "shear_range": 0,
    "zoom_range": (1, 1),
    "channel_shift_range": 0,
    "brightness_range": None,
    "horizontal_flip": False,
    "vertical_flip": False,
}
"""Arguments that transform, each with the value that means "do nothing"."""
_HOW = {"fill_mode": "nearest", "cval": 0.0, "interpolation_order": 1}
# In the order in which ``standardize`` applies them, after the augmentation.
_STANDARDIZE = (
    "preprocessing_function",
    "rescale",
    "samplewise_center",
    "samplewise_std_normalization",
    "featurewise_center",
    "featurewise_std_normalization",
    "zca_whitening",
)
_FITTED = {
    "featurewise_center": "mean",
    "featurewise_std_normalization": "std",
    "zca_whitening": "zca_whitening_matrix",
}


def plan_of(iterator: Any) -> Plan:
    """The plan: the order is drawn first, then each example is made, then batched."""
    steps = [_source(iterator)]
    if iterator.shuffle:
        settings: dict[str, Setting] = {"buffer_size": iterator.n, "seed": iterator.seed}
        steps.append(_step("shuffle", "shuffle", settings, iterator))
    if hasattr(iterator, "filepaths"):
        steps += _files(iterator)
    generator = getattr(iterator, "image_data_generator", None)
    if generator is not None:
        steps += _augment(iterator, generator)
        steps += _standardize(iterator, generator)
    batching: dict[str, Setting] = {"batch_size": iterator.batch_size, "drop_remainder": False}
    steps.append(_step("batch", "batch_size", batching, iterator))
    return Plan(tuple(steps), library=OURS if _is_ours(iterator) else LIBRARY)


def _step(
    kind: Any, where: str, settings: dict[str, Setting], iterator: Any, *, random: bool = False
) -> Step:
    return Step(
        kind=kind,
        where=where,
        name=type(iterator).__name__,
        settings=settings,
        examples_in=iterator.n,
        random=random,
    )


def _source(iterator: Any) -> Step:
    settings: dict[str, Setting] = {} if _is_ours(iterator) else {"python": True}
    for name in ("directory", "class_mode", "subset", "data_format", "dtype"):
        value = getattr(iterator, name, None)
        if value is not None:
            settings[name] = _plain(value)
    if _classes_are_given(iterator):
        settings["class_order"] = "given"
    held = getattr(getattr(iterator, "x", None), "shape", ())
    if len(held) == 4:
        first = 2 if settings.get("data_format") == "channels_first" else 1
        settings["height"], settings["width"] = int(held[first]), int(held[first + 1])
    generator = getattr(iterator, "image_data_generator", None)
    split = getattr(generator, "_validation_split", 0.0)
    if split:
        settings["validation_split"] = split
    return _step("source", _call(iterator), settings, iterator)


def _classes_are_given(iterator: Any) -> bool:
    """Whether the user chose the classes: they are not all folders, sorted as text."""
    folder, classes = getattr(iterator, "directory", None), getattr(iterator, "class_indices", None)
    if folder is None or not classes or _call(iterator) != "flow_from_directory":
        return False
    try:
        with os.scandir(folder) as entries:
            return list(classes) != sorted(one.name for one in entries if one.is_dir())
    except OSError:
        return False


def _is_ours(iterator: Any) -> bool:
    """Whether it is the drop-in, which works in compiled code and in threads."""
    return any(kind.__module__.startswith("twinfeed.") for kind in type(iterator).__mro__)


def _call(iterator: Any) -> str:
    calls = {
        "NumpyArrayIterator": "flow",
        "DirectoryIterator": "flow_from_directory",
        "DataFrameIterator": "flow_from_dataframe",
    }
    names = (kind.__name__ for kind in type(iterator).__mro__)
    return next((calls[name] for name in names if name in calls), type(iterator).__name__)


def _files(iterator: Any) -> list[Step]:
    decode: dict[str, Setting] = {"decoder": "pil", "color_mode": iterator.color_mode}
    height, width = iterator.target_size
    resize: dict[str, Setting] = {
        "height": height,
        "width": width,
        "interpolation": iterator.interpolation,
        "keep_aspect_ratio": iterator.keep_aspect_ratio,
    }
    return [
        _step("decode", "color_mode", decode, iterator),
        _step("resize", "target_size", resize, iterator),
    ]


def _augment(iterator: Any, generator: Any) -> list[Step]:
    ranges = {
        name: _as_written(value) if name == "zoom_range" else _plain(value)
        for name, off in STILL.items()
        if not _is(value := getattr(generator, name), off)
    }
    if not ranges:
        return []
    how = {
        name: _plain(value)
        for name, usual in _HOW.items()
        if (value := getattr(generator, name)) != usual
    }
    random = any(draws(generator, name) for name in ranges)
    return [_step("augment", "ImageDataGenerator", {**ranges, **how}, iterator, random=random)]


def _as_written(zoom: Any) -> Setting:
    """``zoom_range=0.2`` is kept as ``[0.8, 1.2]``."""
    low, high = zoom
    even = math.isclose(low + high, 2.0)
    return round(float(high - low) / 2, 12) if even else _plain(zoom)


def draws(generator: Any, name: str) -> bool:
    """Whether an argument is set and holds more than one value.

    ``zoom_range=(0.8, 0.8)`` always zooms: that is no augmentation.
    """
    value = getattr(generator, name)
    if _is(value, STILL[name]):
        return False
    return name not in {"zoom_range", "brightness_range"} or value[0] != value[1]


def _standardize(iterator: Any, generator: Any) -> list[Step]:
    # One step for each: a measure asks for the step that divides by 255, whatever else runs.
    steps: list[Step] = []
    for name in _STANDARDIZE:
        value = getattr(generator, name)
        if value:
            settings: dict[str, Setting] = {name: _plain(value)}
            if name in _FITTED:
                # Until ``fit`` was called, Keras warns and leaves the values as they are.
                settings["fitted"] = getattr(generator, _FITTED[name]) is not None
            steps.append(_step("map", name, settings, iterator))
    return steps


def _is(value: Any, off: Any) -> bool:
    if value is None or off is None:
        return value is off
    return bool(np.array_equal(np.asarray(value), np.asarray(off)))


def _plain(value: Any) -> Setting:
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, np.generic):
        return value.item()
    if callable(value):
        return str(getattr(value, "__qualname__", type(value).__qualname__))
    return str(list(value)) if isinstance(value, list | tuple | np.ndarray) else str(value)
