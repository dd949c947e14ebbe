"""Batches from a folder with a folder for each class."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.engine.cache import check_apart
from twinfeed.images._frameworks import _keras
from twinfeed.images._listing import class_folders, find
from twinfeed.images.files import FileIterator
from twinfeed.images.iterator import check_choice


class DirectoryIterator(FileIterator):
    """Batches from a folder; the arguments are those of ``flow_from_directory``.

    Attributes:
        samples: How many pictures were found.
        num_classes: How many class folders, empty ones among them.
        class_indices: Label of each class name.
        classes: Label of each picture, int32.
        filenames: Name of each picture, relative to ``directory``.
    """

    allowed_class_modes = frozenset({"categorical", "binary", "sparse", "input", None})

    def __init__(
        self,
        directory: Any,
        image_data_generator: Any,
        target_size: Any = (256, 256),
        color_mode: str = "rgb",
        classes: Any = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: Any = None,
        *,
        threads: int | None = None,
        outside_links: str = "follow",
        **extras: Any,
    ) -> None:
        self.set_processing_attrs(
            image_data_generator,
            target_size,
            color_mode,
            data_format or _keras.setting("image_data_format"),
            save_to_dir,
            save_prefix,
            save_format,
            subset,
            interpolation,
            keep_aspect_ratio,
        )
        check_apart(extras.get("cache"), os.fsdecode(directory))
        self.set_extras(**extras)
        check_choice("outside_links", outside_links, {"follow", "refuse"})
        check_choice("class_mode", class_mode, self.allowed_class_modes)
        self.directory = directory
        self.class_mode = class_mode
        self.dtype = dtype or _keras.setting("floatx")
        folder = os.fsdecode(directory)
        if not os.path.isdir(folder):  # noqa: PTH112
            # A builtin error, as from the listing itself: scripts catch that.
            raise FileNotFoundError(f"No such folder of class folders: {folder!r}")
        names = list(classes) if classes else class_folders(folder)
        self.num_classes = len(names)
        self.class_indices = {name: label for label, name in enumerate(names)}
        self.filenames: list[str] = []
        labels: list[int] = []
        leaving = 0
        for name in names:
            found = find(
                folder,
                name,
                self.white_list_formats,
                self.split,
                follow_links=follow_links,
                outside_links=outside_links == "follow",
            )
            self.filenames += found.names
            labels += [self.class_indices[os.path.basename(os.path.join(folder, name))]] * len(  # noqa: PTH118, PTH119
                found.names
            )
            leaving += found.leaving
        self.samples = len(self.filenames)
        self.classes: Array = np.array(labels, dtype=np.int32)
        _keras.say(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        if leaving:
            _keras.say(
                f"Links lead to {leaving} of them out of the folder; "
                'outside_links="refuse" leaves such files out.'
            )
        self._filepaths = [os.path.join(folder, name) for name in self.filenames]  # noqa: PTH118
        super().__init__(self.samples, batch_size, shuffle, seed, threads=threads)
