"""Ours against the installed Keras: random arguments in, the largest difference out.

The gate runs a short slice of it (`test_parity.py`). The table of the documentation is written by

    python -m tests.images.parity --cases 3000
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies as st
from PIL import Image

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "parity.md"
MARK = "<!-- the table is written by tests/images/parity.py -->"
SIZE = (17, 22)


def write_pictures(folder: Path) -> Path:
    """Three classes of small files in the formats and modes that data sets have."""
    random = np.random.default_rng(11)
    for number in range(24):
        height, width = (int(size) for size in random.integers(9, 60, 2))
        if number % 6 == 0:
            height, width = SIZE
        smooth = random.integers(0, 256, (5, 6, 4), dtype=np.uint8)
        image = Image.fromarray(smooth).resize((width, height), Image.Resampling.BICUBIC)
        name, mode, how = (
            ("a.jpg", "RGB", {"quality": 90}),
            ("b.png", "RGB", {}),
            ("c.png", "RGBA", {}),
            ("d.jpeg", "L", {"quality": 75}),
            ("e.jpg", "RGB", {"quality": 40, "progressive": True, "subsampling": 0}),
            ("f.bmp", "P", {}),
            ("g.PNG", "I;16", {}),
            ("h.jpg", "CMYK", {}),
        )[number % 8]
        if mode == "I;16":
            wide = np.asarray(image.convert("L"), np.uint16) * 257
            made = Image.fromarray(wide)
        else:
            made = image.convert("RGB").convert(mode) if mode != "RGBA" else image
        inner = folder / f"class{number % 3}" / ("deep" if number % 5 == 0 else "")
        inner.mkdir(parents=True, exist_ok=True)
        made.save(inner / f"{number:02}{name}", **how)
    (folder / "class1" / "notes.txt").write_text("no picture", "utf-8")
    (folder / "empty").mkdir()
    return folder


def noisy(x: Any) -> Any:
    """A function of a user's that draws from the same stream."""
    return x + np.random.normal(0, 2, (x.shape[0], 1, 1)).astype(x.dtype)  # noqa: NPY002


def inverted(x: Any) -> Any:
    """One that draws nothing, and changes its argument."""
    x *= -1
    return x


_FLOATS = {"allow_nan": False, "allow_infinity": False}


def _span(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, **_FLOATS)


GENERATOR: dict[str, st.SearchStrategy[Any]] = {
    "featurewise_center": st.just(True),
    "samplewise_center": st.just(True),
    "featurewise_std_normalization": st.just(True),
    "samplewise_std_normalization": st.just(True),
    "zca_whitening": st.just(True),
    "zca_epsilon": st.sampled_from([1e-6, 1e-2]),
    "rotation_range": st.one_of(st.integers(1, 180), _span(0.1, 90)),
    "width_shift_range": st.one_of(_span(0.01, 0.9), _span(1, 9), st.integers(1, 6), st.just([-3, 1, 4])),
    "height_shift_range": st.one_of(_span(0.01, 0.9), _span(1, 9), st.integers(1, 6), st.just([0.1, 0.3])),
    "brightness_range": st.sampled_from([(0.3, 1.7), [0.9, 1.1], (1.0, 1.0)]),
    "shear_range": _span(0.1, 60),
    "zoom_range": st.one_of(_span(0.01, 0.9), st.sampled_from([(0.5, 0.5), [0.7, 1.0], (1.0, 1.4)])),
    "channel_shift_range": _span(0.5, 150),
    "fill_mode": st.sampled_from(["nearest", "constant", "reflect", "wrap", "mirror", "grid-wrap"]),
    "cval": _span(-50, 300),
    "horizontal_flip": st.just(True),
    "vertical_flip": st.just(True),
    "rescale": st.one_of(st.sampled_from([1 / 255.0, 2, np.float64(0.1)]), _span(0.001, 3)),
    "preprocessing_function": st.sampled_from([noisy, inverted]),
    "data_format": st.sampled_from(["channels_first", "channels_last"]),
    "validation_split": _span(0.15, 0.6),
    "interpolation_order": st.sampled_from([0, 2, 3, 4, 5]),
    "dtype": st.sampled_from(["float64", "float16"]),
}  # fmt: skip
FILES: dict[str, st.SearchStrategy[Any]] = {
    "color_mode": st.sampled_from(["rgb", "rgba", "grayscale"]),
    "class_mode": st.sampled_from(["binary", "sparse", "input", None]),
    "interpolation": st.sampled_from(["bilinear", "bicubic", "hamming", "box", "lanczos"]),
}
FOLDER: dict[str, st.SearchStrategy[Any]] = {
    **FILES,
    "classes": st.sampled_from([["class2", "class0"], ["class1"]]),
    "keep_aspect_ratio": st.just(True),
    "follow_links": st.just(True),
}
TABLE: dict[str, st.SearchStrategy[Any]] = {
    **FILES,
    "class_mode": st.sampled_from(["sparse", "input", "raw", "multi_output", None]),
    "weight_col": st.just("weight"),
    "classes": st.just(["class2", "class0"]),
    "validate_filenames": st.just(False),
}
ARRAYS: dict[str, st.SearchStrategy[Any]] = {
    "sample_weight": st.just(True),
    "ignore_class_split": st.just(True),
}
ANY: dict[str, st.SearchStrategy[Any]] = {
    "batch_size": st.integers(1, 12),
    "shuffle": st.just(False),
    "seed": st.integers(0, 10_000),
    "subset": st.sampled_from(["training", "validation"]),
    "save_to_dir": st.just(True),
}
CALLS = {"flow_from_directory": FOLDER, "flow_from_dataframe": TABLE, "flow": ARRAYS}


@dataclass(frozen=True)
class Case:
    """One comparison.

    Attributes:
        call: The method of the generator.
        generator: Arguments of its constructor.
        flow: Arguments of the method.
        steps: How batches are asked for: ``None`` is ``next()``, a number an index, ``"end"`` the
            end of an epoch, ``"reset"`` what it says.
    """

    call: str
    generator: dict[str, Any]
    flow: dict[str, Any]
    steps: list[Any]


@st.composite
def cases(draw: Any) -> Case:
    """Any sensible combination of a few arguments."""
    call = draw(st.sampled_from(list(CALLS)))
    chosen = draw(st.sets(st.sampled_from(list(GENERATOR)), max_size=6))
    generator = {name: draw(GENERATOR[name]) for name in sorted(chosen)}
    flows = {**CALLS[call], **ANY}
    chosen = draw(st.sets(st.sampled_from(list(flows)), max_size=5))
    flow = {name: draw(flows[name]) for name in sorted(chosen)}
    if "subset" in flow:
        generator.setdefault("validation_split", 0.4)
    if flow.get("sample_weight") and call == "flow":
        flow["sample_weight"] = "weights"
    if generator.get("data_format") == "channels_first":
        generator.pop("brightness_range", None)  # Keras takes the wrong axis for the channels
    if generator.get("dtype") == "float16":
        generator.pop("zca_whitening", None)  # there is no decomposition of half precision
    whitened = {"zca_whitening", "featurewise_center", "featurewise_std_normalization"}
    if whitened & set(generator) and flow.get("color_mode", "rgb") != "rgb":
        flow.pop("color_mode")
    if call == "flow_from_dataframe" and flow.get("class_mode") in {
        "input",
        "raw",
        "multi_output",
        None,
    }:
        flow.pop("classes", None)
    if call == "flow_from_dataframe" and "class_mode" not in flow:
        flow["class_mode"] = "categorical"
    steps = draw(
        st.sampled_from([
            [None] * 6,
            [0, 1, 2, "end", 0, 1, 2],
            [None, None, "reset", None, 1, 0, 1, 2, None],
            [2, 0, 1, None, None, "end", 1],
        ])
    )  # fmt: skip
    return Case(call, generator, flow, steps)


@dataclass
class Outcome:
    """What a comparison found.

    Attributes:
        equal: Whether every bit, type, label and count is equal.
        difference: The largest absolute difference of values.
        refused: Whether both raised the same builtin error instead.
    """

    equal: bool
    difference: float
    refused: bool = False


class Bench:
    """Pictures, arrays and a table to run cases on."""

    def __init__(self, folder: Path, size: tuple[int, int] = SIZE) -> None:
        import pandas as pd

        self.folder, self.size = folder, size
        files = sorted(
            str(path.relative_to(folder))
            for path in folder.rglob("*")
            if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".bmp"}
        )
        random = np.random.default_rng(3)
        self.table = pd.DataFrame({
            "filename": files,
            "class": [Path(name).parts[0] for name in files],
            "weight": random.random(len(files)),
        })  # fmt: skip
        self.x = random.integers(0, 256, (20, 12, 10, 3)).astype(np.float32)
        self.y = np.arange(20) % 3
        self.weights = random.random(20)
        self.written = folder.parent / f"{folder.name}-written"
        self.written.mkdir(exist_ok=True)

    def outcome(self, case: Case) -> Outcome:
        """Run a case on both and compare everything: values, types, labels, the stream after."""
        from keras.src.legacy.preprocessing.image import ImageDataGenerator as Theirs

        from twinfeed.images import ImageDataGenerator as Ours

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            left, right = (self._run(kind, case) for kind in (Ours, Theirs))
        found = compare(left, right)
        return replace(found, refused=found.equal and isinstance(left[-1], str))

    def _run(self, kind: Any, case: Case) -> list[Any]:
        np.random.seed(20)  # noqa: NPY002, TID251
        flow = dict(case.flow)
        if flow.get("save_to_dir"):
            flow["save_to_dir"] = str(self.written)
        first = case.generator.get("data_format") == "channels_first"
        settings = dict(case.generator)
        if self.size != SIZE:
            settings.pop("zca_whitening", None)  # its matrix has one row per value of a picture
        generator = kind(**settings)
        got: list[Any] = []
        try:
            self._fit(generator, case, first=first)
            iterator = self._open(generator, case.call, flow, first=first)
            got += [self._step(iterator, step) for step in case.steps]
        except (ValueError, RuntimeError, TypeError) as error:
            builtin = next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins")
            return [*got, builtin.__name__]
        got += [np.asarray(iterator.index_array), iterator.total_batches_seen, iterator.batch_index]
        got.append(np.random.random(2))  # noqa: NPY002
        got += [getattr(iterator, name, None) for name in ("filenames", "class_indices", "samples")]
        return got

    def _fit(self, generator: Any, case: Case, *, first: bool) -> None:
        if generator.featurewise_center or generator.zca_whitening:
            height, width = self.x.shape[1:3] if case.call == "flow" else self.size
            values = np.random.default_rng(1).random((6, height, width, 3)) * 255
            generator.fit(values.transpose(0, 3, 1, 2) if first else values, augment=True, seed=4)

    def _open(self, generator: Any, call: str, flow: dict[str, Any], *, first: bool) -> Any:
        if call == "flow":
            if flow.get("sample_weight"):
                flow["sample_weight"] = self.weights
            return generator.flow(self.x.transpose(0, 3, 1, 2) if first else self.x, self.y, **flow)
        flow["target_size"] = self.size
        flow.setdefault("batch_size", 7)
        if call == "flow_from_directory":
            return generator.flow_from_directory(str(self.folder), **flow)
        mode = flow["class_mode"]
        column = ["weight", "weight"] if mode == "multi_output" else "class"
        return generator.flow_from_dataframe(self.table, str(self.folder), y_col=column, **flow)

    @staticmethod
    def _step(iterator: Any, step: Any) -> Any:
        if step is None:
            return next(iterator)
        if step == "reset":
            return iterator.reset()
        if step == "end":
            return iterator.on_epoch_end()
        if step >= len(iterator):
            return None
        return iterator[step]


def compare(left: Any, right: Any) -> Outcome:
    """Compare what two iterators gave, all the way down."""
    equal, most = True, 0.0
    for a, b in _leaves(left, right):
        if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.dtype.kind in "fiu":
            same = a.dtype == b.dtype and a.shape == b.shape
            equal &= same and np.array_equal(a, b, equal_nan=True)
            if a.shape != b.shape:
                most = np.inf
            elif a.size:
                gap = np.abs(a.astype(np.float64) - b.astype(np.float64))
                most = max(most, float(np.nanmax(gap)) if not np.isnan(gap).all() else 0.0)
        elif isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
            equal &= bool(np.array_equal(a, b))
        else:
            equal &= bool(np.all(a == b))  # a column of pandas compares by its elements
    return Outcome(bool(equal), most)


def _leaves(left: Any, right: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        yield len(left), len(right)
        for a, b in zip(left, right, strict=False):
            yield from _leaves(a, b)
    else:
        yield left, right


@dataclass
class Row:
    """What is known of one argument."""

    cases: int = 0
    equal: int = 0
    difference: float = 0.0


@dataclass
class Table:
    """The parity of every argument, gathered over cases."""

    rows: dict[str, Row] = field(default_factory=lambda: defaultdict(Row))
    cases: int = 0
    refused: int = 0

    def add(self, case: Case, outcome: Outcome) -> None:
        if outcome.refused:
            self.refused += 1
            return
        self.cases += 1
        for name in ("(call) " + case.call, *case.generator, *case.flow):
            row = self.rows[name]
            row.cases += 1
            row.equal += outcome.equal
            row.difference = max(row.difference, outcome.difference)

    def text(self) -> str:
        lines = [
            "| argument | cases | equal to the last bit | largest difference |",
            "|---|---|---|---|",
        ]
        known = [f"(call) {call}" for call in CALLS]
        known += [
            *GENERATOR,
            *sorted({name for flow in CALLS.values() for name in flow} | set(ANY)),
        ]
        for name in known:
            row = self.rows[name]
            share = "all" if row.equal == row.cases else f"{row.equal}"
            lines.append(
                f"| `{name.removeprefix('(call) ')}` | {row.cases} | {share} | {row.difference:g} |"
            )
        return "\n".join(lines)


def explore(bench: Bench, count: int, seen: Callable[[Case, Outcome], None]) -> None:
    """Run random cases."""

    @seed(count)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases())
    def each(case: Case) -> None:
        seen(case, bench.outcome(case))

    each()


def real_photos(folder: Path) -> Path | None:
    """Flower photos of the larger test data, unpacked, or ``None`` where they are missing."""
    import tarfile

    given_folder = os.environ.get("TWINFEED_TEST_DATA")
    data = Path(given_folder) if given_folder else ROOT.parent / "shared" / "data"
    archive = data / "flowers" / "flower_photos_500.tar"
    if not archive.exists():
        return None
    with tarfile.open(archive) as tar:
        some = [each for each in tar.getmembers() if each.isfile() and each.name.endswith(".jpg")]
        tar.extractall(folder, some[::25], filter="data")
    inner = sorted({path.parent.parent for path in folder.rglob("*.jpg")})
    for number, path in enumerate(sorted(inner[0].iterdir())):
        path.rename(path.parent / f"class{number}")
    return inner[0]


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--dry", action="store_true", help="print, and write nothing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        table = Table()
        different: list[tuple[Case, Outcome]] = []

        def seen(case: Case, outcome: Outcome) -> None:
            table.add(case, outcome)
            if not outcome.equal:
                different.append((case, outcome))

        sys.stdout, kept = open(os.devnull, "w", encoding="utf-8"), sys.stdout  # noqa: PTH123, SIM115
        explore(Bench(write_pictures(Path(name) / "small")), options.cases, seen)
        photos = real_photos(Path(name) / "photos")
        if photos is not None:
            explore(Bench(photos, (100, 90)), options.cases // 10, seen)
        sys.stdout = kept
    for case, outcome in different[:10]:
        print(outcome, case)  # noqa: T201
    print(table.cases, table.refused)  # noqa: T201
    print(table.text())  # noqa: T201
    if not options.dry:
        before = PAGE.read_text("utf-8").partition(MARK)[0]
        import keras
        import scipy

        versions = f"{table.cases} cases against Keras {keras.__version__}, NumPy {np.__version__}, SciPy {scipy.__version__}; {table.refused} more were refused by both with the same kind of error."
        PAGE.write_text(f"{before}{MARK}\n\n{versions}\n\n{table.text()}\n", "utf-8")


if __name__ == "__main__":
    main()
