"""Two traces become a report: which causes make them differ.

The package can be called: ``twinfeed.diff(a, b)`` is ``twinfeed.diff.diff(a, b)``, so that the
verb and the folder share one name.
"""

import sys
from types import ModuleType
from typing import Any

from twinfeed._core.results import Report
from twinfeed.diff._catalogue import CATALOGUE
from twinfeed.diff._measure import Measure
from twinfeed.diff._run import compare
from twinfeed.diff._twins import Twins
from twinfeed.diff._verb import compare_runs, diff, main_trace

__all__ = ["CATALOGUE", "Measure", "Twins", "compare", "compare_runs", "diff", "main_trace"]


class _Verb(ModuleType):
    def __call__(self, a: object, b: object, /, **options: Any) -> Report:
        return diff(a, b, **options)


sys.modules[__name__].__class__ = _Verb
