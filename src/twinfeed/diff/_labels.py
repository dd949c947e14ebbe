"""In which form a feed gives its labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.trace import Trace

Form: TypeAlias = Literal[
    "none", "class index", "one-hot", "smoothed one-hot", "multi-hot", "numbers", "text", "picture",
    "structure",
]  # fmt: skip


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
        return self.form in {"class index", "one-hot", "smoothed one-hot"}


def label_form(trace: Trace) -> LabelForm:
    """The form of a trace's labels, from all rows of the ledger."""
    leaves = trace.spec.part("y")
    if not leaves:
        return LabelForm("none", "", (), None)
    if len(leaves) > 1:
        return LabelForm("structure", ", ".join(leaf.path for leaf in leaves), (), None)
    leaf = leaves[0]
    if leaf.kind != "dense":
        return LabelForm(
            "text" if leaf.kind == "text" else "structure", leaf.dtype, leaf.shape, None
        )
    if len(leaf.shape) > 1:
        return LabelForm("picture", leaf.dtype, leaf.shape, None)
    rows = trace.rows
    label = rows.label[~np.isnan(rows.label)]
    if not len(label):
        return LabelForm("numbers", leaf.dtype, leaf.shape, None)
    entries = leaf.shape[0] if leaf.shape else 1
    if entries in {1, None}:
        whole = bool(np.all(label == np.rint(label)) and label.min() >= 0)
        few = len(np.unique(label)) <= max(2, len(label) // 2)
        if whole and (few or np.dtype(leaf.dtype).kind in "iub"):
            return LabelForm("class index", leaf.dtype, leaf.shape, len(np.unique(label)))
        return LabelForm("numbers", leaf.dtype, leaf.shape, None)
    if np.allclose(rows.label_sum, 1, atol=1e-4):
        sharp = bool(np.allclose(rows.label_peak, 1, atol=1e-4))
        return LabelForm(
            "one-hot" if sharp else "smoothed one-hot", leaf.dtype, leaf.shape, entries
        )
    if np.all(np.isin(rows.label_peak, (0, 1))):
        return LabelForm("multi-hot", leaf.dtype, leaf.shape, entries)
    return LabelForm("numbers", leaf.dtype, leaf.shape, None)
