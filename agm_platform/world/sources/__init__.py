"""What each sender's invented files are made by: one module a sender or trial, found by looking."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class Generator:
    """A maker of landing folders with known truth; every module here has one as `GENERATOR`.

    `sample` is a frozen dataclass of numbers: the size and rates of the committed sample, whose
    fields are the options of the command; `true_scale` is the owner's own size. `write` takes a
    size, a seed and the landing folder, makes `<folder>/<source>/...` and returns the paths;
    `write_truth` does so for the truth. The same size and seed give the same bytes. Both raise
    ValueError if what is asked cannot be made.
    """

    sample: Any
    true_scale: Any
    seed: int
    write: Callable[[Any, int, Path], list[Path]]
    write_truth: Callable[[Any, int, Path], list[Path]]


def generators() -> dict[str, Generator]:
    """Return the generators by the name of their module, in alphabetical order."""
    names = sorted(info.name for info in iter_modules(__path__))
    return {name: import_module(f"{__name__}.{name}").GENERATOR for name in names}
