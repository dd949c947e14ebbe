"""The demo's data: a TFDS builder, and the same training examples as an image folder."""

from __future__ import annotations

import contextlib
import logging
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow_datasets as tfds
from PIL import Image

from twinfeed.demo._frameworks.builder import TwinfeedDigits
from twinfeed.errors import SourceError

MOST_EXAMPLES = 2_000
_MOST_TEST = 500


@dataclass(frozen=True, slots=True)
class DemoData:
    """One data set in the two forms in which people have it.

    Attributes:
        name: What the report calls it.
        builder: A prepared TFDS builder.
        train: The split that is trained on.
        test: The split that is held out.
        folder: The examples of ``train`` as PNG files, one folder per class.
        classes: How many classes there are.
    """

    name: str
    builder: Any
    train: str
    test: str
    folder: Path
    classes: int


def prepare(data: str | None, cache: Path, progress: Callable[[str, int], None]) -> DemoData:
    """Write the data where they are missing; what is there is used again.

    Args:
        data: ``tfds:NAME`` for a data set that is prepared on this machine; the bundled
            digits by default.
        cache: A folder of ours.
        progress: Called with what is being done and the examples written.

    Raises:
        SourceError: If the data set is unknown, is not prepared, or has no images with labels.
    """
    tfds.display_progress_bar(False)  # noqa: FBT003 - the library's own signature
    logging.getLogger("absl").setLevel(logging.ERROR)
    cache.mkdir(parents=True, exist_ok=True)
    builder = _digits(cache) if data is None else _named(data)
    shape = builder.info.features["image"].shape
    train, test = _splits(builder)
    folder = cache / f"{builder.name}-{shape[0]}-{train.strip('train[]:')}"
    if not folder.is_dir():
        _write_folder(builder, train, folder, progress)
    name = "scikit-learn's digits" if data is None else data
    return DemoData(name, builder, train, test, folder, builder.info.features["label"].num_classes)


def _splits(builder: Any) -> tuple[str, str]:
    """A training split of bearable size, and what it does not hold to test on."""
    splits = builder.info.splits
    examples = splits["train"].num_examples
    held = next((name for name in ("test", "validation") if name in splits), None)
    if held is not None:
        most = min(_MOST_TEST, splits[held].num_examples)
        return f"train[:{min(MOST_EXAMPLES, examples)}]", f"{held}[:{most}]"
    train = min(MOST_EXAMPLES, examples * 4 // 5)
    return f"train[:{train}]", f"train[{train}:{min(train + _MOST_TEST, examples)}]"


def _digits(cache: Path) -> Any:
    builder = TwinfeedDigits(data_dir=cache / "tfds")
    with contextlib.redirect_stdout(sys.stderr):  # our standard output is for results
        builder.download_and_prepare()
    return builder


def _named(data: str) -> Any:
    expected = "tfds:NAME of a data set with an image, a label and a train split, prepared here"
    name = data.removeprefix("tfds:").partition("/")[0] if data.startswith("tfds:") else ""
    if not name:
        raise SourceError(data, "this is not a TFDS name", expected, "try --data tfds:mnist")
    try:
        builder = tfds.builder(data.removeprefix("tfds:").removesuffix("/train"))
    except (tfds.core.registered.DatasetNotFoundError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise SourceError(data, first, expected, "`tfds build --help` prepares one") from None
    if not Path(builder.data_dir).is_dir():
        raise SourceError(
            data, f"it is not prepared in {builder.data_dir}", expected, f"run `tfds build {name}`"
        )
    if not {"image", "label"} <= set(builder.info.features):
        keys = ", ".join(builder.info.features)
        raise SourceError(data, f"it has {keys}", expected, "try --data tfds:mnist")
    return builder


def _write_folder(
    builder: Any, split: str, folder: Path, progress: Callable[[str, int], None]
) -> None:
    """Write whole or not at all: a folder of another name that is renamed when it is complete."""
    names = builder.info.features["label"].names
    partial = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        examples = tfds.as_numpy(builder.as_dataset(split=split, shuffle_files=False))
        for number, example in enumerate(examples):
            target = partial / names[int(example["label"])].replace("/", "-")
            target.mkdir(exist_ok=True)
            pixels = np.squeeze(example["image"])
            Image.fromarray(pixels).save(target / f"{number:05}.png", compress_level=1)
            progress("writing the image folder", number + 1)
        partial.chmod(0o755)
        partial.rename(folder)
    except FileExistsError:  # another run was faster; its folder is the same
        shutil.rmtree(partial)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
