"""The faults of real feeds, one by one, each saying exactly which records it touches.

A fault takes the good files of a landing folder and returns what arrives instead, in order of
arrival; nothing is written. The faults of a Peak document itself are in fault_documents.py.

    for name in FAULTS:
        broken = inject(name, folder, day=date(2020, 11, 10), seed=1)
        for path, content in broken.arrivals:
            (folder / path).write_bytes(content)
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random

from agm_platform.world import fault_documents as documents
from agm_platform.world.fault_documents import Document, Touched
from agm_platform.world.peak import OTHER_PEAK_PRODUCTS, PEAK_PRODUCTS
from agm_platform.world.peak_files import file_name

MAPPING = "peak/peak_product_mapping.csv"
LINE_ITEMS = "agm/line_items.csv"
DOCUMENT_FAULTS: dict[str, Callable[[Document, Random], Iterator[Touched]]] = {
    "missing_field": documents.missing_field,
    "missing_field_everywhere": partial(documents.missing_field, everywhere=True),
    "renamed_field": documents.renamed_field,
    "renamed_field_everywhere": partial(documents.renamed_field, everywhere=True),
    "extra_field": documents.extra_field,
    "extra_field_everywhere": partial(documents.extra_field, everywhere=True),
    "wrong_type": documents.wrong_type,
    "unmapped_product": documents.unmapped_product,
    "arithmetic_off": documents.arithmetic_off,
    "sale_twice": documents.sale_twice,
    "sale_twice_differing": documents.sale_twice_differing,
    "unknown_store": documents.unknown_store,
    "bad_zip": documents.bad_zip,
    "unknown_zip": documents.unknown_zip,
    "blank_names": documents.blank_names,
    "corrected_file": documents.corrected,
}


@dataclass(frozen=True)
class Record:
    """One record that a fault touches. No sale: the whole file; no line: the whole sale."""

    file: str  # path below the landing folder
    sale_id: int | None = None
    line: int | None = None  # position in the sale, from 1


@dataclass(frozen=True)
class Injected:
    """What arrives when a fault happens, and which of its records are touched."""

    arrivals: tuple[tuple[str, bytes], ...]  # (path below the landing folder, content), in order
    records: tuple[Record, ...]


@dataclass(frozen=True)
class Scene:
    """The good files that a fault starts from, and the business date that suffers."""

    folder: Path
    day: date
    random: Random

    @property
    def path(self) -> str:
        """Path of the day's file below the landing folder."""
        return f"peak/{file_name(self.day)}"

    @property
    def content(self) -> bytes:
        """The day's file."""
        return self.read(self.path)

    def read(self, path: str) -> bytes:
        """Return another good file."""
        return (self.folder / path).read_bytes()


def inject(name: str, folder: str | Path, day: date, seed: int = 0) -> Injected:
    """Return what arrives instead of the good files of `folder` when this fault happens.

    `day` is the business date of the Peak file that suffers; the fault late_file also needs
    the file of the day after. Raises KeyError for a name that is not in FAULTS, and IndexError
    or ValueError if the day is too empty to be broken so.
    """
    return FAULTS[name](Scene(Path(folder), day, Random(seed)))


def damage(name: str, document: Document, seed: int = 0) -> tuple[Document, list[Touched]]:
    """Return a copy of a Peak document with a fault of DOCUMENT_FAULTS and what it touches:
    (sale_id, line) with line None for a whole sale. The document itself stays as it is.

    Raises IndexError or ValueError for a document without sales.
    """
    broken = copy.deepcopy(document)
    return broken, list(DOCUMENT_FAULTS[name](broken, Random(seed)))


def _document_fault(scene: Scene, name: str) -> Injected:
    document = json.loads(scene.content)
    records = [Record(scene.path, *t) for t in DOCUMENT_FAULTS[name](document, scene.random)]
    changed = (scene.path, json.dumps(document, indent=2).encode())
    return Injected((changed,), tuple(records))


def corrected_file(scene: Scene) -> Injected:
    """The day arrives again with one sale changed, one withdrawn and one added."""
    again = _document_fault(scene, "corrected_file")
    return Injected(((scene.path, scene.content), *again.arrivals), again.records)


def duplicate_file(scene: Scene) -> Injected:
    """The same bytes arrive again under another name."""
    copied = scene.path.replace(".json", "_copy.json")
    arrivals = ((scene.path, scene.content), (copied, scene.content))
    return Injected(arrivals, (Record(copied),))


def late_file(scene: Scene) -> Injected:
    """The file of a day arrives after the file of the next day."""
    next_day = replace(scene, day=scene.day + timedelta(days=1))
    arrivals = ((next_day.path, next_day.content), (scene.path, scene.content))
    return Injected(arrivals, (Record(scene.path),))


def truncated_file(scene: Scene) -> Injected:
    """The file ends somewhere in the middle."""
    size = len(scene.content)
    end = scene.random.randrange(size // 4, size * 3 // 4)
    return _whole(scene.path, scene.content[:end])


def empty_file(scene: Scene) -> Injected:
    """The file has no bytes."""
    return _whole(scene.path, b"")


def invalid_json(scene: Scene) -> Injected:
    """One comma is missing."""
    return _whole(scene.path, scene.content.replace(b'",\n', b'"\n', 1))


def mapping_of_another_revision(scene: Scene) -> Injected:
    """The mapping holds other Peak ids for some products: their lines have no product now."""
    rows = "".join(f"{product},{peak}\n" for product, peak in OTHER_PEAK_PRODUCTS.items())
    unknown = set(PEAK_PRODUCTS.values()) - set(OTHER_PEAK_PRODUCTS.values())
    records = tuple(
        Record(scene.path, sale["sale_id"], position)
        for sale in json.loads(scene.content)["sales"]
        for position, line in enumerate(sale["line_items"], start=1)
        if line["product_id"] in unknown
    )
    return Injected(((MAPPING, f"product_id,peak_product_id\n{rows}".encode()),), records)


def zero_based_lines(scene: Scene) -> Injected:
    """AGM's line items are numbered from zero."""
    head, *rows = _line_items(scene)
    return _whole(LINE_ITEMS, _csv([head, *([*r[:2], str(int(r[2]) - 1), *r[3:]] for r in rows)]))


def missing_line_order(scene: Scene) -> Injected:
    """AGM's line items come without their number."""
    return _whole(LINE_ITEMS, _csv([[*row[:2], *row[3:]] for row in _line_items(scene)]))


FAULTS: dict[str, Callable[[Scene], Injected]] = {
    **{name: partial(_document_fault, name=name) for name in DOCUMENT_FAULTS},
    "corrected_file": corrected_file,
    "duplicate_file": duplicate_file,
    "late_file": late_file,
    "truncated_file": truncated_file,
    "empty_file": empty_file,
    "invalid_json": invalid_json,
    "mapping_of_another_revision": mapping_of_another_revision,
    "zero_based_lines": zero_based_lines,
    "missing_line_order": missing_line_order,
}


def _whole(path: str, content: bytes) -> Injected:
    return Injected(((path, content),), (Record(path),))


def _line_items(scene: Scene) -> list[list[str]]:
    """Return the fields of each row and the header; this table holds nothing but numbers."""
    return [row.split(",") for row in scene.read(LINE_ITEMS).decode().splitlines()]


def _csv(rows: list[list[str]]) -> bytes:
    return "".join(",".join(row) + "\n" for row in rows).encode()
