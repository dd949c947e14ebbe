"""In which form a feed gives its labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Rows, Trace

Form: TypeAlias = Literal[
    "none", "class index", "one-hot", "smoothed one-hot", "mixed one-hot", "multi-hot", "numbers",
    "text", "picture", "structure",
]  # fmt: skip

_VARIES = 0.02  # by which the largest entries of labels differ that were not smoothed alike


@dataclass(frozen=True, slots=True)
class LabelForm:
    """The form of a feed's labels.

    Attributes:
        form: What the values mean.
        dtype: Their numpy name.
        shape: The shape of one example's label.
        classes: Classes seen (class index) or entries per label (one-hot); ``None`` otherwise.
    """

    form: Form
    dtype: str
    shape: tuple[int | None, ...]
    classes: int | None

    @property
    def is_class(self) -> bool:
        """Whether ``Rows.label`` holds a class number."""
        return self.form in {"class index", "one-hot", "smoothed one-hot", "mixed one-hot"}


def label_form(trace: Trace) -> LabelForm:
    """The form of a trace's labels, from all rows of the ledger."""
    match trace.spec.part("y"):
        case ():
            return LabelForm("none", "", (), None)
        case (leaf,):
            form, classes = _form(trace.rows, leaf)
            return LabelForm(form, leaf.dtype, leaf.shape, classes)
        case leaves:
            return LabelForm("structure", ", ".join(leaf.path for leaf in leaves), (), None)


def _form(rows: Rows, leaf: LeafSpec) -> tuple[Form, int | None]:
    if leaf.kind != "dense":
        return ("text" if leaf.kind == "text" else "structure"), None
    if len(leaf.shape) > 1:
        return "picture", None
    label = rows.label[~np.isnan(rows.label)]
    if not len(label):
        return "numbers", None
    entries = leaf.shape[0] if leaf.shape else 1
    if entries in {1, None}:
        return _scalar_form(label, leaf)
    return _vector_form(rows), entries


def _scalar_form(label: Array, leaf: LeafSpec) -> tuple[Form, int | None]:
    classes = len(np.unique(label))
    whole = bool(np.all(label == np.rint(label)) and label.min() >= 0)
    few = classes <= max(2, len(label) // 2)
    if whole and (few or np.dtype(leaf.dtype).kind in "iub"):
        return "class index", classes
    return "numbers", None


def _vector_form(rows: Rows) -> Form:
    if np.allclose(rows.label_sum, 1, atol=1e-4):
        if np.allclose(rows.label_peak, 1, atol=1e-4):
            return "one-hot"
        # Smoothing takes the same of every label; a mixture of two examples each time another share.
        return "mixed one-hot" if np.ptp(rows.label_peak) > _VARIES else "smoothed one-hot"
    return "multi-hot" if np.all(np.isin(rows.label_peak, (0, 1))) else "numbers"
