"""The command line: one module per command, each importing what it needs when it runs."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Sequence

import click

from twinfeed._core.version import __version__
from twinfeed.cli._exits import CLEAN, USAGE, Settings, drop_output, exit_code, interrupt, tell
from twinfeed.cli.attribute import attribute
from twinfeed.cli.check import check
from twinfeed.cli.demo import demo
from twinfeed.cli.diff import diff
from twinfeed.cli.explain import explain
from twinfeed.cli.lint import lint
from twinfeed.cli.port import port
from twinfeed.cli.repro import repro
from twinfeed.cli.trace import trace
from twinfeed.cli.tune import tune

__all__ = ["main"]


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    commands=[demo, diff, attribute, lint, check, trace, explain, repro, port, tune],
)
@click.version_option(__version__, "-V", "--version", message="twinfeed %(version)s")
def twinfeed() -> None:
    """Find out why two input pipelines train differently, with proof.

    \b
    twinfeed demo                              the question on bundled data
    twinfeed diff keras_train.py tfds_train.py why do these two scripts differ?
    twinfeed diff a.py:make_feed b.py:make     the same from two functions
    twinfeed attribute a.py:make b.py:make     how many points each cause costs
    twinfeed lint train.py                     the faults of each feed of a script
    twinfeed trace train.py -o run.twin        record what reaches the model
    twinfeed check run.twin train.py           is this still the approved feed?
    twinfeed explain AUG202                    the page of one cause
    twinfeed repro a.py b.py AUG202            a script that shows it to others
    twinfeed port train.py                     ImageDataGenerator code, faster
    twinfeed tune train.py:make_feed           a faster pipeline, measured
    """  # noqa: D301 - \b is click's mark


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: The words behind ``twinfeed``; those of the process by default.

    Returns:
        0 clean, 1 findings at or above a warning, 2 usage or tool error, 3 a feed failed, timed
        out or could not be judged, 130 interrupted.
    """
    settings = Settings()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(
            stream, io.TextIOWrapper
        ):  # a terminal that lacks a letter is no reason to fail
            stream.reconfigure(errors="replace")
    # A job that is told to end leaves what it has, as after Ctrl-C.
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        if "_TWINFEED_COMPLETE" in os.environ:  # the shell asks for completions
            twinfeed.main(arguments, prog_name="twinfeed")
        # Not `twinfeed.main`: it ends with 1 when the reader of our output goes away.
        words = list(sys.argv[1:] if arguments is None else arguments)
        with twinfeed.make_context("twinfeed", words, obj=settings) as context:
            code = twinfeed.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return USAGE
    except BrokenPipeError:
        drop_output()
        return CLEAN
    except (KeyboardInterrupt, click.Abort, Exception) as error:  # noqa: BLE001 - the last resort
        tell(error, traceback=settings.traceback)
        return exit_code(error)
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)
    return code if isinstance(code, int) else 0
