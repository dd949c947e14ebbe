"""Options that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from twinfeed.errors import UsageError

if TYPE_CHECKING:
    from twinfeed.observe import Budget

_Command = TypeVar("_Command", bound=Callable[..., Any])
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12,
          "KI": 1 << 10, "MI": 1 << 20, "GI": 1 << 30, "TI": 1 << 40}  # fmt: skip


def size(_context: click.Context, _parameter: click.Parameter, given: str | None) -> int | None:
    """``8GB`` as bytes."""
    if given is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?I?)B?", given.strip().upper())
    if found is None or found[2] not in _UNITS:
        raise UsageError(f"--memory {given}", "a size: 8GB, 500MB or 2GiB", "write --memory 8GB")
    return int(float(found[1]) * _UNITS[found[2]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How feeds are read.

    Attributes:
        examples: Examples per epoch.
        epochs: Epochs of one build.
        seconds: Seconds per feed.
        every_value: Count every value.
        stop_after: Epochs after which each ``fit`` of a script is asked to stop.
        timeout_s: Seconds without a batch after which a feed is given up.
        verbosity: -1 quiet, 0, or 1 verbose.
    """

    examples: int
    epochs: int
    seconds: float
    every_value: bool
    stop_after: int | None
    timeout_s: float
    verbosity: int

    @property
    def budget(self) -> Budget:
        """The bounds of one observation."""
        from twinfeed.observe import Budget

        return Budget(examples=self.examples, epochs=self.epochs, seconds=self.seconds)


def reading(command: _Command) -> _Command:
    """Add the options that say how feeds are read; the command gets a ``Reading``."""

    def collect(**given: Any) -> Any:
        quiet, verbose = given.pop("quiet"), given.pop("verbose")
        bounds = {name: given.pop(name) for name in ("examples", "epochs", "seconds")}
        how = Reading(
            **bounds,
            every_value=given.pop("every_value"),
            stop_after=given.pop("stop_after"),
            timeout_s=given.pop("timeout"),
            verbosity=-1 if quiet else int(verbose),
        )
        return command(reading=how, **given)

    wrapped: Any = collect
    wrapped.__doc__ = command.__doc__
    wrapped.__name__ = command.__name__
    wrapped = watched(120.0, "a batch after which a feed is given up")(wrapped)
    for option in reversed(_READING):
        wrapped = option(wrapped)
    return common(wrapped)


def reported(*more: str) -> Callable[[_Command], _Command]:
    """Add the options that say how and where a report is written.

    Args:
        more: Forms that this command writes beside those of every report.
    """

    def add(command: _Command) -> _Command:
        where = click.option(
            "--output-file", metavar="FILE", help="Write the report there, not to standard output."
        )
        form = click.option(
            "--output-format",
            type=click.Choice([*_FORMS, *more]),
            default="text",
            show_default=True,
            help="How the report is written.",
        )
        return form(where(command))

    return add


def watched(timeout_s: float, of: str) -> Callable[[_Command], _Command]:
    """Add the options of a command that runs the user's code in a process of its own.

    Args:
        timeout_s: Seconds after which it is given up, by default.
        of: What is waited for so long, and what is given up, in words.
    """

    def add(command: _Command) -> _Command:
        for option in reversed((
            click.option(
                "--timeout",
                metavar="S",
                type=click.FloatRange(0),
                default=timeout_s,
                show_default=True,
                envvar="TWINFEED_TIMEOUT",
                show_envvar=True,
                help=f"Seconds without {of}; 0 waits for ever.",
            ),
            click.option("-q", "--quiet", is_flag=True, help="Only results and errors."),
            click.option(
                "-v",
                "--verbose",
                is_flag=True,
                help="Show what your code prints and TensorFlow logs.",
            ),
        )):  # fmt: skip
            command = option(command)
        return command

    return add


def common(command: _Command) -> _Command:
    """Add the options that every command has."""
    return click.option(
        "--traceback",
        is_flag=True,
        expose_value=False,
        callback=_keep_traceback,
        help="Show where an error comes from.",
    )(command)


def _keep_traceback(context: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's own form
    if value:
        context.obj.traceback = True


_FORMS = ("text", "json", "sarif", "github", "junit")
_READING = (
    click.option(
        "--examples",
        metavar="N",
        type=click.IntRange(1),
        default=10_000,
        show_default=True,
        help="Examples read per epoch.",
    ),
    click.option(
        "--epochs",
        metavar="N",
        type=click.IntRange(1),
        default=2,
        show_default=True,
        help="Epochs read; with one, frozen augmentation cannot be seen.",
    ),
    click.option(
        "--seconds",
        metavar="S",
        type=click.FloatRange(0, min_open=True),
        default=60.0,
        show_default=True,
        help="Seconds spent on a feed at most; scripts run to their end.",
    ),
    click.option(
        "--stop-after",
        metavar="N",
        type=click.IntRange(1),
        help="Ask each fit of a script to stop after N epochs.",
    ),
    click.option(
        "--every-value", is_flag=True, help="Count every value, not a grid of each image."
    ),
)
