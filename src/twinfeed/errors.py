"""Every error twinfeed raises on purpose.

    TwinfeedError
    ├── FeedError                  a pipeline could not be viewed or read as a feed
    │   ├── UnknownFeedTypeError   no adapter recognises the object
    │   ├── AdapterError           an installed third-party adapter failed
    │   ├── OneShotFeedError       reading would use up the user's own iterator
    │   ├── BatchFormError         a batch is not x, (x, y) or (x, y, weight)
    │   ├── BatchSizeError         the leaves of a batch have no common first axis
    │   ├── FeedReadError          the pipeline raised while it was read
    │   ├── EmptyFeedError         an epoch ended without a batch
    │   ├── FeedTimeoutError       the pipeline gave nothing for too long
    │   ├── UserCodeError          a script or factory raised before a feed could be read
    │   ├── NoFeedError            a factory returned something that is no feed
    │   ├── NoFitError             a script never trained, evaluated or predicted
    │   └── ProcessDiedError       the process that read the feed crashed or was killed
    ├── TrainError                 a network cannot be trained on a feed
    │   └── NothingInCommonError   two feeds share too few examples to train and evaluate on
    ├── SourceError                a feed named on the command line cannot be had
    ├── TwinFileError              a file is not a trace that can be read
    ├── ImageFileError             a picture cannot be read
    ├── MissingLibraryError        known, but not installed
    ├── KerasVersionError          this version of Keras cannot be watched
    ├── FeedsDifferError           a test asked for the same feed and got another
    └── UsageError                 arguments that cannot mean anything

A message has three parts, in this order: what was given, what was expected,
and what to do about it (after ``Hint:``).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping


class TwinfeedError(Exception):
    """Base of every error that twinfeed raises on purpose."""


class FeedError(TwinfeedError):
    """A pipeline could not be viewed or read as a feed."""


class UnknownFeedTypeError(FeedError, TypeError):
    """No adapter recognises the object."""

    def __init__(self, given: object, known: Iterable[str]) -> None:
        self.given_type = type(given)
        self.known = tuple(known)
        super().__init__(
            f"Cannot read a {self.given_type.__module__}.{self.given_type.__qualname__} as a feed.\n"
            f"Expected one of: {', '.join(self.known)}.\n"
            "Hint: a Python function that yields batches can be passed as it is, without calling it."
        )


class AdapterError(FeedError, RuntimeError):
    """An installed third-party adapter failed."""

    def __init__(self, adapter: str, where: str, cause: BaseException) -> None:
        self.adapter = adapter
        super().__init__(
            f"The adapter {adapter!r} ({where}) raised {type(cause).__name__}: {cause}\n"
            "Expected a function that returns a Feed, or None for an object it does not know.\n"
            "Hint: update or uninstall the package that brings it."
        )


class OneShotFeedError(FeedError, TypeError):
    """Reading would use up the user's own iterator."""

    def __init__(self, given: object) -> None:
        kind = type(given)
        super().__init__(
            f"Given a {kind.__module__}.{kind.__qualname__}, which can be read only once.\n"
            "Expected something that can be opened again, so that your own object stays untouched.\n"
            "Hint: pass the function that makes it, or as_feed(..., consume=True) to use it up."
        )


class BatchFormError(FeedError, ValueError):
    """A batch is not ``x``, ``(x, y)`` or ``(x, y, weight)``."""

    def __init__(self, feed_name: str, index: int, given: str) -> None:
        self.feed_name = feed_name
        self.index = index
        super().__init__(
            f"Batch {index} of {feed_name} is {given}.\n"
            "Expected x, (x, y) or (x, y, weight), as in keras.Model.fit.\n"
            "Hint: map the pipeline to one of these forms before comparing it."
        )


class BatchSizeError(FeedError, ValueError):
    """The leaves of a batch have no common first axis."""

    def __init__(self, feed_name: str, index: int, sizes: Mapping[str, int | None]) -> None:
        self.feed_name = feed_name
        self.index = index
        self.sizes = dict(sizes)
        said = ", ".join(
            f"{path} has {'no axis' if size is None else f'{size} examples'}"
            for path, size in sizes.items()
        )
        super().__init__(
            f"Batch {index} of {feed_name}: {said}.\n"
            "Expected every array to have the examples of the batch as its first axis.\n"
            "Hint: add .batch(32) if the pipeline yields single examples."
        )


class FeedReadError(FeedError, RuntimeError):
    """The pipeline raised while it was read."""

    def __init__(self, feed_name: str, batches_read: int, cause: BaseException) -> None:
        self.feed_name = feed_name
        self.batches_read = batches_read
        super().__init__(
            f"{feed_name} raised {type(cause).__name__} at batch {batches_read}: {_first_lines(cause)}\n"
            "Expected an epoch that can be read to its end.\n"
            "Hint: iterate the pipeline on its own to reproduce it; --traceback shows where it comes from."
        )


class EmptyFeedError(FeedError, ValueError):
    """An epoch ended without a batch."""

    def __init__(self, feed_name: str) -> None:
        self.feed_name = feed_name
        super().__init__(
            f"{feed_name} ended before its first batch.\n"
            "Expected at least one batch.\n"
            "Hint: check the path or split, filters, and drop_remainder with a batch larger than the data."
        )


class FeedTimeoutError(FeedError, TimeoutError):
    """The pipeline gave nothing for too long."""

    def __init__(self, feed_name: str, waited_s: float, stacks: str = "", doing: str = "") -> None:
        self.feed_name = feed_name
        self.waited_s = waited_s
        self.stacks = stacks
        where = f"\nIt was last seen here:\n{stacks.rstrip()}" if stacks else ""
        super().__init__(
            f"{feed_name} gave no batch for {waited_s:g} s{f' ({doing})' if doing else ''}.\n"
            "Expected a batch or the end of the epoch.\n"
            f"Hint: raise --timeout if it is only slow.{where}"
        )


class UserCodeError(FeedError, RuntimeError):
    """A script or factory raised before a feed could be read."""

    def __init__(self, name: str, cause: BaseException, expected: str, hint: str) -> None:
        self.name = name
        first = _first_lines(cause)
        said = f"raised {type(cause).__name__}" + (f": {first}" if first else "")
        if isinstance(cause, SystemExit):
            said = f"called sys.exit({cause.code!r})"
        super().__init__(f"{name} {said}\nExpected {expected}.\nHint: {hint}")


class NoFeedError(FeedError, TypeError):
    """A factory returned something that is no feed."""

    def __init__(self, name: str, given: str, hint: str) -> None:
        self.name = name
        super().__init__(
            f"{name} {given}.\n"
            "Expected a function that returns what keras.Model.fit accepts: a tf.data.Dataset, a PyDataset, "
            "arrays, a torch DataLoader, a Grain dataset or a generator.\n"
            f"Hint: {hint}"
        )


class ProcessDiedError(FeedError, RuntimeError):
    """The process that read the feed crashed or was killed."""

    def __init__(self, name: str, how: str, hint: str) -> None:
        self.name = name
        super().__init__(
            f"The process that ran {name} {how}.\n"
            "Expected it to end by itself when everything was read.\n"
            f"Hint: {hint}"
        )


class NoFitError(FeedError, ValueError):
    """A script never trained, evaluated or predicted."""

    def __init__(self, given: object, why: str, hint: str) -> None:
        self.given = str(given)
        super().__init__(
            f"{given} {why}.\n"
            "Expected a script that calls fit, evaluate or predict of a Keras 3 model.\n"
            f"Hint: {hint}"
        )


class TrainError(TwinfeedError, ValueError):
    """A network cannot be trained on a feed."""

    def __init__(self, given: str, expected: str, hint: str) -> None:
        self.given = given
        super().__init__(f"Cannot train on {given}.\nExpected {expected}.\nHint: {hint}.")


class NothingInCommonError(TrainError):
    """Two feeds share too few examples, so nothing about them can be judged by a training."""


class KerasVersionError(TwinfeedError, RuntimeError):
    """This version of Keras cannot be watched."""

    def __init__(self, version: str, missing: str) -> None:
        self.version = version
        super().__init__(
            f"Keras {version} cannot be watched: {missing} is not where it was up to Keras 3.15.\n"
            "Expected Keras 3.12 to 3.15 with TensorFlow, JAX or PyTorch.\n"
            "Hint: install one of these, or compare the feeds themselves: twinfeed diff a.py:make_feed ..."
        )


class FeedsDifferError(TwinfeedError, AssertionError):
    """A test asked for the same feed and got another, or two that could not be judged.

    Attributes:
        report: The report of the comparison.
    """

    def __init__(self, report: object, text: str) -> None:
        self.report = report
        super().__init__(f"the feeds are not the same\n{text}")


class SourceError(TwinfeedError, ValueError):
    """A feed named on the command line cannot be had."""

    def __init__(self, given: str, why: str, expected: str, hint: str) -> None:
        self.given = given
        super().__init__(f"{given}: {why}\nExpected {expected}.\nHint: {hint}")


class TwinFileError(TwinfeedError, ValueError):
    """A file is not a trace that can be read."""

    def __init__(
        self,
        path: object,
        why: str,
        *,
        expected: str = "a trace as `twinfeed trace` writes it",
        hint: str = "record it again, or check that the file was copied whole",
    ) -> None:
        self.path = str(path)
        super().__init__(f"{path}: {why}.\nExpected {expected}.\nHint: {hint}.")


class ImageFileError(TwinfeedError, OSError):
    """A picture cannot be read."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        self.why = why
        # A name need not be text: bytes that are none are shown as such.
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        super().__init__(
            f"{shown}: {why}.\n"
            "Expected a file that Pillow can decode, no larger than it allows.\n"
            'Hint: repair or remove it, or pass on_error="skip" to go on without it.'
        )

    def __reduce__(self) -> tuple[type[ImageFileError], tuple[str, str]]:
        """Errors cross process borders; OSError would rebuild this one from its message."""
        return type(self), (self.path, self.why)


class MissingLibraryError(TwinfeedError, ImportError):
    """A library that twinfeed knows is not installed."""

    def __init__(self, library: str, for_what: str, extra: str) -> None:
        self.library = library
        self.extra = extra
        super().__init__(
            f"{library} is not installed, and it is needed to {for_what}.\n"
            f"Expected the extra [{extra}].\n"
            f'Hint: pip install "twinfeed[{extra}]"'
        )


class UsageError(TwinfeedError, ValueError):
    """Arguments that cannot mean anything."""

    def __init__(self, given: str, expected: str, hint: str) -> None:
        super().__init__(f"Given {given}.\nExpected {expected}.\nHint: {hint}")


def _first_lines(cause: BaseException) -> str:
    """What a message says before the graphs and tracebacks that frameworks append to it."""
    said = re.sub(r"\{\{\w+ [^}]*\}\}:?\s*", "", str(cause)).partition("Traceback (most recent")[0]
    return "\n".join([line for line in said.splitlines() if line.strip()][:3])
