"""Text that others wrote, made safe to print: it may draw nothing and move no cursor."""

from __future__ import annotations

import re

_ESCAPES = re.compile(
    r"""
    (?:\x1b\[|\x9b) [0-?]*[ -/]*[@-~]?              # colours, cursor, screen
  | (?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f]) .*? (?:\x07|\x1b\\|\x9c|$)   # titles, links, device strings
  | \x1b[ -/]*[0-~]?                                # every other escape
    """,
    re.VERBOSE | re.DOTALL,
)
# Control characters but the line feed, marks that turn the direction of text, lone surrogates.
_UNPRINTABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)


def clean(text: str) -> str:
    r"""The text without escape sequences; what else cannot be printed becomes a question mark.

    >>> clean("cat\x1b[31m\x07")
    'cat?'
    """
    plain = _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\t", "    "))
    return _UNPRINTABLE.sub("?", plain)


def one_line(text: str) -> str:
    """The text as ``clean`` gives it, on one line."""
    return " ".join(clean(text).split())
