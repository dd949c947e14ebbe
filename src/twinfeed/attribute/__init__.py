"""How much of the gap between two trainings each cause explains.

The package can be called: ``twinfeed.attribute(a, b)`` is ``twinfeed.attribute.attribute(a, b)``.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twinfeed._core.attribution import Attribution
    from twinfeed.attribute._verb import attribute

_HOMES = {"attribute": "twinfeed.attribute._verb", "Attribution": "twinfeed._core.attribution"}

__all__ = ["Attribution", "attribute"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'twinfeed.attribute' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


class _Verb(ModuleType):
    def __call__(self, a: object, b: object, /, **options: Any) -> "Attribution":
        made: Attribution = self.attribute(a, b, **options)
        return made


sys.modules[__name__].__class__ = _Verb
