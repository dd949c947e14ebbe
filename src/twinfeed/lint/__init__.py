"""One feed becomes a report: which faults does its pipeline have?

The package can be called: ``twinfeed.lint(dataset)`` is ``twinfeed.lint.lint(dataset)``, so that
the verb and the folder share one name.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twinfeed._core.results import LintReport
    from twinfeed.lint._catalogue import CATALOGUE
    from twinfeed.lint._rule import Needs, Rule
    from twinfeed.lint._run import lint_subjects
    from twinfeed.lint._subject import Subject
    from twinfeed.lint._verb import lint

# Loaded at first use: showing the page of a rule needs no numpy.
_HOMES = {
    "CATALOGUE": "_catalogue",
    "Needs": "_rule",
    "Rule": "_rule",
    "Subject": "_subject",
    "lint": "_verb",
    "lint_subjects": "_run",
}

__all__ = ["CATALOGUE", "Needs", "Rule", "Subject", "lint", "lint_subjects"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'twinfeed.lint' has no attribute {name!r}")
    return getattr(import_module(f"twinfeed.lint.{_HOMES[name]}"), name)


class _Verb(ModuleType):
    def __call__(self, feed: object, /, **options: Any) -> "LintReport":
        made: LintReport = self.lint(feed, **options)
        return made


sys.modules[__name__].__class__ = _Verb
