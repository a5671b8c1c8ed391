"""What purchases of real people seldom show: even spreads, two flags that are one, flags in order.

Each function looks at one column or pair of a frame and returns a row of the table `anomalies`.
"""

import narwhals as nw

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.statistics.many_groups import even_spread
from agm_platform.warehouse.rows import records

Row = dict[str, object]
EVEN, SAME, IN_ORDER = "even spread", "same flags", "flags in order"


def spread_evenly(frame: nw.LazyFrame, column: str, step: int = 1) -> Row | None:
    """Test whether whole numbers from the least to the greatest are equally frequent.

    Values are counted in steps (100 for whole dollars of cents). Odd is a spread that cannot be
    told from an even one: ages and amounts of people heap up around a middle. None without values.
    """
    counted = records(
        frame.filter(~nw.col(column).is_null())
        .with_columns(_value=nw.col(column) // step)
        .group_by("_value")
        .agg(count=nw.len().cast(nw.Int64))
    )
    if not counted:
        return None
    counts = {int(row["_value"]): int(row["count"]) for row in counted}
    low, high = min(counts), max(counts)
    size = sum(counts.values())
    if high - low >= size:  # more values than rows: nothing can be told, and nothing is listed
        tested = None
    else:
        tested = even_spread([counts.get(value, 0) for value in range(low, high + 1)])
    is_even = tested is not None and tested.p_value > 1 - CONFIDENCE
    return {
        "check_name": f"{column}_even",
        "kind": EVEN,
        "what": f"{column} runs from {low * step} to {high * step}; every value is about as "
        "frequent as any other"
        if is_even
        else f"{column} is not spread evenly, as far as can be told",
        "figure": float(len(counts)),
        "p_value": tested.p_value if tested else None,
        "sample_size": size,
        "is_odd": is_even if tested else None,
    }


def same_flags(frame: nw.LazyFrame, one: str, other: str) -> Row | None:
    """Count the rows in which two flags agree; odd if all do and both values occur."""
    known = frame.filter(~nw.col(one).is_null() & ~nw.col(other).is_null())
    (row,) = records(
        known.select(
            rows=nw.len(), same=_count(nw.col(one) == nw.col(other)), set=_count(nw.col(one))
        )
    )
    rows, same, is_set = int(row["rows"]), int(row["same"] or 0), int(row["set"] or 0)
    if not rows:
        return None
    return {
        "check_name": f"{one}_is_{other}",
        "kind": SAME,
        "what": f"{one} equals {other} in {same:,} of {rows:,} rows",
        "figure": float(same),
        "p_value": None,
        "sample_size": rows,
        "is_odd": same == rows and 0 < is_set < rows,
    }


def flags_in_order(frame: nw.LazyFrame, flag: nw.Expr, name: str) -> Row | None:
    """Count how many of the n rows that a flag marks are the first n by customer number.

    Odd if all are and some rows are not marked: then the flag tells the place in the file and
    nothing of the customer can be told from what comes with the place.
    """
    number = nw.col("customer_id").cast(nw.Int64)
    known = frame.with_columns(_flag=flag, _number=number).filter(~nw.col("_flag").is_null())
    marked = known.select(marked=_count(nw.col("_flag")), rows=nw.len())
    placed = known.select("_flag", place=nw.col("_number").rank("ordinal")).join(
        marked, how="cross"
    )
    (row,) = records(
        placed.select(
            rows=nw.len(),
            marked=nw.col("marked").max(),
            first=_count(nw.col("_flag") & (nw.col("place") <= nw.col("marked"))),
        )
    )
    rows, is_set, first = (int(row[key] or 0) for key in ("rows", "marked", "first"))
    if not rows:
        return None
    return {
        "check_name": f"{name}_in_order",
        "kind": IN_ORDER,
        "what": f"{first:,} of the {is_set:,} rows with {name} are the first {is_set:,} of "
        f"{rows:,} by customer number",
        "figure": float(first),
        "p_value": None,
        "sample_size": rows,
        "is_odd": first == is_set and 0 < is_set < rows,
    }


def _count(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0)).sum().cast(nw.Int64)
