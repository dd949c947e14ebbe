"""Where a user writes a change of the inputs or labels, in the API of the library that built the feed."""

from __future__ import annotations

from twinfeed._core.trace import Trace

_FOLDER = "keras.utils.image_dataset_from_directory(...)"
_INPUTS = (
    ("tf.data", ".map(lambda x, y: ({change}, y))"),
    ("ImageDataGenerator", "ImageDataGenerator(preprocessing_function=lambda x: {change})"),
    ("PyDataset", "x = {change} in __getitem__"),
    ("torch", "x = {change} in the dataset's transform"),
    ("grain", ".map(lambda example: (lambda x, y: ({change}, y))(*example))"),
    ("arrays", "x = {change} before fit"),
    ("image folder", _FOLDER + ".map(lambda x, y: ({change}, y))"),
    ("generator", "x = {change} before the yield"),
)
_LABELS = (
    ("tf.data", ".map(lambda x, y: (x, {change}))"),
    ("ImageDataGenerator", "y = {change} in a keras.utils.PyDataset around the iterator"),
    ("PyDataset", "y = {change} in __getitem__"),
    ("torch", "y = {change} in the dataset's target_transform"),
    ("grain", ".map(lambda example: (lambda x, y: (x, {change}))(*example))"),
    ("arrays", "y = {change} before fit"),
    ("image folder", _FOLDER + ".map(lambda x, y: (x, {change}))"),
    ("generator", "y = {change} before the yield"),
)


def on_inputs(trace: Trace, change: str) -> str:
    """The call that applies ``change``, an expression of ``x``, to the inputs of a feed."""
    return _place(trace, _INPUTS).format(change=change)


def on_labels(trace: Trace, change: str) -> str:
    """The call that applies ``change``, an expression of ``y``, to the labels of a feed."""
    return _place(trace, _LABELS).format(change=change)


def built_by(trace: Trace, library: str) -> bool:
    """Whether this library, or a part of its name, built the feed."""
    return library in (trace.plan.library if trace.plan else "")


def _place(trace: Trace, table: tuple[tuple[str, str], ...]) -> str:
    return next((text for part, text in table if built_by(trace, part)), table[-1][1])
