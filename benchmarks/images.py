"""ImageDataGenerator: ours, Keras's, the decode limit, and what else does the same work.

The work: JPEGs of about 500 x 375 to 224 x 224, shear, zoom, flip and rescale, float32 batches
of 32 with labels. Each candidate is a process; all but one stand still. Within a round they take
turns in a random order, after a warm-up; ratios are medians of the ratios of rounds. Two sets of files are written: one of about 57 kB a file, one
of about 100 kB. Peers that are not installed are left out.

    python benchmarks/images.py [--rounds 5] [--seconds 2] [--only main,rotation,cache,small,cold]
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from PIL import Image

from twinfeed.engine.crew import Job, cores
from twinfeed.engine.decode import fast_jpeg
from twinfeed.images import ImageDataGenerator

SHEAR: dict[str, Any] = {
    "rescale": 1 / 255,
    "shear_range": 0.2,
    "zoom_range": 0.2,
    "horizontal_flip": True,
}
ROTATION: dict[str, Any] = {
    "rescale": 1 / 255,
    "rotation_range": 20,
    "width_shift_range": 0.1,
    "height_shift_range": 0.1,
    "horizontal_flip": True,
}
BATCH = 32
WARM_UP = 6
Batches = Iterator[Any]


def photo(random: np.random.Generator, height: int, width: int, grain: float) -> Image.Image:
    """Smooth at large scale, textured in between, grainy at small scale."""
    picture = np.zeros((height, width, 3))
    for cell, strength in ((60, 128.0), (6, 32.0)):
        small = random.integers(0, 256, (height // cell + 2, width // cell + 2, 3), dtype=np.uint8)
        large = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
        picture += (np.asarray(large) / 128.0 - 1) * strength
    picture += 128 + random.normal(0, grain, (height, width, 1))
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def write_photos(folder: Path, count: int, quality: int, grain: float) -> str:
    """Write JPEGs into five class folders; says how large they are."""
    random = np.random.default_rng(7)
    sizes: list[int] = []
    for number in range(count):
        width = int(np.clip(random.normal(490, 25), 400, 560))
        height = int(np.clip(random.normal(372, 35), 300, 500))
        if random.random() < 0.2:
            width, height = height, width
        inner = folder / f"class{number % 5}"
        inner.mkdir(parents=True, exist_ok=True)
        path = inner / f"{number:04}.jpg"
        photo(random, height, width, grain).save(path, quality=quality)
        sizes.append(path.stat().st_size)
    return f"{count} JPEGs, {statistics.mean(sizes) / 1000:.0f} kB each"


def quiet(make: Callable[[], Any]) -> Any:
    """Without the line that says how many files were found."""
    with contextlib.redirect_stdout(io.StringIO()):
        return make()


def flow(kind: Any, folder: Path, moves: dict[str, Any], size: int = 224, **more: Any) -> Any:
    """An iterator over a folder."""
    how = {"target_size": (size, size), "batch_size": BATCH, "seed": 1, **more}
    return quiet(lambda: kind(**moves).flow_from_directory(str(folder), **how))


def ahead(work: Callable[[int, int], Any], threads: int, count: int = BATCH) -> Batches:
    """Endless batches of ``work(batch, picture)`` by as many threads, three batches ahead."""
    held: deque[tuple[Job, list[Any]]] = deque()
    number = 0
    while True:
        while len(held) < 4:
            made: list[Any] = [None] * count

            def one(place: int, number: int = number, made: list[Any] = made) -> None:
                made[place] = work(number, place)

            held.append((Job(one, count, threads), made))
            number += 1
        job, made = held.popleft()
        job.result()
        yield made


def limit(folder: Path) -> Batches:
    """Reading and decoding, with the same decoder and threads, and nothing else."""
    files = sorted(str(path) for path in folder.rglob("*.jpg"))
    fast = fast_jpeg()
    assert fast is not None

    def work(batch: int, place: int) -> None:
        name = files[(batch * BATCH + place) % len(files)]
        with open(name, "rb", buffering=0) as file:  # noqa: PTH123
            fast.decode(file.read(), "rgb")

    return ahead(work, cores())


def opencv_pool(folder: Path) -> Batches:
    """OpenCV in a pool of threads: nearest resize, affine warp, flip, rescale; 2e-5 off."""
    import cv2

    cv2.setNumThreads(1)
    source = flow(ImageDataGenerator, folder, SHEAR)
    random = np.random.default_rng(1)
    scale = np.float32(1 / 255)

    def work(path: str, shear: float, zoom: Any, mirror: bool, out: Any) -> None:  # noqa: FBT001
        data = np.fromfile(path, np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)
        image = cv2.resize(image, (224, 224), interpolation=cv2.INTER_NEAREST_EXACT)
        lean = np.deg2rad(shear)
        linear = np.array([[zoom[0], -np.sin(lean) * zoom[1]], [0, np.cos(lean) * zoom[1]]])
        offset = 111.5 - linear @ [111.5, 111.5]
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        matrix = np.column_stack([linear, offset])
        image = cv2.warpAffine(
            image.astype(np.float32),
            matrix,
            (224, 224),
            flags=flags,
            borderMode=cv2.BORDER_REPLICATE,
        )
        np.multiply(image[:, ::-1] if mirror else image, scale, out=out)

    with ThreadPoolExecutor(cores()) as pool:
        held: deque[Any] = deque()
        while True:
            while len(held) < 4:
                chosen = random.integers(0, source.n, BATCH)
                out = np.empty((BATCH, 224, 224, 3), np.float32)
                jobs = [
                    pool.submit(
                        work,
                        source.filepaths[index],
                        random.uniform(-0.2, 0.2),
                        random.uniform(0.8, 1.2, 2),
                        bool(random.random() < 0.5),
                        out[place],
                    )
                    for place, index in enumerate(chosen)
                ]
                held.append((out, source.classes[chosen], jobs))
            out, labels, jobs = held.popleft()
            for job in jobs:
                job.result()
            yield out, labels


def tf_by_hand(folder: Path) -> Batches:
    """tf.data written by hand: parallel decode and resize, one batched projective transform."""
    import tensorflow as tf

    source = flow(ImageDataGenerator, folder, SHEAR)

    def load(path: Any, label: Any) -> Any:
        image = tf.io.decode_jpeg(tf.io.read_file(path), 3, dct_method="INTEGER_ACCURATE")
        return tf.image.resize(image, (224, 224), "nearest"), label

    def move(x: Any, y: Any) -> Any:
        size = tf.shape(x)[0]
        lean = tf.random.uniform([size], -0.2, 0.2) * np.pi / 180
        zx, zy = (tf.random.uniform([size], 0.8, 1.2) for _ in range(2))
        a, b, d = zx, -tf.sin(lean) * zy, tf.cos(lean) * zy
        zero = tf.zeros([size])
        rows = [a, b, 111.5 * (1 - a - b), zero, d, 111.5 * (1 - d), zero, zero]
        x = tf.raw_ops.ImageProjectiveTransformV3(
            images=tf.cast(x, tf.float32),
            transforms=tf.stack(rows, 1),
            output_shape=[224, 224],
            fill_value=0.0,
            interpolation="BILINEAR",
            fill_mode="NEAREST",
        )
        mirror = tf.random.uniform([size, 1, 1, 1]) < 0.5
        return tf.where(mirror, tf.reverse(x, [2]), x) / 255.0, y

    data = tf.data.Dataset.from_tensor_slices((source.filepaths, source.classes))
    data = data.shuffle(source.n).repeat().map(load, tf.data.AUTOTUNE).batch(BATCH)
    return iter(data.map(move, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE))


def as_fit_does(kind: Any, folder: Path, moves: dict[str, Any], **more: Any) -> Batches:
    """Batches by index, one after another, and the end of an epoch: what ``fit`` does by default."""
    source = flow(kind, folder, moves, **more)
    while True:
        for index in range(len(source)):
            yield source[index]
        source.on_epoch_end()


def grain_threads(folder: Path) -> Batches:
    """Grain with a thread per core and OpenCV for each picture."""
    import cv2
    import grain.python as grain

    cv2.setNumThreads(1)
    source = flow(ImageDataGenerator, folder, SHEAR)
    scale = np.float32(1 / 255)

    class Warp(grain.RandomMapTransform):
        def random_map(self, element: Any, rng: np.random.Generator) -> Any:
            image = cv2.imdecode(np.fromfile(element[0], np.uint8), cv2.IMREAD_COLOR_RGB)
            image = cv2.resize(image, (224, 224), interpolation=cv2.INTER_NEAREST_EXACT)
            lean, zoom = np.deg2rad(rng.uniform(-0.2, 0.2)), rng.uniform(0.8, 1.2, 2)
            linear = np.array([[zoom[0], -np.sin(lean) * zoom[1]], [0, np.cos(lean) * zoom[1]]])
            matrix = np.column_stack([linear, 111.5 - linear @ [111.5, 111.5]])
            image = cv2.warpAffine(
                image.astype(np.float32), matrix, (224, 224),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
            )  # fmt: skip
            return (image[:, ::-1] if rng.random() < 0.5 else image) * scale, element[1]

    pairs = list(zip(source.filepaths, source.classes.tolist(), strict=True))
    data = grain.MapDataset.source(pairs).seed(1).shuffle().repeat().random_map(Warp()).batch(BATCH)
    options = grain.ReadOptions(num_threads=cores(), prefetch_buffer_size=3 * BATCH)
    return iter(data.to_iter_dataset(options))


def torch_processes(folder: Path) -> Batches:
    """Torch's DataLoader with as many processes as cores, Pillow and SciPy as Keras uses them."""
    from torch.utils import data

    loader = data.DataLoader(_OnePicture(folder), BATCH, num_workers=cores(), drop_last=True)
    return map(tuple, loader)


class _OnePicture:
    """A map-style data set: one picture, made as Keras makes it."""

    def __init__(self, folder: Path) -> None:
        self.source = flow(ImageDataGenerator, folder, SHEAR)

    def __len__(self) -> int:
        return 1 << 20

    def __getitem__(self, index: int) -> Any:
        from keras.src.legacy.preprocessing.image import ImageDataGenerator as Theirs

        generator, number = Theirs(**SHEAR), index % self.source.n
        image = Image.open(self.source.filepaths[number]).convert("RGB").resize((224, 224), 0)
        x = generator.random_transform(np.asarray(image, np.float32))
        return np.ascontiguousarray(generator.standardize(x)), self.source.classes[number]


def cached(where: str, folder: Path) -> Batches:
    """Ours with a cache that one epoch has filled."""
    source = flow(ImageDataGenerator, folder, SHEAR, cache=where)
    for _ in range(len(source)):
        next(source)
    return source


def arrays(kind: Any) -> Batches:
    """``flow`` over 2,000 pictures of 32 x 32 in memory."""
    x = np.random.default_rng(0).random((2000, 32, 32, 3), np.float32)
    made: Batches = kind(**SHEAR).flow(x, np.zeros(2000), seed=1)
    return made


def theirs() -> Any:
    """Keras's class."""
    from keras.src.legacy.preprocessing.image import ImageDataGenerator as Theirs

    return Theirs


CANDIDATES: dict[str, Callable[[Path], Batches]] = {
    "ours": lambda f: flow(ImageDataGenerator, f, SHEAR),
    "ours, asked as fit asks": lambda f: as_fit_does(ImageDataGenerator, f, SHEAR),
    "Keras, as fit uses it": lambda f: as_fit_does(theirs(), f, SHEAR),
    "decode only, same threads": limit,
    "OpenCV, a thread per core": opencv_pool,
    "tf.data by hand": tf_by_hand,
    "Grain with OpenCV": grain_threads,
    "torch DataLoader, processes": torch_processes,
    "ours, rotation": lambda f: flow(ImageDataGenerator, f, ROTATION),
    "Keras, rotation": lambda f: as_fit_does(theirs(), f, ROTATION),
    "ours, cache in memory": lambda f: cached("memory", f),
    "ours, cache in a folder": lambda f: cached(str(f.parent / "cache"), f),
    "ours, 32 x 32": lambda f: flow(ImageDataGenerator, f, SHEAR, 32),
    "Keras, 32 x 32": lambda f: as_fit_does(theirs(), f, SHEAR, size=32),
    "ours, arrays": lambda _: arrays(ImageDataGenerator),
    "Keras, arrays": lambda _: arrays(theirs()),
}
PEERS = tuple(CANDIDATES)[:8]


def serve(name: str, folder: Path) -> None:
    """Be one candidate: for each number of seconds that comes in, say how fast it was."""
    batches = CANDIDATES[name](folder)
    next(batches)
    print("ready", flush=True)
    for line in sys.stdin:
        for _ in range(WARM_UP):
            next(batches)
        begin, used, pictures = time.perf_counter(), time.process_time(), 0
        while (took := time.perf_counter() - begin) < float(line):
            batch = next(batches)
            pictures += len(batch[0]) if isinstance(batch, tuple) else len(batch)
        cpu = (time.process_time() - used) / pictures * 1000
        print(pictures / took, cpu, flush=True)


class Candidate:
    """A process that stands still unless it is its turn."""

    def __init__(self, name: str, folder: Path) -> None:
        command = [sys.executable, __file__, "--serve", name, "--folder", str(folder)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self.ready = self._line() == "ready"
        self.signal(signal.SIGSTOP)

    def signal(self, number: int) -> None:
        """To this process and those it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def turn(self, seconds: float) -> tuple[float, float]:
        """Pictures per second, and milliseconds of processor time per picture."""
        assert self.process.stdin is not None
        self.signal(signal.SIGCONT)
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        speed, cpu = map(float, self._line().split())
        self.signal(signal.SIGSTOP)
        return speed, cpu


def race(title: str, names: Sequence[str], folder: Path, rounds: int, seconds: float) -> None:
    """Let candidates take turns; the first is compared with each of the others."""
    running: dict[str, Candidate] = {}
    seen: dict[str, list[tuple[float, float]]] = {}
    order = np.random.default_rng(0)
    try:
        for name in names:
            running[name] = Candidate(name, folder)
            if running[name].ready:
                seen[name] = []
            else:
                print(f"  {name}: left out, it does not start here")
        for _ in range(rounds):
            for name in order.permutation(list(seen)).tolist():
                seen[name].append(running[name].turn(seconds))
    finally:
        for each in running.values():
            each.signal(signal.SIGKILL)
    print(f"\n{title}  (load average {os.getloadavg()[0]:.1f} on {cores()} cores)")
    print(f"  {'':28} {'pictures/s':>10} {'lowest..highest':>17} {'CPU ms':>7} {'first is x':>10}")
    first = next(iter(seen))
    for name, found in seen.items():
        rates = [each[0] for each in found]
        ratio = statistics.median(a[0] / b for a, b in zip(seen[first], rates, strict=True))
        spread = f"{min(rates):.0f}..{max(rates):.0f}"
        cpu = statistics.median(each[1] for each in found)
        print(f"  {name:28} {statistics.median(rates):10.0f} {spread:>17} {cpu:7.2f} {ratio:10.2f}")


def small_files(folder: Path) -> None:
    """PNGs of 32 x 32."""
    random = np.random.default_rng(5)
    for number in range(1000):
        inner = folder / f"class{number % 5}"
        inner.mkdir(parents=True, exist_ok=True)
        photo(random, 32, 32, 4).save(inner / f"{number:04}.png")


def cold_start(folder: Path) -> None:
    """Seconds from the start of Python to the first batch, kernels compiled before."""
    code = (
        "import time; t = time.perf_counter()\n"
        "from twinfeed.images import ImageDataGenerator\n"
        f"flow = ImageDataGenerator(**{SHEAR!r}).flow_from_directory({str(folder)!r}, (224, 224), seed=1)\n"
        "next(flow); print(time.perf_counter() - t)"
    )
    took: list[float] = []
    for _ in range(5):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        took.append(time.perf_counter() - begin)
    print(f"\nfirst batch after a cold start: {statistics.median(took):.2f} s, process and all")


def main() -> None:
    """Print what was asked for."""
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # which ends the candidates, too
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--images", type=int, default=400)
    parser.add_argument("--only", default="main,rotation,cache,small,cold")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.folder)
        return
    chosen, how = set(options.only.split(",")), (options.rounds, options.seconds)
    with tempfile.TemporaryDirectory() as name:
        light, heavy, small = (Path(name) / each for each in ("light", "heavy", "small"))
        print("light:", write_photos(light, options.images, 90, 4.0))
        print("heavy:", write_photos(heavy, options.images, 94, 9.0))
        small_files(small)
        if "main" in chosen:
            race("shear, zoom, flip, rescale: light", PEERS, light, *how)
            race("shear, zoom, flip, rescale: heavy", PEERS, heavy, *how)
        if "rotation" in chosen:
            race("rotation, shifts", ("ours, rotation", "Keras, rotation"), light, *how)
        if "cache" in chosen:
            names = ("ours, cache in memory", "ours, cache in a folder", "Keras, as fit uses it")
            race("later epochs", names, light, *how)
        if "small" in chosen:
            race("32 x 32 PNG", ("ours, 32 x 32", "Keras, 32 x 32"), small, *how)
            race("32 x 32 arrays", ("ours, arrays", "Keras, arrays"), small, *how)
        if "cold" in chosen:
            cold_start(light)


if __name__ == "__main__":
    main()
