"""``ImageDataGenerator``: Keras's arguments and Keras's batches, made quickly."""

from __future__ import annotations

import warnings
from typing import Any

from twinfeed.images.arrays import NumpyArrayIterator
from twinfeed.images.dataframe import DataFrameIterator
from twinfeed.images.directory import DirectoryIterator
from twinfeed.images.transforms import Transforms


class ImageDataGenerator(Transforms):
    """A drop-in for ``keras.preprocessing.image.ImageDataGenerator``.

    Same arguments, same seed, same batches: file order, random numbers and pixels are Keras's.
    What each argument's equality rests on is in the parity table of the documentation.

    Args:
        featurewise_center: Subtract the mean that ``fit`` found, per channel.
        samplewise_center: Subtract each picture's own mean.
        featurewise_std_normalization: Divide by the standard deviation that ``fit`` found.
        samplewise_std_normalization: Divide by each picture's own standard deviation.
        zca_whitening: Decorrelate with the matrix that ``fit`` found.
        zca_epsilon: Keeps the whitening finite.
        rotation_range: Degrees, to either side.
        width_shift_range: A fraction of the width below 1, else columns; an integer or a list
            is chosen from.
        height_shift_range: The same for rows.
        brightness_range: Two factors.
        shear_range: Degrees.
        zoom_range: ``[lower, upper]``, or ``z`` for ``[1 - z, 1 + z]``.
        channel_shift_range: Most that is added to all values of a picture.
        fill_mode: ``"nearest"``, ``"constant"``, ``"reflect"`` or ``"wrap"``, or any other that
            SciPy knows.
        cval: Value outside of the picture for ``"constant"``.
        horizontal_flip: Flip left and right half of the time.
        vertical_flip: Flip top and bottom half of the time.
        rescale: Factor, after every transformation.
        preprocessing_function: Called with each transformed picture, before ``rescale``.
        data_format: ``"channels_last"`` or ``"channels_first"``; Keras's setting by default.
        validation_split: Fraction held back for ``subset="validation"``, from 0 to 1.
        interpolation_order: Order of the spline, 0 to 5.
        dtype: Of the batches; Keras's setting by default.
        keras_faults: Keep what is known to be wrong in Keras, so that its batches come out. With
            ``False``, ``brightness_range`` multiplies and clips, in floats, whatever the range
            of the values and wherever the channels are.
    """

    def flow(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Any = None,
        seed: int | None = None,
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        ignore_class_split: bool = False,
        subset: str | None = None,
        **more: Any,
    ) -> NumpyArrayIterator:
        """Batches from arrays.

        Args:
            x: ``(examples, height, width, channels)``, or that and a list of more arrays.
            y: Labels, or ``None``.
            batch_size: Examples in a batch.
            shuffle: Whether each epoch has an order of its own.
            sample_weight: Weights, or ``None``.
            seed: See ``Iterator``.
            save_to_dir: Folder for the pictures as they are yielded.
            save_prefix: Start of their names.
            save_format: Their format.
            ignore_class_split: Whether the two parts of ``validation_split`` may differ in classes.
            subset: ``"training"`` or ``"validation"``.
            **more: ``threads``.
        """
        return NumpyArrayIterator(
            x,
            y,
            self,
            batch_size=batch_size,
            shuffle=shuffle,
            sample_weight=sample_weight,
            seed=seed,
            data_format=self.data_format,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            ignore_class_split=ignore_class_split,
            subset=subset,
            dtype=self.dtype,
            **more,
        )

    def flow_from_directory(
        self,
        directory: Any,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Any = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        **more: Any,
    ) -> DirectoryIterator:
        """Batches from a folder with a folder for each class.

        Args:
            directory: The folder.
            target_size: Height and width.
            color_mode: ``"rgb"``, ``"rgba"`` or ``"grayscale"``.
            classes: Names of folders in the order of their labels; all, sorted, by default.
            class_mode: ``"categorical"``, ``"binary"``, ``"sparse"``, ``"input"`` or ``None``.
            batch_size: Examples in a batch.
            shuffle: Whether each epoch has an order of its own.
            seed: See ``Iterator``.
            save_to_dir: Folder for the pictures as they are yielded.
            save_prefix: Start of their names.
            save_format: Their format.
            follow_links: Whether linked folders inside of a class are searched.
            subset: ``"training"`` or ``"validation"``.
            interpolation: How a picture is resized.
            keep_aspect_ratio: Whether the middle is cut out in the wanted ratio first.
            **more: ``on_error``, ``cache``, ``cache_bytes``, ``outside_links``, ``threads``: see
                ``FileIterator``.
        """
        return DirectoryIterator(
            directory,
            self,
            target_size=target_size,
            color_mode=color_mode,
            keep_aspect_ratio=keep_aspect_ratio,
            classes=classes,
            class_mode=class_mode,
            data_format=self.data_format,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            follow_links=follow_links,
            subset=subset,
            interpolation=interpolation,
            dtype=self.dtype,
            **more,
        )

    def flow_from_dataframe(
        self,
        dataframe: Any,
        directory: Any = None,
        x_col: str = "filename",
        y_col: Any = "class",
        weight_col: str | None = None,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Any = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        validate_filenames: bool = True,
        **more: Any,
    ) -> DataFrameIterator:
        """Batches from files that a pandas ``DataFrame`` names.

        Args:
            dataframe: One row per picture.
            directory: Where relative names begin; they are whole paths by default.
            x_col: Column with the names.
            y_col: Column with the labels; a list of columns for ``"multi_output"``.
            weight_col: Column with weights, or ``None``.
            target_size: Height and width.
            color_mode: ``"rgb"``, ``"rgba"`` or ``"grayscale"``.
            classes: Classes in the order of their labels; rows of others are left out.
            class_mode: ``"categorical"``, ``"binary"``, ``"sparse"``, ``"input"``, ``"raw"``,
                ``"multi_output"`` or ``None``.
            batch_size: Examples in a batch.
            shuffle: Whether each epoch has an order of its own.
            seed: See ``Iterator``.
            save_to_dir: Folder for the pictures as they are yielded.
            save_prefix: Start of their names.
            save_format: Their format.
            subset: ``"training"`` or ``"validation"``.
            interpolation: How a picture is resized.
            validate_filenames: Whether names that are no picture files are left out.
            **more: ``on_error``, ``cache``, ``cache_bytes``, ``threads``: see ``FileIterator``.
        """
        for name, instead in (
            ("has_ext", "names have to match the files exactly"),
            ("sort", "batches come in the order of the rows if `shuffle` is False"),
            ("drop_duplicates", "use pandas.DataFrame.drop_duplicates"),
        ):
            if name in more:
                del more[name]
                warnings.warn(f"{name} is deprecated: {instead}.", DeprecationWarning, stacklevel=2)
        if class_mode == "other":
            warnings.warn(
                '`class_mode="other"` is deprecated, please use `class_mode="raw"`.',
                DeprecationWarning,
                stacklevel=2,
            )
            class_mode = "raw"
        return DataFrameIterator(
            dataframe,
            directory,
            self,
            x_col=x_col,
            y_col=y_col,
            weight_col=weight_col,
            target_size=target_size,
            color_mode=color_mode,
            classes=classes,
            class_mode=class_mode,
            data_format=self.data_format,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            subset=subset,
            interpolation=interpolation,
            validate_filenames=validate_filenames,
            dtype=self.dtype,
            **more,
        )
