"""Drawing, applying and fitting: what ``ImageDataGenerator`` does to one picture."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.engine.warp import Sampling
from twinfeed.errors import UsageError
from twinfeed.images import _pixels
from twinfeed.images._affine import Move, matrix_of
from twinfeed.images._draws import draw_one
from twinfeed.images._frameworks import _keras

_OVERRIDES = (
    ("featurewise_std_normalization", "featurewise_center"),
    ("samplewise_std_normalization", "samplewise_center"),
)


class Transforms:
    """The arguments of ``ImageDataGenerator`` and what they do to a picture."""

    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: Any = 0.0,
        height_shift_range: Any = 0.0,
        brightness_range: Any = None,
        shear_range: float = 0.0,
        zoom_range: Any = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: Any = None,
        preprocessing_function: Any = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: Any = None,
        *,
        keras_faults: bool = True,
    ) -> None:
        self.featurewise_center = featurewise_center
        self.samplewise_center = samplewise_center
        self.featurewise_std_normalization = featurewise_std_normalization
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening = zca_whitening
        self.zca_epsilon = zca_epsilon
        self.rotation_range = rotation_range
        self.width_shift_range = width_shift_range
        self.height_shift_range = height_shift_range
        self.shear_range = shear_range
        self.zoom_range = _zoom(zoom_range)
        self.channel_shift_range = channel_shift_range
        self.brightness_range = _brightness(brightness_range)
        self.fill_mode = fill_mode
        self.cval = cval
        self.horizontal_flip = horizontal_flip
        self.vertical_flip = vertical_flip
        self.rescale = rescale
        self.preprocessing_function = preprocessing_function
        self.interpolation_order = interpolation_order
        self.keras_faults = keras_faults
        self.dtype = dtype or _keras.setting("floatx")
        self.data_format = data_format or _keras.setting("image_data_format")
        if self.data_format not in {"channels_last", "channels_first"}:
            raise UsageError(
                f"data_format={data_format!r}",
                '"channels_last" or "channels_first"',
                "leave it out to use Keras's own setting",
            )
        first = self.data_format == "channels_first"
        self.channel_axis, self.row_axis, self.col_axis = (1, 2, 3) if first else (3, 1, 2)
        if validation_split and not 0 < validation_split < 1:
            raise UsageError(
                f"validation_split={validation_split!r}",
                "a fraction strictly between 0 and 1",
                "0.2 holds back a fifth of each class",
            )
        self._validation_split = validation_split
        self.mean: Array | None = None
        self.std: Array | None = None
        self.zca_whitening_matrix: Array | None = None
        self._override()

    def _override(self) -> None:
        if self.zca_whitening:
            if not self.featurewise_center:
                self.featurewise_center = True
                _overrides("zca_whitening", "featurewise_center")
            if self.featurewise_std_normalization:
                self.featurewise_std_normalization = False
                _overrides("zca_whitening", "featurewise_std_normalization")
        for name, needed in _OVERRIDES:
            if getattr(self, name) and not getattr(self, needed):
                setattr(self, needed, True)
                _overrides(name, needed)

    @property
    def draws_apart(self) -> bool:
        """Whether drawing and making may be separated.

        A function of the user's may draw from NumPy's stream between two pictures, and a method
        of a subclass may do anything: then pictures are finished one by one, in order. Keras's
        own ``preprocess_input`` functions draw nothing.
        """
        function = self.preprocessing_function
        return (not function or _keras.is_preprocess_input(function)) and self.has_own_steps

    @property
    def has_own_steps(self) -> bool:
        """Whether drawing, moving and normalising are what they are here, not a subclass's."""
        kind = type(self)
        return (
            kind.get_random_transform,
            kind.apply_transform,
            kind.standardize,
        ) == _STEPS and _STEP_NAMES.isdisjoint(vars(self))

    @property
    def only_moves_and_scales(self) -> bool:
        """Whether the fused pass is all there is to do."""
        return (
            type(self.rescale) in {float, int, type(None)}
            and not self.preprocessing_function
            and self.channel_shift_range == 0
            and self.brightness_range is None
            and not self.samplewise_center
            and not self.samplewise_std_normalization
            and not self.featurewise_center
            and not self.featurewise_std_normalization
            and not self.zca_whitening
        )

    @property
    def sampling(self) -> Sampling:
        """How values between and outside of pixels are found."""
        return Sampling(self.fill_mode, self.cval, self.interpolation_order)

    def standardize(self, x: Array) -> Array:
        """Normalise, in place where NumPy can.

        Args:
            x: One picture or a batch.
        """
        return _pixels.standardized(x, self)

    def get_random_transform(
        self, img_shape: tuple[int, ...], seed: int | None = None
    ) -> dict[str, Any]:
        """Draw one transformation from NumPy's global stream.

        Args:
            img_shape: Shape of the picture.
            seed: Seeds the stream first.

        Returns:
            ``theta``, ``tx``, ``ty``, ``shear``, ``zx``, ``zy``, ``flip_horizontal``,
            ``flip_vertical``, ``channel_shift_intensity`` and ``brightness``.
        """
        if seed is not None:
            np.random.seed(seed)  # noqa: NPY002, TID251  what Keras does, and others rely on
        height, width = img_shape[self.row_axis - 1], img_shape[self.col_axis - 1]
        return draw_one(self, height, width, np.random)

    def apply_transform(self, x: Array, transform_parameters: dict[str, Any]) -> Array:
        """Transform one picture.

        Args:
            x: Three axes.
            transform_parameters: As ``get_random_transform`` returns them; any may be missing.
        """
        given = transform_parameters.get
        move = Move(**{name: given(name, still) for name, still in Move._field_defaults.items()})
        matrix = matrix_of(move, (x.shape[self.row_axis - 1], x.shape[self.col_axis - 1]))
        if matrix is not None:
            x = _pixels.sampled(x, matrix, self.sampling, self.channel_axis - 1)
        return self.recoloured(
            x,
            given("channel_shift_intensity"),
            bool(given("flip_horizontal")),
            bool(given("flip_vertical")),
            given("brightness"),
        )

    def recoloured(
        self,
        x: Array,
        channel_shift: float | None,
        mirror: bool,
        turn: bool,
        brightness: float | None,
    ) -> Array:
        """What follows the sampling: channel shift, flips, brightness."""
        if channel_shift is not None:
            x = _pixels.channel_shifted(x, channel_shift, self.channel_axis - 1)
        if mirror:
            x = _pixels.flipped(x, self.col_axis - 1)
        if turn:
            x = _pixels.flipped(x, self.row_axis - 1)
        if brightness is None:
            return x
        if self.keras_faults:
            return _pixels.brightened(x, brightness)
        return _pixels.brightened_right(x, brightness)

    def random_transform(self, x: Array, seed: int | None = None) -> Array:
        """Transform one picture at random.

        Args:
            x: Three axes.
            seed: Seeds NumPy's global stream first.
        """
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def fit(
        self,
        x: Any,
        augment: bool = False,
        rounds: int = 1,
        seed: int | None = None,
    ) -> None:
        """Find the statistics that featurewise arguments and whitening need.

        Args:
            x: ``(examples, height, width, channels)``.
            augment: Whether they are those of transformed pictures.
            rounds: Passes over the data for ``augment``.
            seed: Seeds NumPy's global stream first.
        """
        x = np.asarray(x, dtype=self.dtype)
        if x.ndim != 4:
            raise UsageError(
                f"an array of shape {x.shape} to fit",
                "four axes: examples, height, width, channels",
                "add an axis for a single channel with x[..., None]",
            )
        if x.shape[self.channel_axis] not in {1, 3, 4}:
            warnings.warn(
                f"{x.shape[self.channel_axis]} channels on axis {self.channel_axis} "
                f"({self.data_format}, shape {x.shape}); expected 1, 3 or 4.",
                stacklevel=2,
            )
        if seed is not None:
            np.random.seed(seed)  # noqa: NPY002, TID251
        x = np.copy(x)
        if self.rescale:
            x *= self.rescale
        if augment:
            made = np.zeros((rounds * x.shape[0], *x.shape[1:]), dtype=self.dtype)
            for place in range(len(made)):
                made[place] = self.random_transform(x[place % len(x)])
            x = made
        axes = (0, self.row_axis, self.col_axis)
        shape = [1, 1, 1]
        shape[self.channel_axis - 1] = x.shape[self.channel_axis]
        if self.featurewise_center:
            self.mean = np.reshape(np.mean(x, axis=axes), shape)
            x -= self.mean
        if self.featurewise_std_normalization:
            self.std = np.reshape(np.std(x, axis=axes), shape)
            x /= self.std + 1e-6
        if self.zca_whitening:
            flat = np.reshape(x, (len(x), -1))
            u, s, _ = np.linalg.svd(flat.T, full_matrices=False)
            self.zca_whitening_matrix = (u * (np.sqrt(len(x)) / (s + self.zca_epsilon))).dot(u.T)


_STEPS = Transforms.get_random_transform, Transforms.apply_transform, Transforms.standardize
_STEP_NAMES = frozenset(step.__name__ for step in _STEPS)


def _zoom(given: Any) -> list[float]:
    if isinstance(given, float | int):
        return [1 - given, 1 + given]
    if len(given) == 2 and all(isinstance(value, float | int) for value in given):
        return [given[0], given[1]]
    raise UsageError(f"zoom_range={given!r}", "a number or two", "0.2 is short for [0.8, 1.2]")


def _brightness(given: Any) -> Any:
    pair: Any = given
    if given is not None and (not isinstance(given, tuple | list) or len(pair) != 2):
        raise UsageError(f"brightness_range={pair!r}", "two numbers", "for example (0.8, 1.2)")
    return pair


def _overrides(name: str, other: str) -> None:
    warnings.warn(
        f"This ImageDataGenerator specifies `{name}`, which overrides setting of `{other}`.",
        stacklevel=4,
    )
