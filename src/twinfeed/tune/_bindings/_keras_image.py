"""Iterators of Keras's ``ImageDataGenerator`` as those of the drop-in."""

from __future__ import annotations

import contextlib
import inspect
import io
import os
from typing import Any

from twinfeed.errors import TwinfeedError
from twinfeed.images import ImageDataGenerator
from twinfeed.tune._bindings._looked import differs_from, open_epoch
from twinfeed.tune._forms import Form, Forms

_FITTED = ("mean", "std", "zca_whitening_matrix")
_COUNTERS = ("batch_index", "total_batches_seen")
_CODE = "from twinfeed.images import ImageDataGenerator  # in the place of Keras's, the rest stays"


def forms_of(iterator: Any, cores: int, *, unsafe: bool) -> Forms:
    """The drop-in's iterator over the same pictures, with the same seed and settings."""
    del cores, unsafe
    forms: list[Form] = []
    why = ""
    try:
        ported(iterator)
        forms = [Form(name="the drop-in", code=_CODE, build=lambda: ported(iterator))]
    except (TwinfeedError, AttributeError, TypeError, ValueError, OSError) as error:
        why = (
            f"the drop-in was not built from it ({str(error).splitlines()[0]}); in your code it is "
            f"`{_CODE}`"
        )
    return Forms(
        kind="iterator of ImageDataGenerator",
        open_epoch=open_epoch,
        forms=forms,
        differs=differs_from(iterator),
        why=why,
    )


def ported(iterator: Any) -> Any:
    """The drop-in's iterator for one of Keras's.

    Raises:
        ValueError: If it cannot be built from what the iterator keeps.
    """
    generator = _generator(iterator.image_data_generator)
    kind = type(iterator).__name__
    given = {name: getattr(iterator, name) for name in ("batch_size", "shuffle", "seed")}
    with contextlib.redirect_stdout(io.StringIO()):
        if kind == "DirectoryIterator":
            made = _folder(iterator, generator, given)
        elif kind == "NumpyArrayIterator":
            x = [iterator.x, iterator.x_misc] if iterator.x_misc else iterator.x
            made = generator.flow(x, iterator.y, sample_weight=iterator.sample_weight, **given)
        else:
            raise ValueError(f"a {kind} does not keep what it was made of")
    for name in _COUNTERS:
        setattr(made, name, getattr(iterator, name))
    if iterator.index_array is not None:
        made.index_array = iterator.index_array.copy()
    return made


def _folder(iterator: Any, generator: Any, given: dict[str, Any]) -> Any:
    kept = ("target_size", "color_mode", "class_mode", "subset", "interpolation")
    given |= {name: getattr(iterator, name) for name in kept}
    given["keep_aspect_ratio"] = getattr(iterator, "keep_aspect_ratio", False)
    classes = list(iterator.class_indices)
    for follow_links in (False, True):
        made = generator.flow_from_directory(
            iterator.directory, classes=classes, follow_links=follow_links, **given
        )
        if list(map(os.fspath, made.filenames)) == list(iterator.filenames):
            return made
    raise ValueError("its folder now holds other files than it found")


def _generator(theirs: Any) -> Any:
    names = inspect.signature(ImageDataGenerator).parameters
    given = {name: getattr(theirs, name) for name in names if hasattr(theirs, name)}
    given["validation_split"] = theirs._validation_split
    # Keras keeps factors as an interval around 1; as a number it would be taken for a width.
    made = ImageDataGenerator(**given)
    for name in _FITTED:
        setattr(made, name, getattr(theirs, name, None))
    return made
