"""How a run ends: its exit code and, if it failed, what is said on standard error."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import TextWrapper
from types import FrameType
from typing import NoReturn

import click

from twinfeed.errors import FeedError, NothingInCommonError, TwinfeedError, UsageError

CLEAN, FOUND, USAGE, FEED_FAILED, INTERRUPTED = 0, 1, 2, 3, 130


@dataclass(slots=True)
class Settings:
    """What ``main`` must know after a command has failed.

    Attributes:
        traceback: Whether tracebacks are asked for.
        per_file_ignores: Codes that the project's configuration leaves out, by pattern of a file.
    """

    traceback: bool = False
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]]
    )


def exit_code(error: BaseException) -> int:
    """The exit code of an error; never 1, which means that something was found."""
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return INTERRUPTED
    return FEED_FAILED if isinstance(error, FeedError | NothingInCommonError) else USAGE


def tell(error: BaseException, *, traceback: bool) -> None:
    """Say on standard error what went wrong."""
    from twinfeed.report.clean import clean

    if traceback:
        from traceback import format_exception

        click.echo(clean("".join(format_exception(error))), err=True)
    elif isinstance(error, KeyboardInterrupt | click.Abort):
        click.echo("Interrupted: nothing was written.", err=True)
    elif isinstance(error, TwinfeedError):
        _say(clean(str(error)))
    else:
        first = next(iter(str(error).splitlines()), "")
        kind = type(error).__qualname__
        _say(
            clean(f"this is a fault of twinfeed, not of your pipeline: {kind}: {first}\n")
            + "Expected to get further than this.\n"
            "Hint: --traceback shows where it comes from; please report it with that."
        )


def put(text: str) -> None:
    """Write a result to standard output; who reads it may go away, as ``head`` does.

    Raises:
        UsageError: If it cannot be written for another reason.
    """
    try:
        # Whether there are colours is decided; click would decide it again.
        click.echo(text, nl=False, color=True)
        sys.stdout.flush()
    except BrokenPipeError:
        drop_output()
    except OSError as error:
        drop_output()
        given = f"a standard output that cannot be written ({error.strerror or error})"
        raise UsageError(given, "room for the result", "write it elsewhere") from error


def drop_output() -> None:
    """Let what Python still holds for standard output go nowhere, quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """What SIGTERM does: the same as Ctrl-C."""
    raise KeyboardInterrupt


def _say(message: str) -> None:
    """Print an error; on a terminal, no word is cut in two at its edge."""
    lines = f"Error: {message}".splitlines()
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns
        wrap = TextWrapper(
            width, break_long_words=False, break_on_hyphens=False, subsequent_indent="  "
        )
        lines = [wrap.fill(line) for line in lines]
    start = click.style("Error:", fg="red", bold=True)
    click.echo("\n".join(lines).replace("Error:", start, 1), err=True)
