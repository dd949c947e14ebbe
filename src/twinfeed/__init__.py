"""Find out why two input pipelines train differently, with proof."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from twinfeed._core.version import __version__ as __version__

if TYPE_CHECKING:
    from twinfeed import testing as testing
    from twinfeed._core.attribution import Attribution
    from twinfeed._core.results import LintReport, Report
    from twinfeed._core.trace import Trace
    from twinfeed.attribute._verb import attribute
    from twinfeed.diff._verb import diff
    from twinfeed.feeds import Feed, as_feed
    from twinfeed.intervene import Fixed, fix
    from twinfeed.lint._verb import lint
    from twinfeed.observe import Budget, load, save
    from twinfeed.observe._frameworks._tap_callback import Tap
    from twinfeed.tune import Tuned
    from twinfeed.tune._verb import tune

# Loaded at first use: `import twinfeed` costs nothing, and a framework only where one is meant.
_HOMES = {
    "Attribution": "twinfeed._core.attribution",
    "Budget": "twinfeed.observe",
    "Feed": "twinfeed.feeds",
    "Fixed": "twinfeed.intervene",
    "LintReport": "twinfeed._core.results",
    "Report": "twinfeed._core.results",
    "Tap": "twinfeed.observe._frameworks._tap_callback",
    "Trace": "twinfeed._core.trace",
    "Tuned": "twinfeed.tune",
    "as_feed": "twinfeed.feeds",
    "attribute": "twinfeed.attribute",
    "diff": "twinfeed.diff",
    "fix": "twinfeed.intervene",
    "lint": "twinfeed.lint",
    "load": "twinfeed.observe",
    "save": "twinfeed.observe",
    "testing": "twinfeed.testing",
    "tune": "twinfeed.tune",
}

__all__ = [
    "Attribution",
    "Budget",
    "Feed",
    "Fixed",
    "LintReport",
    "Report",
    "Tap",
    "Trace",
    "Tuned",
    "as_feed",
    "attribute",
    "diff",
    "fix",
    "lint",
    "load",
    "save",
    "tune",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'twinfeed' has no attribute {name!r}")
    module = import_module(home)
    return module if home == f"twinfeed.{name}" else getattr(module, name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
