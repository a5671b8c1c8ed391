"""From a category as received to the value it stands for: its list, then the reviewed spellings.

Nothing is guessed: a spelling in neither is `unknown`, and an empty one stays empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from agm_platform.contracts.categories import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agm_platform.contracts.categories import Category


def spelling(column: str) -> nw.Expr:
    """Return the text in lower case, blanks single and none at the ends; null if empty."""
    text = nw.col(column).str.replace_all(r"\s+", " ").str.strip_chars().str.to_lowercase()
    return nw.when(text != "").then(text)


def with_values(
    frame: nw.LazyFrame, categories: Mapping[str, Category], synonyms: nw.LazyFrame
) -> nw.LazyFrame:
    """Turn each named text column into the values of its category, in place.

    `synonyms` has source, field, spelling, value, with one row a spelling at most: each join is
    many-to-one, so no row is added or lost. An unreviewed spelling becomes `unknown`.
    """
    names = frame.collect_schema().names()
    for column, category in categories.items():
        reviewed = synonyms.filter(
            nw.col("source") == category.source, nw.col("field") == category.field
        ).select(_spelling="spelling", _reviewed="value")
        frame = (
            frame.with_columns(_spelling=spelling(column))
            .join(reviewed, on="_spelling", how="left")
            .with_columns(_value=value_of("_spelling", category))
            .with_columns(
                nw.when(~nw.col("_spelling").is_null())
                .then(nw.coalesce("_value", "_reviewed", nw.lit(UNKNOWN)))
                .alias(column)
            )
            .select(names)
        )
    return frame


def value_of(column: str, category: Category) -> nw.Expr:
    """Return the declared value that a spelling is but for case; null for any other."""
    value = nw.lit(None, dtype=nw.String)
    for name in category.values:
        value = nw.when(nw.col(column) == name.lower()).then(nw.lit(name)).otherwise(value)
    return value
