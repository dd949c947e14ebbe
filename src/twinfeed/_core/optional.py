"""Knowing about libraries without importing them."""

import sys
from importlib.util import find_spec

from twinfeed.errors import MissingLibraryError

EXTRAS = {
    "tensorflow": "tf", "keras": "tf", "tensorflow_datasets": "tfds", "torch": "torch",
    "grain": "grain", "PIL": "images", "pandas": "images", "libcst": "port",
    "tensorboard": "tensorboard",
}  # fmt: skip


def is_instance(obj: object, library: str, path: str) -> bool:
    """Whether ``obj`` is an instance of ``library.path``, without importing anything.

    An instance can only exist once its library has been imported, so a library
    absent from ``sys.modules`` settles the question. Parts of ``path`` are looked
    up in ``vars``, not with ``getattr``: some of TensorFlow's and Keras's
    attributes import half a framework when they are touched.

    >>> is_instance(3, "torch", "utils.data.DataLoader")
    False
    """
    found: object = sys.modules.get(library)
    for part in path.split("."):
        found = vars(found).get(part) if hasattr(found, "__dict__") else None
    return isinstance(found, type) and isinstance(obj, found)


def require(library: str, for_what: str) -> None:
    """Check that a library can be imported, without importing it.

    Raises:
        MissingLibraryError: With the line that installs it.
    """
    if library not in sys.modules and find_spec(library) is None:
        raise MissingLibraryError(library, for_what, EXTRAS.get(library, "all"))
