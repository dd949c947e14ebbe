"""The feeds that ``images.py`` races: ours, Keras's, the decode limit and the peers."""

from __future__ import annotations

import contextlib
import io
import statistics
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

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


def by_opencv(path: str, random: np.random.Generator, out: Any = None) -> Any:
    """One picture by OpenCV: nearest resize, affine warp, flip, rescale; 2e-5 off."""
    import cv2

    image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR_RGB)
    image = cv2.resize(image, (224, 224), interpolation=cv2.INTER_NEAREST_EXACT)
    lean, zoom = np.deg2rad(random.uniform(-0.2, 0.2)), random.uniform(0.8, 1.2, 2)
    linear = np.array([[zoom[0], -np.sin(lean) * zoom[1]], [0, np.cos(lean) * zoom[1]]])
    matrix = np.column_stack([linear, 111.5 - linear @ [111.5, 111.5]])
    image = cv2.warpAffine(
        image.astype(np.float32), matrix, (224, 224),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    image = image[:, ::-1] if random.random() < 0.5 else image
    return np.multiply(image, np.float32(1 / 255), out=out)


def opencv_pool(folder: Path) -> Batches:
    """OpenCV in a pool of threads."""
    import cv2

    cv2.setNumThreads(1)
    source = flow(ImageDataGenerator, folder, SHEAR)
    random = np.random.default_rng(1)

    with ThreadPoolExecutor(cores()) as pool:
        held: deque[Any] = deque()
        while True:
            while len(held) < 4:
                chosen = random.integers(0, source.n, BATCH)
                out = np.empty((BATCH, 224, 224, 3), np.float32)
                jobs = [
                    pool.submit(by_opencv, source.filepaths[index], own, out[place])
                    for place, (index, own) in enumerate(
                        zip(chosen, random.spawn(BATCH), strict=True)
                    )
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

    class Warp(grain.RandomMapTransform):
        def random_map(self, element: Any, rng: np.random.Generator) -> Any:
            return by_opencv(element[0], rng), element[1]

    pairs = list(zip(source.filepaths, source.classes.tolist(), strict=True))
    data = grain.MapDataset.source(pairs).seed(1).shuffle().repeat().random_map(Warp()).batch(BATCH)
    options = grain.ReadOptions(num_threads=cores(), prefetch_buffer_size=3 * BATCH)
    return iter(data.to_iter_dataset(options))


def torch_processes(folder: Path, kind: type[OnePicture]) -> Batches:
    """Torch's DataLoader with as many processes as cores."""
    from torch.utils import data

    loader = data.DataLoader(kind(folder), BATCH, num_workers=cores(), drop_last=True)
    return map(tuple, loader)


class OnePicture:
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


class OnePictureQuickly(OnePicture):
    """The same by OpenCV."""

    def __getitem__(self, index: int) -> Any:
        import cv2

        cv2.setNumThreads(1)
        number, random = index % self.source.n, np.random.default_rng(index)
        image = by_opencv(self.source.filepaths[number], random)
        return np.ascontiguousarray(image), self.source.classes[number]


def dali(folder: Path) -> Batches:
    """DALI on processors: decode, nearest resize, one affine warp, flip, scale."""
    from nvidia.dali import fn, pipeline_def, types

    @pipeline_def(batch_size=BATCH, num_threads=cores(), device_id=None, prefetch_queue_depth=3)
    def pipe() -> Any:
        data, labels = fn.readers.file(file_root=str(folder), random_shuffle=True)
        image = fn.decoders.image(
            data, device="cpu", output_type=types.RGB, jpeg_fancy_upsampling=True
        )
        image = fn.resize(image, size=(224, 224), interp_type=types.INTERP_NN, antialias=False)
        middle = (112.0, 112.0)
        lean = fn.cat(
            fn.random.uniform(range=(-0.2, 0.2), shape=(1,)), fn.constant(fdata=0.0, shape=(1,))
        )
        sheared = fn.transforms.shear(angles=lean, center=middle)
        zoom = fn.random.uniform(range=(0.8, 1.2), shape=(2,))
        matrix = fn.transforms.scale(sheared, scale=zoom, center=middle)
        image = fn.warp_affine(
            image, matrix=matrix, interp_type=types.INTERP_LINEAR, dtype=types.FLOAT
        )
        image = fn.flip(image, horizontal=fn.random.coin_flip()) * np.float32(1 / 255)
        return image, labels

    made = pipe()
    made.build()
    while True:
        images, labels = made.run()
        yield images.as_array(), labels.as_array()


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


def small_files(folder: Path) -> None:
    """PNGs of 32 x 32."""
    random = np.random.default_rng(5)
    for number in range(1000):
        inner = folder / f"class{number % 5}"
        inner.mkdir(parents=True, exist_ok=True)
        photo(random, 32, 32, 4).save(inner / f"{number:04}.png")
