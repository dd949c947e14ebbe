"""What comparing two saved traces costs, and how well examples are paired.

First `twinfeed diff` as a whole process on two traces of 2,000 pictures of 224 x 224 x 3, per kind of
difference. Then pairing alone, 10,000 views against 10,000 in another order: the share that found a
partner, the share of those that is right, and the confidence that is stated. Wall and CPU seconds
and the peak memory are those of the process, its start and the reading of the files included.

Give photos of your own, in folders of any depth: made-up ones are easier to tell apart. Where there are too
few, photos are cut into parts.

    python benchmarks/diff_speed.py [--photos FOLDER ...] [--only traces,pairing] [--kinds "flips;..."]
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import Process
from pathlib import Path

import numpy as np
from PIL import Image

from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed.observe import Budget, load, observe, save

SIDE, SMALL = 224, 64
BATCH = 50
SUFFIXES = {".jpg", ".jpeg", ".png"}
MEAN, STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
COMPILED = Path(tempfile.gettempdir()) / f"twinfeed-compiled-{os.getpid()}"
Pictures = Sequence[Image.Image]
Change = Callable[[Image.Image, np.random.Generator], Image.Image]
Values = Callable[[np.ndarray], np.ndarray]
BILINEAR, NEAREST = Image.Resampling.BILINEAR, Image.Resampling.NEAREST


def found_pictures(folders: Sequence[Path], count: int) -> list[Image.Image]:
    """Photos from folders, then parts of the larger ones, then made-up pictures."""
    files = [path for folder in folders for path in sorted(folder.rglob("*"))]
    files = [path for path in files if path.suffix.lower() in SUFFIXES]
    whole: list[Image.Image] = []
    for at in np.linspace(0, len(files) - 1, min(count, len(files))).astype(int).tolist():
        photo = Image.open(files[at]).convert("RGB")
        photo.thumbnail((400, 400), BILINEAR)
        whole.append(photo)
    parts: list[Image.Image] = []
    for photo in whole:
        width, height = (length // 2 for length in photo.size)
        if len(whole) + len(parts) < count and min(width, height) >= 2 * SMALL:
            parts += [
                photo.crop((x, y, x + width, y + height)) for x in (0, width) for y in (0, height)
            ]
    whole = (whole + parts)[:count]
    random = np.random.default_rng(5)
    while len(whole) < count:
        coarse = Image.fromarray(random.integers(0, 256, (6, 8, 3), dtype=np.uint8))
        picture = np.asarray(coarse.resize((320, 240), Image.Resampling.BICUBIC), np.int16)
        grain = random.normal(0, 8, picture.shape)
        whole.append(Image.fromarray(np.clip(picture + grain, 0, 255).astype(np.uint8)))
    return whole


def moved(turn: float = 0, zoom: float = 0, shift: float = 0, *, flip: bool = False) -> Change:
    """At most so many degrees, shares of a zoom and of a shift, and a mirror image half of the time."""

    def change(photo: Image.Image, random: np.random.Generator) -> Image.Image:
        width, height = photo.size
        angle = np.deg2rad(random.uniform(-turn, turn))
        scale = random.uniform(1 - zoom, 1 + zoom, 2)
        linear = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
        if flip and random.random() < 0.5:
            linear[:, 0] *= -1
        middle = np.array([width, height]) / 2
        offset = middle - linear @ middle + random.uniform(-shift, shift, 2) * photo.size
        data = (*linear[0], offset[0], *linear[1], offset[1])
        # What lies outside is the photo's edge again, as ImageDataGenerator fills it.
        grown = Image.fromarray(
            np.pad(np.asarray(photo), ((height, height), (width, width), (0, 0)), "edge")
        )
        data = (*data[:2], data[2] + width, *data[3:5], data[5] + height)
        return grown.transform(photo.size, Image.Transform.AFFINE, data, BILINEAR)

    return change


def cropped(share: float) -> Change:
    """A part of this share of either side, anywhere."""

    def change(photo: Image.Image, random: np.random.Generator) -> Image.Image:
        width, height = (int(length * share) for length in photo.size)
        left, top = (
            int(random.integers(0, a - b + 1))
            for a, b in zip(photo.size, (width, height), strict=True)
        )
        return photo.crop((left, top, left + width, top + height))

    return change


@dataclass(frozen=True)
class Way:
    """How one side makes its examples: once if frozen, else anew in each epoch."""

    kernel: Image.Resampling = BILINEAR
    change: Change | None = None
    values: Values | None = None
    distinct: float = 1.0  # share that are photos of their own; the others are turned copies

    def feed(self, photos: Pictures, side: int, order: np.ndarray, seed: int = 0) -> Feed:
        """The pictures in some order, changed anew in every epoch."""
        epochs = iter(range(1 << 30))
        chosen = photos[: round(len(photos) * self.distinct)]
        near = moved(turn=6, zoom=0.05)

        def one(at: int, random: np.random.Generator) -> np.ndarray:
            photo = chosen[at % len(chosen)]
            if at >= len(chosen):
                photo = near(photo, np.random.default_rng((9, at)))
            photo = self.change(photo, random) if self.change else photo
            made = np.asarray(photo.resize((side, side), self.kernel))
            return self.values(made) if self.values else made

        def open_epoch() -> Iterator[Batch]:
            random = np.random.default_rng((seed, next(epochs)))
            for start in range(0, len(order), BATCH):
                rows: list[int] = order[start : start + BATCH].tolist()
                yield Batch(np.stack([one(row, random) for row in rows]), np.array(rows) % 10)

        return Feed(
            name="benchmark",
            open_epoch=open_epoch,
            examples=len(order),
            fresh=lambda: self.feed(photos, side, order, seed + 1),
        )


PLAIN, UNIT = Way(), Way(values=lambda x: x / np.float32(255))
IMAGENET = Way(values=lambda x: (x / np.float32(255) - MEAN) / STD)
TURNED = moved(turn=20, zoom=0.2, shift=0.1, flip=True)
TRACES: dict[str, tuple[Way, Way]] = {
    "identical": (PLAIN, PLAIN),
    "another kernel": (PLAIN, Way(kernel=NEAREST)),
    "normalised": (UNIT, IMAGENET),
    "one side augmented": (PLAIN, Way(change=TURNED)),
    "both augmented": (Way(change=moved(flip=True)), Way(change=TURNED)),
    "near-duplicates": (Way(distinct=0.25), Way(distinct=0.25, kernel=NEAREST)),
}
PAIRING: dict[str, tuple[Way, Way]] = {
    "order": (PLAIN, PLAIN),
    "flips": (PLAIN, Way(change=moved(flip=True))),
    "crops": (PLAIN, Way(change=cropped(0.8))),
    "zoom": (PLAIN, Way(change=moved(zoom=0.2))),
    "channel order": (PLAIN, Way(values=lambda x: x[..., ::-1])),
    "value map": (PLAIN, Way(values=lambda x: (x / np.float32(255)) ** np.float32(2.2))),
    "kernel": (PLAIN, Way(kernel=NEAREST)),
    "turn, zoom, shift": (PLAIN, Way(change=TURNED)),
    "near-duplicates": (Way(distinct=0.8), Way(distinct=0.8, change=moved(zoom=0.1))),
    "the same, kernel": (Way(distinct=0.8), Way(distinct=0.8, kernel=NEAREST)),
}


@dataclass(frozen=True)
class Cost:
    """What a process took, and what it printed."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    output: str

    def __str__(self) -> str:
        return f"{self.wall_s:6.1f} {self.cpu_s:6.1f} {self.peak_mb:8,.0f}"


def run(*arguments: str) -> Cost:
    """One process of the interpreter, waited for with what it used; its code is compiled as pip leaves it."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": str(COMPILED)}
    if not COMPILED.exists():
        names = "twinfeed.cli", "twinfeed.cli._observe", "twinfeed.cli._output", "twinfeed.diff"
        imports = [sys.executable, "-c", f"import {', '.join(names)}"]
        subprocess.run(imports, env=environment, check=True)
    with tempfile.TemporaryFile() as output:
        begin = time.perf_counter()
        process = subprocess.Popen([sys.executable, *arguments], stdout=output, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        return Cost(
            wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, output.read().decode()
        )


@dataclass(frozen=True)
class Table:
    """Pairs of traces, and how they are recorded."""

    name: str
    kinds: dict[str, tuple[Way, Way]]
    count: int
    side: int
    budget: Budget

    def paths(self, folder: Path, kind: str) -> list[str]:
        """The files of a kind, of A and of B."""
        name = f"{self.name}_{kind}".replace(" ", "_").replace(",", "")
        return [str(folder / f"{name}-{side}.twin") for side in "AB"]

    def record(self, folder: Path, photos: Sequence[Path], kinds: Sequence[str]) -> None:
        """Record what is not there, in a process of its own: a child's peak memory begins with its parent's."""
        work = Process(target=self._record, args=(folder, photos, kinds))
        work.start()
        work.join()

    def _record(self, folder: Path, photos: Sequence[Path], kinds: Sequence[str]) -> None:
        missing = [kind for kind in kinds if not all(map(os.path.exists, self.paths(folder, kind)))]
        pictures = found_pictures(photos, self.count) if missing else []
        for kind in missing:
            sides = zip(
                self.kinds[kind], _orders(self.count), self.paths(folder, kind), strict=True
            )
            for seed, (way, order, path) in enumerate(sides):
                save(
                    observe(way.feed(pictures, self.side, order, 10 * seed), budget=self.budget),
                    path,
                )


ALL = (
    Table("traces", TRACES, 2_000, SIDE, Budget(timing_s=0.1, seconds=1200)),
    Table(
        "pairing",
        PAIRING,
        10_000,
        SMALL,
        Budget(epochs=1, timing_s=0.01, seconds=1200, keep_bytes=1 << 20),
    ),
)


def traces(table: Table, folder: Path, kinds: Sequence[str]) -> None:
    """Diff of saved traces per kind of difference."""
    print(f"diff of two traces of {table.count:,} pictures of {SIDE} x {SIDE} x 3")
    print(f"{'kind':20} {'wall s':>6} {'CPU s':>6} {'peak MB':>8} {'files MB':>8}  first findings")
    for kind in kinds:
        paths = table.paths(folder, kind)
        cost = run(
            "-m", "twinfeed", "diff", *paths, "--output-format", "json", "-q", "--ignore", "SPD"
        )
        codes = [finding["code"] for finding in json.loads(cost.output)["findings"]]
        size_mb = sum(Path(path).stat().st_size for path in paths) / 1e6
        print(f"{kind:20} {cost} {size_mb:8,.0f}  {' '.join(codes[:4])}", flush=True)


def pairing(table: Table, folder: Path, kinds: Sequence[str]) -> None:
    """Pairing alone per kind of difference."""
    print(f"\npairing {table.count:,} with {table.count:,} views")
    print(
        f"{'kind':20} {'wall s':>6} {'CPU s':>6} {'peak MB':>8} {'paired':>7} {'right':>7} {'stated':>7}"
    )
    for kind in kinds:
        cost = run(__file__, "--pair", *table.paths(folder, kind))
        found, right, stated = json.loads(cost.output)
        print(f"{kind:20} {cost} {found:7.1%} {right:7.2%} {stated:7.2%}", flush=True)


def _orders(count: int) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(count), np.random.default_rng(1).permutation(count)


def pair(left: str, right: str) -> None:
    """Share paired, share of those right, and the confidence stated, as one line of JSON."""
    from twinfeed.diff._pairing._pair import pair_sides

    found = pair_sides(load(left)[0], load(right)[0])
    order = _orders(len(found.right_rows))[1]
    correct = found.left - found.left_rows[0] == order[found.right - found.right_rows[0]]
    share = float(correct.mean()) if len(found) else 1.0
    print(json.dumps([len(found) / len(found.left_rows), share, found.confidence]))


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, nargs="*", default=[], help="folders of pictures")
    parser.add_argument("--only", default="traces,pairing")
    parser.add_argument(
        "--kinds", default="", help="of either table, with semicolons; all by default"
    )
    parser.add_argument(
        "--traces", type=Path, help="folder in which traces are kept for another run"
    )
    parser.add_argument("--pair", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.pair:
        pair(*options.pair)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.traces or Path(temporary)
        atexit.register(shutil.rmtree, COMPILED, ignore_errors=True)
        for table, work in zip(ALL, (traces, pairing), strict=True):
            kinds = [
                kind
                for kind in table.kinds
                if not options.kinds or kind in options.kinds.split(";")
            ]
            if table.name in options.only and kinds:
                table.record(folder, options.photos, kinds)
                work(table, folder, kinds)


if __name__ == "__main__":
    main()
