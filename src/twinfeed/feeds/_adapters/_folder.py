"""A folder of images, with one sub-folder per class, as a feed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path, PurePath
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.batch import Array, Batch
from twinfeed._core.feed import Feed
from twinfeed._core.plan import Plan, Setting, Step
from twinfeed._core.unpack import as_rows
from twinfeed.errors import FeedReadError, MissingLibraryError, UsageError
from twinfeed.feeds._adapters._folder_list import Listing, list_folder

try:
    from PIL import Image
except ImportError as error:
    raise MissingLibraryError("PIL", "read a folder of images", "images") from error

NAME = "image folder"
LabelMode: TypeAlias = Literal["int", "categorical", "binary"]
ColorMode: TypeAlias = Literal["rgb", "rgba", "grayscale"]
HEADERS = 256
_UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)
_MODES = {"rgb": "RGB", "rgba": "RGBA", "grayscale": "L"}


def open_feed(path: PurePath) -> Feed:
    """View a folder as a feed with every default of ``open_named``."""
    return open_named(path)


def open_named(
    path: str | PurePath,
    *,
    image_size: tuple[int, int] | int | None = None,
    batch_size: int = 32,
    label_mode: LabelMode | None = "int",
    color_mode: ColorMode = "rgb",
    shuffle: bool = False,
    seed: int = 0,
) -> Feed:
    """Read a folder's images with Pillow, in the order of classes and names.

    Args:
        path: The folder. Each sub-folder is a class, in the order of their names; without
            sub-folders the images have no label.
        image_size: Height and width in pixels to which each image is resized (Pillow's bilinear,
            which smooths when it shrinks); ``None`` leaves the sizes as they are.
        batch_size: Images per batch, at least 1.
        label_mode: ``int`` is the number of the class (int32), ``categorical`` one of n
            (float32), ``binary`` 0 or 1 in a column (float32), ``None`` no label.
        color_mode: Channels of the images, uint8 from 0 to 255.
        shuffle: Mix all images anew in each epoch.
        seed: Seed of the order.

    Raises:
        SourceError: If the folder cannot be read or holds no image.
        UsageError: If an argument means nothing.
    """
    if color_mode not in _MODES:
        raise UsageError(
            f"color_mode={color_mode!r}", f"one of {', '.join(_MODES)}", "rgb fits most"
        )
    if batch_size < 1:
        raise UsageError(f"batch_size={batch_size}", "at least 1", "leave batch_size out for 32")
    size = (image_size, image_size) if isinstance(image_size, int) else image_size
    listing = list_folder(Path(path))
    if not listing.classes:
        label_mode = None
    epochs = count()

    def open_epoch() -> Iterator[Batch]:
        epoch = next(epochs)
        alike = size is not None or _look_alike(listing)
        order = np.arange(len(listing.files))
        if shuffle:
            order = np.random.default_rng([seed, epoch]).permutation(len(order))
        for index, low in enumerate(range(0, len(order), batch_size)):
            picks = order[low : low + batch_size]
            images = [_read(listing, place, index, _MODES[color_mode], size) for place in picks]
            stackable = alike and len({image.shape for image in images}) == 1
            yield Batch(
                np.stack(images) if stackable else as_rows(images),
                _labels(listing, picks, label_mode),
                ids=np.asarray([listing.names[place] for place in picks], np.str_),
            )

    return Feed(
        name=NAME,
        open_epoch=open_epoch,
        batches=-(-len(listing.files) // batch_size),
        examples=len(listing.files),
        plan=_plan(listing, size, batch_size, color_mode, shuffle=shuffle),
        fresh=lambda: open_named(
            path,
            image_size=size,
            batch_size=batch_size,
            label_mode=label_mode,
            color_mode=color_mode,
            shuffle=shuffle,
            seed=seed,
        ),
        notes=listing.notes,
    )


def _look_alike(listing: Listing) -> bool:
    """Whether the images have one size, judged by the headers of some: all batches are of one kind."""
    picks = np.unique(np.linspace(0, len(listing.files) - 1, HEADERS).astype(int))
    sizes = set[tuple[int, int]]()
    for place in picks:
        try:
            with Image.open(listing.files[place]) as image:
                sizes.add(image.size)
        except _UNREADABLE:  # reading it says so, with the number of the batch
            continue
    return len(sizes) <= 1


def _read(
    listing: Listing, place: int, batch: int, mode: str, size: tuple[int, int] | None
) -> Array:
    file = listing.files[place]
    try:
        with Image.open(file) as image:
            image.load()
            shown = image if image.mode == mode else image.convert(mode)
            if size is not None and shown.size != (size[1], size[0]):
                shown = shown.resize((size[1], size[0]), Image.Resampling.BILINEAR)
            pixels = np.asarray(shown)
    except _UNREADABLE as error:
        raise FeedReadError(NAME, batch, OSError(f"{file}: {error}")) from error
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


def _labels(listing: Listing, picks: Array, mode: LabelMode | None) -> Array | None:
    if mode is None:
        return None
    labels = listing.labels[picks]
    if mode == "categorical":
        return np.eye(len(listing.classes), dtype=np.float32)[labels]
    return labels if mode == "int" else labels.astype(np.float32)[:, None]


def _plan(
    listing: Listing,
    size: tuple[int, int] | None,
    batch_size: int,
    color_mode: str,
    *,
    shuffle: bool,
) -> Plan:
    examples = len(listing.files)

    def step(
        kind: Literal["source", "shuffle", "decode", "resize", "batch"], **settings: Setting
    ) -> Step:
        return Step(kind=kind, where=kind, name="dir", settings=settings, examples_in=examples)

    steps = [
        step("source", directory=str(listing.folder), classes=len(listing.classes), python=True)
    ]
    if shuffle:
        steps.append(step("shuffle", buffer_size=examples))
    steps.append(step("decode", decoder="pil", color_mode=color_mode))
    if size is not None:
        height, width = size
        steps.append(
            step("resize", height=height, width=width, interpolation="bilinear", antialias=True)
        )
    steps.append(step("batch", batch_size=batch_size, drop_remainder=False))
    return Plan(tuple(steps), library=NAME)
