"""How a run ends: its exit code and, if it failed, what is said on standard error."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

import click

from twinfeed.errors import FeedError, TwinfeedError

CLEAN, FOUND, USAGE, FEED_FAILED, INTERRUPTED = 0, 1, 2, 3, 130


@dataclass(slots=True)
class Settings:
    """What ``main`` must know after a command has failed.

    Attributes:
        traceback: Whether tracebacks are asked for.
    """

    traceback: bool = False


def exit_code(error: BaseException) -> int:
    """The exit code of an error; never 1, which means that something was found."""
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return INTERRUPTED
    return FEED_FAILED if isinstance(error, FeedError) else USAGE


def tell(error: BaseException, *, traceback: bool) -> None:
    """Say on standard error what went wrong."""
    from twinfeed.report.clean import clean

    if traceback:
        from traceback import format_exception

        click.echo(clean("".join(format_exception(error))), err=True)
    elif isinstance(error, KeyboardInterrupt | click.Abort):
        click.echo("Interrupted: nothing was written.", err=True)
    elif isinstance(error, TwinfeedError):
        click.echo(click.style("Error: ", fg="red", bold=True) + clean(str(error)), err=True)
    else:
        first = next(iter(str(error).splitlines()), "")
        click.echo(
            click.style("Error: ", fg="red", bold=True)
            + clean(f"this is a fault of twinfeed, not of your pipeline: {_name(error)}: {first}\n")
            + "Expected to get further than this.\n"
            "Hint: --traceback shows where it comes from; please report it with that.",
            err=True,
        )


def broken_pipe() -> int:
    """Go quietly when whoever read our output has seen enough, as after ``| head``."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return CLEAN


def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """What SIGTERM does: the same as Ctrl-C."""
    raise KeyboardInterrupt


def _name(error: BaseException) -> str:
    return type(error).__qualname__
