"""Batches from files that a pandas ``DataFrame`` names. pandas itself is never imported."""

from __future__ import annotations

import os
import warnings
from typing import Any, cast

import numpy as np

from twinfeed.errors import UsageError
from twinfeed.images._frameworks import _keras
from twinfeed.images.files import FileIterator
from twinfeed.images.iterator import check_choice

_WITHOUT_CLASSES = frozenset({"input", "multi_output", "raw", None})


class DataFrameIterator(FileIterator):
    """Batches from the rows of a table; the arguments are those of ``flow_from_dataframe``.

    Attributes:
        samples: How many rows are used.
        class_indices: Label of each class name, where there are classes.
        classes: Label of each row, or a list of labels.
        filenames: Names as they stand in the table.
    """

    allowed_class_modes = frozenset({"binary", "categorical", "sparse"}) | _WITHOUT_CLASSES

    def __init__(
        self,
        dataframe: Any,
        directory: Any = None,
        image_data_generator: Any = None,
        x_col: str = "filename",
        y_col: Any = "class",
        weight_col: str | None = None,
        target_size: Any = (256, 256),
        color_mode: str = "rgb",
        classes: Any = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str = "channels_last",
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: Any = "float32",
        validate_filenames: bool = True,
        *,
        threads: int | None = None,
        **extras: Any,
    ) -> None:
        self.set_processing_attrs(
            image_data_generator,
            target_size,
            color_mode,
            data_format,
            save_to_dir,
            save_prefix,
            save_format,
            subset,
            interpolation,
            keep_aspect_ratio,
        )
        self.set_extras(**extras)
        table = dataframe.copy()
        self.directory = directory or ""
        self.class_mode = class_mode
        self.dtype = dtype
        self._check(table, x_col, y_col, weight_col, classes)
        if validate_filenames:
            table = self._with_files(table, x_col)
        names: list[str] = []
        if class_mode not in _WITHOUT_CLASSES:
            table, names = _with_classes(table, y_col, classes)
            self.class_indices = {name: label for label, name in enumerate(names)}
        if self.split:
            rows = len(table)
            table = table.iloc[int(self.split[0] * rows) : int(self.split[1] * rows), :]
        if class_mode not in _WITHOUT_CLASSES:
            self.classes = self.get_classes(table, y_col)
        self.filenames: list[str] = table[x_col].tolist()
        self._sample_weight = table[weight_col].values if weight_col else None
        self._targets: Any = None
        if class_mode == "multi_output":
            self._targets = [np.array(table[column].tolist()) for column in y_col]
        if class_mode == "raw":
            self._targets = table[y_col].values
        self.samples = len(self.filenames)
        checked = "validated" if validate_filenames else "non-validated"
        said = f"Found {self.samples} {checked} image filenames"
        belonging = "" if class_mode in _WITHOUT_CLASSES else f" belonging to {len(names)} classes"
        _keras.say(f"{said}{belonging}.")
        self._filepaths = [
            os.path.join(self.directory, name)  # noqa: PTH118
            for name in self.filenames
        ]
        super().__init__(self.samples, batch_size, shuffle, seed, threads=threads)

    def _check(self, table: Any, x_col: str, y_col: Any, weight_col: Any, classes: Any) -> None:
        mode = self.class_mode
        check_choice("class_mode", mode, self.allowed_class_modes)
        if mode == "multi_output" and not isinstance(y_col, list):
            raise _TypeUsageError(
                f'class_mode="multi_output" with y_col={y_col!r}', "a list of columns"
            )
        if not all(isinstance(name, str) for name in table[x_col]):
            raise _TypeUsageError(f"column x_col={x_col!r}", "names of files, as text")
        if mode in {"binary", "sparse"} and not all(isinstance(each, str) for each in table[y_col]):
            raise _TypeUsageError(f"class_mode={mode!r} with column y_col={y_col!r}", "text")
        if mode == "binary":
            count = len(set(classes)) if classes else table[y_col].nunique()
            if count != 2:
                raise UsageError(
                    f'class_mode="binary" with {count} classes',
                    "2 classes",
                    'use "categorical" or "sparse" for more',
                )
        if mode == "categorical" and not all(
            isinstance(each, str | list | tuple) for each in table[y_col]
        ):
            raise _TypeUsageError(
                f'class_mode="categorical" with column y_col={y_col!r}', "text, lists or tuples"
            )
        if classes and mode in _WITHOUT_CLASSES:
            warnings.warn(f'`classes` will be ignored given the class_mode="{mode}"', stacklevel=4)
        if weight_col and not issubclass(table[weight_col].dtype.type, np.number):
            raise _TypeUsageError(f"column weight_col={weight_col!r}", "numbers")

    def get_classes(self, df: Any, y_col: Any) -> list[Any]:
        """The label of each row, or a list of labels where a row names several."""
        return [
            [self.class_indices[each] for each in cast("Any", label)]
            if isinstance(label, list | tuple)
            else self.class_indices[label]
            for label in df[y_col]
        ]

    def _with_files(self, table: Any, x_col: str) -> Any:
        exists = np.array([self._is_picture(name) for name in table[x_col]], dtype=bool)
        missing = int((~exists).sum())
        if missing:
            warnings.warn(
                f'Found {missing} invalid image filename(s) in x_col="{x_col}". '
                "These filename(s) will be ignored.",
                stacklevel=4,
            )
        return table[exists]

    def _is_picture(self, name: str) -> bool:
        path = os.path.join(self.directory, name)  # noqa: PTH118
        return path.lower().endswith(self.white_list_formats) and os.path.isfile(path)  # noqa: PTH113

    @property
    def labels(self) -> Any:
        """Labels of all rows, or the raw targets."""
        return self._targets if self.class_mode in {"multi_output", "raw"} else self.classes

    @property
    def sample_weight(self) -> Any:
        """Weights of all rows, or ``None``."""
        return self._sample_weight


class _TypeUsageError(UsageError, TypeError):
    """A column of the wrong type: Keras raises a TypeError, so this is one too."""

    def __init__(self, given: str, expected: str) -> None:
        super().__init__(given, expected, "convert the column first, for example with astype(str)")


def _with_classes(table: Any, y_col: Any, classes: Any) -> tuple[Any, list[str]]:
    """The rows that belong to a class, and the classes in the order of their labels."""
    table = table.copy()
    if classes:
        names = list(dict.fromkeys(classes))

        def only(label: Any) -> Any:
            return _only(label, names)

        table[y_col] = table[y_col].apply(only)
    else:
        found: set[str] = set()
        for label in table[y_col]:
            found.update(cast("Any", label) if isinstance(label, list | tuple) else [label])
        names = sorted(found)
    return table.dropna(subset=[y_col]), names


def _only(label: Any, names: list[str]) -> Any:
    if isinstance(label, str):
        return label if label in names else None
    if isinstance(label, list | tuple):
        return [each for each in cast("Any", label) if each in names] or None
    raise _TypeUsageError(f"a label of type {type(label).__name__}", "text, a list or a tuple")
