"""Batches from arrays."""

from __future__ import annotations

import warnings
from typing import Any, cast

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.engine.crew import Job
from twinfeed.engine.decode import as_grid
from twinfeed.engine.warp import warp
from twinfeed.errors import UsageError
from twinfeed.images import _pixels
from twinfeed.images._draws import draw_batch
from twinfeed.images._frameworks import _keras
from twinfeed.images.files import save_batch
from twinfeed.images.iterator import Iterator, Making, check_choice, settings_of

_WORTH_SHARING = 1 << 20
"""Values in a batch from which on threads gain more than their hand-over costs."""


class NumpyArrayIterator(Iterator):
    """Batches of pictures that lie in an array; the arguments are those of ``flow``."""

    def __init__(
        self,
        x: Any,
        y: Any,
        image_data_generator: Any,
        batch_size: int = 32,
        shuffle: bool = False,
        sample_weight: Any = None,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        ignore_class_split: bool = False,
        dtype: Any = None,
        *,
        threads: int | None = None,
    ) -> None:
        self.dtype = dtype or _keras.setting("floatx")
        self.data_format = data_format or _keras.setting("image_data_format")
        x_misc: list[Array] = []
        if isinstance(x, tuple | list):
            both = cast("Any", x)
            more: list[Any] = both[1] if isinstance(both[1], list) else [both[1]]
            x_misc, x = [np.asarray(each) for each in more], both[0]
            for each in x_misc:
                _same_length("each array in `x`", x, each)
        if y is not None:
            _same_length("`x` (images tensor) and `y` (labels)", x, y)
        if sample_weight is not None:
            _same_length("`x` (images tensor) and `sample_weight`", x, sample_weight)
        if subset is not None:
            check_choice("subset", subset, {"training", "validation"})
            at = int(len(x) * image_data_generator._validation_split)
            if y is not None and not ignore_class_split:
                _same_classes(y[:at], y[at:])
            part = slice(None, at) if subset == "validation" else slice(at, None)
            x, x_misc = x[part], [each[part] for each in x_misc]
            y = None if y is None else y[part]
        self.x = np.asarray(x, dtype=self.dtype)
        self.x_misc = x_misc
        if self.x.ndim != 4:
            raise UsageError(
                f"`x` of shape {self.x.shape}",
                "rank 4: examples, height, width, channels",
                "add an axis for a single channel with x[..., None]",
            )
        self.channel_axis = 3 if self.data_format == "channels_last" else 1
        if self.x.shape[self.channel_axis] not in {1, 3, 4}:
            warnings.warn(
                f"{self.x.shape[self.channel_axis]} channels on axis {self.channel_axis} "
                f"({self.data_format}, shape {self.x.shape}); expected 1, 3 or 4.",
                stacklevel=3,
            )
        self.y = None if y is None else np.asarray(y)
        self.sample_weight = None if sample_weight is None else np.asarray(sample_weight)
        self.image_data_generator = image_data_generator
        self.save_to_dir = save_to_dir
        self.save_prefix = save_prefix
        self.save_format = save_format
        super().__init__(self.x.shape[0], batch_size, shuffle, seed, threads=threads)

    def _settings(self) -> tuple[Any, ...]:
        generator = self.image_data_generator
        return (*super()._settings(), self.x, self.dtype, generator, *settings_of(generator))

    def _in_order(self) -> bool:
        return not getattr(self.image_data_generator, "draws_apart", False)

    def _writes(self) -> bool:
        return bool(self.save_to_dir)

    def _start(self, indices: Array, random: np.random.RandomState | None) -> Making:
        batch = np.empty((len(indices), *self.x.shape[1:]), self.dtype)
        generator = self.image_data_generator
        if random is None:
            return Making(Job(lambda _: None, 0, 1), batch, indices, [])
        first = self.channel_axis == 1
        shape = self.x.shape[2:4] if first else self.x.shape[1:3]
        draws = draw_batch(generator, len(indices), (shape[0], shape[1]), random)
        fused = generator.only_moves_and_scales and batch.dtype == self.x.dtype == np.float32
        sampling, scale = generator.sampling, generator.rescale or 1.0

        def work(place: int) -> None:
            x = self.x[indices[place]]
            matrix, mirror, turn = draws.matrices[place], draws.mirror[place], draws.turn[place]
            if fused:
                seen, out = (
                    (x.transpose(1, 2, 0), batch[place].transpose(1, 2, 0))
                    if first
                    else (x, batch[place])
                )
                warp(
                    as_grid(seen), matrix, sampling,
                    mirror=mirror, turn=turn, scale=scale, out=out,
                )  # fmt: skip
                return
            x = x.astype(self.dtype)
            if matrix is not None:
                x = _pixels.sampled(x, matrix, sampling, self.channel_axis - 1)
            shift = draws.channel_shift and draws.channel_shift[place]
            bright = draws.brightness[place] if draws.brightness else None
            x = generator.recoloured(x, shift, mirror, turn, bright)
            batch[place] = generator.standardize(x)

        threads = self.threads if batch.size >= _WORTH_SHARING else 1
        return Making(Job(work, len(indices), threads), batch, indices, [], draws.samples)

    def _finish(self, making: Making, indices: Array) -> Any:
        making.job.result()
        batch, generator = making.batch, self.image_data_generator
        if self._in_order():
            with self._as_global():
                for place, number in enumerate(indices):
                    x = self.x[number]
                    drawn = generator.get_random_transform(x.shape)
                    x = generator.apply_transform(x.astype(self.dtype), drawn)
                    batch[place] = generator.standardize(x)
        if self.save_to_dir:
            save_batch(self, batch, indices, 10_000)
        x = [batch, *(each[indices] for each in self.x_misc)] if self.x_misc else batch
        if self.y is None:
            return x
        if self.sample_weight is None:
            return x, self.y[indices]
        return x, self.y[indices], self.sample_weight[indices]


def _same_length(what: str, left: Any, right: Any) -> None:
    if len(left) != len(right):
        raise UsageError(
            f"{what} of shapes {np.shape(left)} and {np.shape(right)}",
            "the same length",
            "one entry per picture",
        )


def _same_classes(left: Any, right: Any) -> None:
    if not np.array_equal(np.unique(left), np.unique(right)):
        raise UsageError(
            "training and validation subsets with different classes after the split",
            "every class in both",
            "shuffle arrays that are sorted by label, or pass ignore_class_split=True",
        )
