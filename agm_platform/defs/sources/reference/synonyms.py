"""The reviewed spellings of dirty categories: data/reference/synonyms.csv as a table."""

from pathlib import Path

import narwhals as nw

from agm_platform.contracts.categories import SYNONYMS
from agm_platform.contracts.model import Column, Type
from agm_platform.contracts.registry import CATEGORIES, FEEDS
from agm_platform.defs.landing.files import file_key
from agm_platform.defs.landing_resource import Landing
from agm_platform.defs.table import table
from agm_platform.landing.casts import iso_date, trimmed
from agm_platform.landing.categories import spelling
from agm_platform.landing.csv_reader import read_csv_file
from agm_platform.warehouse.engine import Engine

FILE_NAME = "synonyms.csv"
DERIVED = ("is_declared",)
RECEIVED = tuple(
    Column(column.name, Type.TEXT, column.description)
    for column in SYNONYMS.columns
    if column.name not in DERIVED
)
# Whatever reads a sender's files reads the list first, also in that sender's own job.
WITH_CATEGORIES = {category.source for category in CATEGORIES}
FILES = [file_key(feed) for feed in FEEDS if feed.source in WITH_CATEGORIES]


@table(SYNONYMS, deps=FILES)
def synonyms(engine: Engine, landing: Landing) -> nw.LazyFrame:
    """The list as people keep it; its spellings in lower case with single blanks.

    Raises ValueError when the file cannot be read: without it, rows would turn unknown.
    """
    path = Path(landing.reference_path) / FILE_NAME
    if not path.exists():
        msg = f"data/reference/{FILE_NAME} is missing: the reviewed spellings of categories"
        raise ValueError(msg)
    read = read_csv_file(engine.connection, path, RECEIVED, landing.scratch(), allow_empty=True)
    if read.relation is None:
        where = f", line {read.line}" if read.line else ""
        msg = f"data/reference/{FILE_NAME}{where}: {read.reason}"
        raise ValueError(msg)
    return reviewed(nw.from_native(read.relation))


def reviewed(rows: nw.LazyFrame) -> nw.LazyFrame:
    """Give the rows of the file their types, and say whether the contracts declare the value."""
    declared = nw.lit(value=False)
    for category in CATEGORIES:
        declared = declared | (
            (nw.col("source") == category.source)
            & (nw.col("field") == category.field)
            & nw.col("value").is_in(category.values)
        )
    typed = rows.select(
        *(
            trimmed(name).alias(name)
            for name in ("source", "field", "value", "reviewed_by", "reason")
        ),
        spelling=spelling("spelling"),
        reviewed_on=iso_date("reviewed_on"),
    )
    return typed.with_columns(is_declared=declared.fill_null(value=False)).sort(
        "source", "field", "spelling"
    )
