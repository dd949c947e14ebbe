"""From a named source to a feed; runs in the watched process only."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from twinfeed._core.feed import Feed
from twinfeed.errors import NoFeedError, TwinfeedError, UserCodeError
from twinfeed.feeds._registry import as_feed
from twinfeed.observe._handed import spec_of_given
from twinfeed.observe.source import FactorySource, FolderSource, TfdsSource


def open_factory(source: FactorySource, say: Callable[[str], None]) -> Feed:
    """The feed that a factory returns; each build of it is a call of its own.

    Args:
        source: The factory.
        say: Told what begins now.

    Raises:
        UserCodeError: If the file or the function raises.
        NoFeedError: If it is no function or returns no feed.
    """
    name = f"{source.function}() of {source.path}"
    factory = find_factory(source, say)
    calls = 0

    def build() -> Feed:
        nonlocal calls
        calls += 1
        say(f"calling {source.function}()" + (f", call {calls}" if calls > 1 else ""))
        return _feed_of(factory, name, calls)

    return replace(build(), fresh=build)


def find_factory(source: FactorySource, say: Callable[[str], None]) -> Callable[[], object]:
    """The factory itself, after its file was run.

    Raises:
        UserCodeError: If the file raises.
        NoFeedError: If it is no function.
    """
    say(f"importing {source.path.name}")
    factory = getattr(_module(source), source.function, None)
    if not callable(factory):
        what = "is missing after the file was run" if factory is None else f"is a {_type(factory)}"
        hint = f"write `def make_feed(): return {source.function}` and name that"
        raise NoFeedError(f"{source.function} of {source.path}", what, hint)
    return cast("Callable[[], object]", factory)


def open_named(source: TfdsSource | FolderSource, say: Callable[[str], None]) -> Feed:
    """The feed of a TFDS split or of a folder.

    Raises:
        UserCodeError: If the library that reads it cannot open it.
    """
    options: dict[str, Any] = dict(source.options)
    if isinstance(source, TfdsSource):
        kind, place = "tfds", source.name
        options["split"] = source.split
        expected = "a data set that is prepared on this machine and has this split"
        hint = "check the spelling; prepare it with `tfds build`, or give its folder: ?data_dir=..."
    else:
        kind, place = "folder", source.path
        expected = "a folder with one folder of pictures per class"
        hint = "--traceback shows where it comes from"
    say("opening")
    adapter = importlib.import_module(f"twinfeed.feeds._adapters._{kind}")
    try:
        return cast("Feed", adapter.open_named(place, **options))
    except TwinfeedError:
        raise
    except Exception as error:
        raise UserCodeError(source.given, error, expected, hint) from error


def _feed_of(factory: Callable[[], object], name: str, call: int) -> Feed:
    if inspect.isgeneratorfunction(factory):
        return as_feed(factory)
    made = call_factory(factory, name, call)
    if made is None:
        raise NoFeedError(name, "returned None", "end it with `return dataset`")
    if isinstance(made, type):
        raise NoFeedError(name, f"returned the class {made.__name__}", "return an instance of it")
    # What can only be read once; Keras's iterators can be asked for any batch, too.
    if hasattr(made, "__next__") and not hasattr(made, "__getitem__"):
        return as_feed(factory)  # makes another for each epoch
    return replace(as_feed(made), spec=spec_of_given(made))


def call_factory(factory: Callable[[], object], name: str, call: int = 1) -> object:
    """What a factory returns.

    Args:
        factory: The user's function.
        name: What messages call it.
        call: Which call of it this is.

    Raises:
        UserCodeError: If it raises.
    """
    try:
        return factory()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        hint = "call it on its own to reproduce it; --traceback shows the way there"
        if call > 1:
            name = f"{name}, called again,"
            hint = "it is called again to see what stays the same in a new build; let it not depend on the first"
        raise UserCodeError(name, error, "a function that returns a feed", hint) from error


def _module(source: FactorySource) -> ModuleType:
    """Run the file that defines the factory, as ``import`` from its own folder would."""
    sys.argv = [str(source.path)]
    folder = Path.cwd() if source.module else source.path.resolve().parent
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(source.module) if source.module else _load(source.path)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        hint = f"run it on its own to reproduce it: python {source.path}"
        if isinstance(error, ModuleNotFoundError):
            hint = f"install {error.name}, or put its folder on the path: PYTHONPATH=. twinfeed ..."
        raise UserCodeError(str(source.path), error, "a file that can be imported", hint) from error


def _load(path: Path) -> ModuleType:
    # A file may be called like a module that is in use here.
    name = path.stem if path.stem not in sys.modules else f"{path.stem}_of_{path.parent.name}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None, "a .py file has a loader"
    assert spec.loader is not None, "a .py file has a loader"
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # so that what it defines can be sent to worker processes
    spec.loader.exec_module(module)
    return module


def _type(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
