"""Which rows are copies of an earlier one, found without ordering those that are none."""

import narwhals as nw

from agm_platform.warehouse.repeated_lines import with_repeated_values

NO_NUMBER = -(1 << 62)
"""Stands for a missing number while keys are compared, because null equals nothing."""


def with_copy_number(
    frame: nw.LazyFrame, *key: str, name: str = "copy_number", place: str = "row_number"
) -> nw.LazyFrame:
    """Number the rows that share a key in the order of `place`, from 1; missing values are equal.

    Only keys that come twice are ranked: of millions of rows those are few.
    """
    return frame.join(
        copies(frame, *key, name=name, place=place), on=place, how="left"
    ).with_columns(nw.col(name).fill_null(1))


def copies(
    frame: nw.LazyFrame, *key: str, name: str = "copy_number", place: str = "row_number"
) -> nw.LazyFrame:
    """Return `place` and number, from 2, of the rows that repeat the key of an earlier one."""
    types = frame.collect_schema()
    filled = frame.select(
        place,
        *(
            nw.col(part).fill_null(NO_NUMBER)
            if types[part] == nw.Int64
            else nw.col(part).cast(nw.String).fill_null("\0")
            for part in key
        ),
    )
    if len(key) == 1 and types[key[0]] == nw.Int64:
        filled = with_repeated_values(filled, key[0])
    repeated = filled.group_by(*key).agg(_rows=nw.len()).filter(nw.col("_rows") > 1).select(*key)
    return (
        filled.join(repeated, on=list(key), how="semi")
        .with_columns(nw.col(place).rank("ordinal").over(*key).cast(nw.Int64).alias(name))
        .filter(nw.col(name) > 1)
        .select(place, name)
    )
