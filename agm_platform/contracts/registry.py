"""All contracts together, found by looking: every module beside this one that has `TABLES`.

A source is one module. `TABLES` are its tables; a sender's module also has `FEEDS`, what it sends,
`FILES`, the tables that say what became of the files, and perhaps `CATEGORIES`, its fields with a
closed list of values. Nothing lists the modules.
"""

from __future__ import annotations

from importlib import import_module
from itertools import chain
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from agm_platform import contracts

if TYPE_CHECKING:
    from types import ModuleType

    from agm_platform.contracts.categories import Category
    from agm_platform.contracts.landing import FilesBehind
    from agm_platform.contracts.model import Feed, Table


def contract_modules() -> list[ModuleType]:
    """Return the modules with tables: senders first, then the others, each by name."""
    names = [info.name for info in iter_modules(contracts.__path__) if info.name != "registry"]
    modules = [import_module(f"{contracts.__name__}.{name}") for name in sorted(names)]
    found = [module for module in modules if hasattr(module, "TABLES")]
    return sorted(found, key=lambda module: not hasattr(module, "FEEDS"))


_MODULES = contract_modules()
TABLES: tuple[Table, ...] = tuple(chain.from_iterable(module.TABLES for module in _MODULES))
FEEDS: tuple[Feed, ...] = tuple(
    chain.from_iterable(getattr(module, "FEEDS", ()) for module in _MODULES)
)
FILES: tuple[FilesBehind, ...] = tuple(
    chain.from_iterable(getattr(module, "FILES", ()) for module in _MODULES)
)
CATEGORIES: tuple[Category, ...] = tuple(
    chain.from_iterable(getattr(module, "CATEGORIES", ()) for module in _MODULES)
)
SENDERS: tuple[str, ...] = tuple(sorted({feed.source for feed in FEEDS}))

_BY_NAME = {(table.source, table.name): table for table in TABLES}


def find_table(source: str, name: str) -> Table | None:
    """Return the contract of `source.name`, None if there is none."""
    return _BY_NAME.get((source, name))
