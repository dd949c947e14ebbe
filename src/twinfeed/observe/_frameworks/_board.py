"""What the tap saw, as event files that TensorBoard shows; any backend of Keras will do."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from twinfeed._core.batch import Array
from twinfeed._core.showing import channels_last, coloured, is_picture, showing
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import LeafStats, Trace
from twinfeed.report._html.png import encode

_PICTURES = 8
_BATCHES = 5_000  # of which the times are written one by one
_MOST_PIXELS = 512 * 512


class Board:
    """Writes events; a fault in writing is said once and never ends the training.

    Args:
        folder: Where TensorBoard looks for them.
    """

    def __init__(self, folder: Path) -> None:
        self._writer = EventFileWriter(str(folder))
        self._folder = folder
        self._epochs: dict[int, int] = {}  # by place of the trace: epochs that were written
        self._batches: dict[int, int] = {}
        self._pictured: set[int] = set()
        self._broken = False

    def update(self, traces: Sequence[Trace]) -> None:
        """Write the epochs that have ended since the last time."""
        self._guarded(self._update, traces)

    def first_batch(self, traces: Sequence[Trace]) -> None:
        """Write the pictures that have been seen so far, once per feed."""
        self._guarded(self._picture, traces)

    def judge(self, traces: Sequence[Trace]) -> None:
        """Write what the rules say of the feeds, as text."""
        self._guarded(self._judge, traces)

    def _guarded(self, write: Any, traces: Sequence[Trace]) -> None:
        if self._broken:
            return
        try:
            write(traces)
            self._writer.flush()
        except Exception as error:  # noqa: BLE001 - the observer's fault must not end the training
            self._broken = True
            first = (str(error).splitlines() or [""])[0]
            warnings.warn(
                f"{self._folder} gets no more events: {type(error).__name__}: {first}", stacklevel=2
            )

    def _update(self, traces: Sequence[Trace]) -> None:
        for place, trace in enumerate(traces):
            tag, done = f"twinfeed/{trace.role}", self._epochs.get(place, 0)
            for epoch in range(done, len(trace.epochs)):
                rows = np.flatnonzero(trace.ticks.epoch == epoch)
                self._times(tag, epoch, place, trace, rows)
                self._epochs[place] = epoch + 1
            for stats in trace.stats:
                self._add(len(trace.epochs) - 1, _histogram(f"{tag}/values of {stats.path}", stats))

    def _times(self, tag: str, epoch: int, place: int, trace: Trace, rows: Array) -> None:
        wait_s, step_s = trace.ticks.wait_s[rows], trace.ticks.step_s[rows]
        timed = np.isfinite(wait_s) & np.isfinite(step_s)
        if not timed.any():
            return
        steady = timed.copy()
        if epoch == 0 and timed.sum() > 1:
            steady[np.flatnonzero(timed)[0]] = False  # it compiles, and would hide all others
        spent = float(wait_s[steady].sum() + step_s[steady].sum())
        figures = {
            "wait_s": float(wait_s[steady].mean()),
            "step_s": float(step_s[steady].mean()),
            "waiting_share": float(wait_s[steady].sum()) / max(spent, 1e-12),
            "examples_per_s": float(trace.ticks.size[rows][steady].sum()) / max(spent, 1e-12),
        }
        for name, value in figures.items():
            self._scalar(epoch, f"{tag}/epoch/{name}", value)
        first = self._batches.get(place, 0)
        self._batches[place] = first + len(rows)
        for at in np.flatnonzero(timed)[: max(0, _BATCHES - first)].tolist():
            self._scalar(first + at, f"{tag}/batch/wait_s", float(wait_s[at]))
            self._scalar(first + at, f"{tag}/batch/step_s", float(step_s[at]))

    def _picture(self, traces: Sequence[Trace]) -> None:
        for place, trace in enumerate(traces):
            kept = [value for value in trace.kept.values if is_picture(value)][:_PICTURES]
            main = trace.main
            if place in self._pictured or not kept or main is None or not main.is_image:
                continue
            self._pictured.add(place)
            way = showing(kept)
            for number, value in enumerate(kept):
                tag = f"twinfeed/{trace.role}/first batch, {way.says}/{number}"
                self._add(0, _image(tag, way.levels(value), main))

    def _judge(self, traces: Sequence[Trace]) -> None:
        # By name: the rules stand above what records.
        subjects = import_module("twinfeed.lint._traces").subjects_of(traces)
        report = import_module("twinfeed.lint").lint_subjects(subjects)
        told = import_module("twinfeed.report").to_text(report, width=96)
        step = max((len(trace.epochs) for trace in traces), default=0)
        self._add(step, _text("twinfeed/lint", told))

    def _scalar(self, step: int, tag: str, value: float) -> None:
        self._add(step, summary_pb2.Summary.Value(tag=tag, simple_value=value))

    def _add(self, step: int, value: Any) -> None:
        summary = summary_pb2.Summary(value=[value])
        self._writer.add_event(event_pb2.Event(wall_time=time.time(), step=step, summary=summary))


def _histogram(tag: str, stats: LeafStats) -> Any:
    edges = [edge for edge, _ in stats.histogram]
    counts = [float(count) for _, count in stats.histogram]
    # A bucket of TensorBoard's ends where the next one begins, and the last one at the maximum.
    limits = [*edges[1:], _end(edges, stats.high or 0.0)] if edges else []
    mean, std = (float(np.mean(each)) if each else 0.0 for each in (stats.mean, stats.std))
    whole = sum(counts)
    made = summary_pb2.HistogramProto(
        min=stats.low or 0.0,
        max=limits[-1] if limits else 0.0,
        num=whole,
        sum=mean * whole,
        sum_squares=(std**2 + mean**2) * whole,
        bucket_limit=limits,
        bucket=counts,
    )
    return summary_pb2.Summary.Value(tag=tag, histo=made)


def _end(edges: Sequence[float], high: float) -> float:
    """Where the last bucket ends; of whole numbers, which have no width, as wide as the one before."""
    if len(edges) > 1 and all(edge == round(edge) for edge in edges):
        return 2 * edges[-1] - edges[-2]
    return max(high, edges[-1]) + 1e-6


def _image(tag: str, levels: Array, main: LeafSpec) -> Any:
    shown = np.rint(coloured(channels_last(levels, main))).astype(np.uint8)
    while shown.shape[0] * shown.shape[1] > _MOST_PIXELS:
        shown = np.ascontiguousarray(shown[::2, ::2])
    height, width, _ = shown.shape
    made = summary_pb2.Summary.Image(
        height=height, width=width, colorspace=3, encoded_image_string=encode(shown)
    )
    return summary_pb2.Summary.Value(tag=tag, image=made)


def _text(tag: str, text: str) -> Any:
    # Indented, so that Markdown leaves the columns and the names of others as they are.
    block = "\n".join(f"    {line}" for line in text.splitlines())
    metadata = summary_pb2.SummaryMetadata(
        plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="text")
    )
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, string_val=[block.encode()])
    return summary_pb2.Summary.Value(tag=tag, metadata=metadata, tensor=tensor)
