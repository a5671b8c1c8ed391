"""All figures, found by looking: one module a source, with its `TITLE`, `ABOUT` and `FIGURES`.

A source with tables of customer value has their figures too.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from agm_platform.reports.product_set_figures import product_set_figures
from agm_platform.reports.value_figures import value_figures

FIRST = ("agm", "peak")
"""What the platform was built for comes first, then the others by name."""

if TYPE_CHECKING:
    from agm_platform.reports.figure import Figure


@dataclass(frozen=True, slots=True)
class Chapter:
    """One source as readers meet it: its name, what it is about, and its figures."""

    source: str
    title: str
    about: str
    figures: tuple[Figure, ...]


def chapters() -> list[Chapter]:
    """Return the chapters in the order in which they are read."""
    found = sorted(info.name for info in iter_modules(__path__))
    names = [name for name in FIRST if name in found] + [n for n in found if n not in FIRST]
    modules = [(name, import_module(f"{__name__}.{name}")) for name in names]
    return [
        Chapter(
            name, m.TITLE, m.ABOUT, (*m.FIGURES, *value_figures(name), *product_set_figures(name))
        )
        for name, m in modules
    ]
