"""Which received spellings of categories nobody has reviewed, and what is proposed for each."""

import narwhals as nw
import pandas as pd

from agm_platform.contracts.categories import SYNONYMS, UNKNOWN_SPELLINGS, Category
from agm_platform.contracts.registry import CATEGORIES, find_table
from agm_platform.defs.spellings import unseen_of
from agm_platform.defs.table import table
from agm_platform.landing.categories import spelling, value_of
from agm_platform.quality.proposals import proposed
from agm_platform.warehouse.rows import records

MOST_SPELLINGS = 200
"""Spellings of a field that are listed, the commonest first: beyond, a column is not a category."""

RAW = {
    f"{category.source}_{name}": found
    for category in CATEGORIES
    for name, _ in category.received_in
    if (found := find_table(category.source, name)) is not None
}


@table(UNKNOWN_SPELLINGS, reads={"synonyms": SYNONYMS, **RAW})
def unknown_spellings(synonyms: nw.LazyFrame, **frames: nw.LazyFrame) -> pd.DataFrame:
    """One row an unreviewed spelling; the proposal is never applied by itself."""
    rows = [row for category in CATEGORIES for row in unreviewed(category, synonyms, frames)]
    return pd.DataFrame(rows, columns=list(UNKNOWN_SPELLINGS.column_names))


def unreviewed(
    category: Category, synonyms: nw.LazyFrame, frames: dict[str, nw.LazyFrame]
) -> list[dict[str, object]]:
    """Return the rows of one category; `frames` are raw tables by `source_table`."""
    received = nw.concat(
        [
            frames[f"{category.source}_{name}"].select(spelling=spelling(column))
            for name, column in category.received_in
        ]
    )
    known = synonyms.filter(
        nw.col("source") == category.source, nw.col("field") == category.field
    ).select("spelling")
    unseen = (
        received.filter(~nw.col("spelling").is_null(), value_of("spelling", category).is_null())
        .join(known, on="spelling", how="anti")
        .group_by("spelling")
        .agg(rows=nw.len())
        .sort("rows", "spelling", descending=[True, False])
        .head(MOST_SPELLINGS)
    )
    return [
        {
            "source": category.source,
            "field": category.field,
            **row,
            "proposed_value": proposal.value,
            "score": proposal.score,
            "unseen": unseen_of(category).value,
        }
        for row in records(unseen)
        for proposal in [proposed(row["spelling"], category.values)]
    ]
