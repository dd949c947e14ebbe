"""Batches from files: reading, transforming, labels, and what to do about files that fail."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.engine.buffers import Buffers
from twinfeed.engine.cache import DEFAULT_BYTES, open_cache
from twinfeed.engine.crew import Job
from twinfeed.engine.decode import Grid, Wanted, as_grid, load, pillow, stamp, tells
from twinfeed.engine.warp import Sampling, taken, warp
from twinfeed.errors import ImageFileError
from twinfeed.images import _pixels
from twinfeed.images._affine import Move, matrix_of
from twinfeed.images._draws import Draws, draw_batch, draw_one
from twinfeed.images._frameworks import _keras
from twinfeed.images.iterator import Iterator, Making, check_choice, settings_of

_TINY_BYTES = 1 << 13
"""Of a file, and values of a picture."""
_CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}


class FileIterator(Iterator):
    """Batches of pictures that lie in files.

    These arguments of ``flow_from_directory`` and ``flow_from_dataframe`` are not Keras's.

    Args:
        on_error: ``"raise"`` ends with the name of a file that cannot be read and what is wrong
            with it; ``"skip"`` takes the next file that can be read, with its own label and the
            transformation that was drawn, so that batches stay full and come out the same each
            time. ``skipped`` lists them.
        cache: ``"memory"`` or a folder keeps decoded and resized pictures for later epochs.
        cache_bytes: Most that the cache may take; 2 GiB by default.
        threads: Threads that make pictures.
    """

    allowed_class_modes: frozenset[str | None] = frozenset()
    class_mode: str | None
    class_indices: dict[str, int]
    dtype: Any
    classes: Any
    _filepaths: list[str]
    samples: int

    def set_processing_attrs(
        self,
        image_data_generator: Any,
        target_size: Any,
        color_mode: str,
        data_format: str,
        save_to_dir: Any,
        save_prefix: str,
        save_format: str,
        subset: str | None,
        interpolation: str,
        keep_aspect_ratio: bool,
    ) -> None:
        """Keep how files become batches; the arguments are those of ``flow_from_directory``."""
        check_choice("color_mode", color_mode, set(_CHANNELS))
        self.image_data_generator = image_data_generator
        self.target_size: tuple[int, ...] = tuple(target_size)
        self.keep_aspect_ratio = keep_aspect_ratio
        self.color_mode = color_mode
        self.data_format = data_format
        channels = (_CHANNELS[color_mode],)
        first = data_format == "channels_first"
        self.image_shape = channels + self.target_size if first else self.target_size + channels
        self.save_to_dir = save_to_dir
        self.save_prefix = save_prefix
        self.save_format = save_format
        self.interpolation = interpolation
        self.subset = subset
        self.split: tuple[float, float] | None = None
        if subset is not None:
            check_choice("subset", subset, {"training", "validation"})
            held_back = image_data_generator._validation_split
            self.split = (0, held_back) if subset == "validation" else (held_back, 1)

    def set_extras(
        self, *, on_error: str = "raise", cache: Any = None, cache_bytes: int = DEFAULT_BYTES
    ) -> None:
        """Keep what Keras does not have; see the class."""
        check_choice("on_error", on_error, {"raise", "skip"})
        self.on_error = on_error
        self.cache = open_cache(cache, cache_bytes)
        self._bad: dict[int, ImageFileError] = {}
        self._buffers = Buffers()
        self._tiny: bool | None = None

    @property
    def skipped(self) -> dict[str, str]:
        """Files that could not be read so far, each with what is wrong with it."""
        return {error.path: error.why for _, error in sorted(self._bad.items())}

    @property
    def filepaths(self) -> list[str]:
        """Paths of all files, in the order of their numbers."""
        return self._filepaths

    @property
    def labels(self) -> Any:
        """Labels of all examples."""
        return self.classes

    @property
    def sample_weight(self) -> Any:
        """Weights of all examples, or ``None``."""
        return None

    # Making a batch.

    def _settings(self) -> tuple[Any, ...]:
        made_by = self.image_data_generator
        how = settings_of(made_by) if made_by is not None else ()
        mine = (self.target_size, self.color_mode, self.interpolation, self.dtype, self.on_error)
        return (*super()._settings(), *mine, self.keep_aspect_ratio, made_by, *how)

    def _in_order(self) -> bool:
        made_by = self.image_data_generator
        return made_by is not None and not getattr(made_by, "draws_apart", False)

    def _writes(self) -> bool:
        return bool(self.save_to_dir)

    def _wanted(self) -> Wanted:
        height, width = self.target_size
        return Wanted(
            self.color_mode, height, width, self.interpolation, bool(self.keep_aspect_ratio)
        )

    def _load(self, path: str, wanted: Wanted) -> Grid:
        if self.cache is None:
            return load(path, wanted)
        mark = stamp(path)
        kept = self.cache.get(path, mark, wanted)
        if kept is None:
            kept = taken(load(path, wanted))
            if tells(mark):
                self.cache.put(path, mark, wanted, kept)
        return as_grid(kept)

    def _load_or_next(self, paths: list[str], number: int, wanted: Wanted) -> tuple[Grid, int]:
        """The picture of an example, or of the next one that can be read, and its number."""
        for step in range(len(paths)):
            place = (number + step) % len(paths)
            known = self._bad.get(place)
            if known is not None and self.on_error == "skip":
                continue
            try:
                return self._load(paths[place], wanted), place
            except ImageFileError as error:
                if self.on_error == "raise":
                    raise
                self._bad[place] = error
        raise self._bad[number]

    def _start(self, indices: Array, random: np.random.RandomState | None) -> Making:
        count, wanted, paths = len(indices), self._wanted(), self.filepaths
        used = np.array(indices)
        batch = self._buffers.empty((count, *self.image_shape), self.dtype)
        grids: list[Any] = [None] * count
        if random is None:

            def decode(place: int) -> None:
                grid, used[place] = self._load_or_next(paths, int(indices[place]), wanted)
                grids[place] = as_grid(taken(grid))

            return Making(Job(decode, count, self._threads_worth()), batch, used, grids)
        draws = self._draws(count, random)
        make = _Maker(self, batch, draws)

        def work(place: int) -> None:
            grid, used[place] = self._load_or_next(paths, int(indices[place]), wanted)
            make(place, grid)

        samples = draws.samples if draws else None
        return Making(Job(work, count, self._threads_worth()), batch, used, grids, samples)

    def _threads_worth(self) -> int:
        """One for tiny pictures: threads would spend their time handing over the interpreter."""
        if self._tiny is None:
            some = self.filepaths[:: max(self.samples // 16, 1)]
            sizes = [os.path.getsize(path) for path in some if os.path.isfile(path)]  # noqa: PTH113, PTH202
            self._tiny = bool(sizes) and max(sizes) < _TINY_BYTES
        small = math.prod(self.image_shape) < _TINY_BYTES
        return 1 if small and self._tiny else self.threads

    def _draws(self, count: int, random: np.random.RandomState) -> Draws | None:
        if self.image_data_generator is None:
            return None
        height, width = self.target_size
        return draw_batch(self.image_data_generator, count, (height, width), random)

    def _finish(self, making: Making, indices: Array) -> Any:
        making.job.result()
        if self._in_order():
            with self._as_global():
                for place, grid in enumerate(making.grids):
                    making.batch[place] = self._made_in_order(grid)
        if self.save_to_dir:
            save_batch(self, making.batch, indices, 10_000_000)
        return self._with_labels(making.batch, making.used)

    def _made_in_order(self, grid: Grid) -> Array:
        generator, first = self.image_data_generator, self.data_format == "channels_first"
        dtype = np.dtype(_keras.setting("floatx"))
        if not getattr(generator, "has_own_steps", False):
            x = _pixels.sampled_grid(grid, None, Sampling(), channels_first=first, dtype=dtype)
            drawn = generator.get_random_transform(x.shape)
            return generator.standardize(generator.apply_transform(x, drawn))
        size = self.target_size
        drawn = draw_one(generator, size[0], size[1], np.random)
        matrix = matrix_of(Move(*(drawn[name] for name in Move._fields)), (size[0], size[1]))
        x = _pixels.sampled_grid(
            grid, matrix, generator.sampling, channels_first=first, dtype=dtype
        )
        shift, bright = drawn["channel_shift_intensity"], drawn["brightness"]
        flips = bool(drawn["flip_horizontal"]), bool(drawn["flip_vertical"])
        return generator.standardize(generator.recoloured(x, shift, *flips, bright))

    def _with_labels(self, batch: Array, used: Array) -> Any:
        if self.class_mode == "input":
            y: Any = batch.copy()
        elif self.class_mode in {"binary", "sparse"}:
            y = np.array([self.classes[number] for number in used.tolist()], dtype=self.dtype)
        elif self.class_mode == "categorical":
            y = np.zeros((len(batch), len(self.class_indices)), dtype=self.dtype)
            classes: Any = self.classes
            if isinstance(classes, np.ndarray):
                y[np.arange(len(batch)), classes[used]] = 1.0
            else:  # a row may be of several classes
                for place, number in enumerate(used.tolist()):
                    y[place, classes[number]] = 1.0
        elif self.class_mode == "multi_output":
            y = [output[used] for output in self.labels]
        elif self.class_mode == "raw":
            y = self.labels[used]
        else:
            return batch
        if self.sample_weight is None:
            return batch, y
        return batch, y, self.sample_weight[used]


class _Maker:
    """From the grid of a picture to its place in the batch; called from any thread."""

    def __init__(self, owner: FileIterator, batch: Array, draws: Draws | None) -> None:
        self.generator: Any = owner.image_data_generator
        self.first = owner.data_format == "channels_first"
        self.batch = batch
        self.draws = draws
        self.dtype = np.dtype(_keras.setting("floatx"))
        self.fused = self.generator is None or (
            self.generator.only_moves_and_scales and self.dtype == np.float32
        )

    def __call__(self, place: int, grid: Grid) -> None:
        draws, generator = self.draws, self.generator
        matrix, mirror, turn = None, False, False
        if draws is not None:
            matrix, mirror, turn = draws.matrices[place], draws.mirror[place], draws.turn[place]
        sampling = Sampling() if generator is None else generator.sampling
        if self.fused:
            target = self.batch[place]
            direct = self.batch.dtype == np.float32
            out = target if direct else np.empty(target.shape, np.float32)
            warp(
                grid,
                matrix,
                sampling,
                mirror=mirror,
                turn=turn,
                scale=(generator.rescale if generator else None) or 1.0,
                out=out.transpose(1, 2, 0) if self.first else out,
            )
            if not direct:
                target[...] = out
            return
        x = _pixels.sampled_grid(
            grid, matrix, sampling, channels_first=self.first, dtype=self.dtype
        )
        if draws is not None and generator is not None:
            shift = draws.channel_shift and draws.channel_shift[place]
            bright = draws.brightness[place] if draws.brightness else None
            x = generator.standardize(generator.recoloured(x, shift, mirror, turn, bright))
        self.batch[place] = x


def save_batch(owner: Any, batch: Array, indices: Array, most: int) -> None:
    """Write the pictures of a batch; their names are drawn from the stream, as in Keras."""
    first = owner.data_format == "channels_first"
    for place, number in enumerate(indices):
        image = pillow().as_image(batch[place], channels_first=first, scale=True)
        drawn = owner._stream.randint(most)
        name = f"{owner.save_prefix}_{number}_{drawn}.{owner.save_format}"
        image.save(os.path.join(owner.save_to_dir, name))  # noqa: PTH118
