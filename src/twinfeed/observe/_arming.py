"""Watching Keras and ``tf.data``: now, or as soon as the process imports them.

The script that is watched chooses Keras's backend and TensorFlow's settings before it
imports them, so nothing here may import them first.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_SEAM = "twinfeed.observe._frameworks._keras_seam"
_PLACES = "twinfeed.graph._bindings._places"


@contextmanager
def armed() -> Generator[None]:
    """Keep the seam into Keras in place for a while.

    Raises:
        KerasVersionError: If this version of Keras cannot be watched.
    """
    with _watched("keras", "Model", _SEAM):
        yield


@contextmanager
def places_noted() -> Generator[None]:
    """Note for a while where in the user's code each step of ``tf.data`` is written."""
    with _watched("tensorflow", "data", _PLACES):
        yield


@contextmanager
def _watched(library: str, last: str, seam: str) -> Generator[None]:
    """Install one of our modules in a library, at the latest when it has been imported.

    Args:
        library: The library.
        last: A name that it has once it is loaded.
        seam: The module; its ``install`` and ``uninstall`` are called.
    """
    finder = _OnImport(library, seam)
    if hasattr(sys.modules.get(library), last):
        finder.arm()
    else:
        sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
        finder.disarm()


class _OnImport(MetaPathFinder):
    """Finds a library as the finders behind it do, and arms once it is executed."""

    def __init__(self, library: str, seam: str) -> None:
        self._library = library
        self._seam = seam
        self._armed = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._library:
            return None
        for finder in sys.meta_path:
            if finder is not self:
                spec = finder.find_spec(fullname, path, target)
                if spec is not None:
                    if spec.loader is not None:
                        spec.loader = _ArmingLoader(spec.loader, self)
                    return spec
        return None

    def arm(self) -> None:
        if not self._armed:
            importlib.import_module(self._seam).install()
            self._armed = True

    def disarm(self) -> None:
        if self._armed:
            importlib.import_module(self._seam).uninstall()
            self._armed = False


class _ArmingLoader(Loader):
    """Steps aside before the module runs, so that it sees its own loader."""

    def __init__(self, loader: Loader, finder: _OnImport) -> None:
        self._loader = loader
        self._finder = finder

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        own: Any = module
        own.__loader__ = self._loader
        if own.__spec__ is not None:
            own.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._finder.arm()
