"""Products bought together: pairs and triples, counted in the engine, judged against chance."""

from math import ceil
from typing import Any

import dagster as dg
import narwhals as nw
import numpy as np
import pandas as pd

from agm_platform.contracts import agm
from agm_platform.contracts.model import Table
from agm_platform.contracts.privacy import ERASED_NUMBER
from agm_platform.contracts.product_sets import LEAST_SUPPORT, MOST_PRODUCTS, MOST_TOLD, NAME
from agm_platform.contracts.registry import TABLES, find_table
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import table
from agm_platform.statistics.co_occurrence import (
    FALSE_DISCOVERIES,
    expected_pairs,
    expected_triples,
    false_discovery_rates,
    p_values,
)
from agm_platform.warehouse.held import held
from agm_platform.warehouse.rows import records

COLUMNS = (
    "set_id",
    "set_size",
    "first_product_id",
    "second_product_id",
    "third_product_id",
    "products",
    "orders",
    "support",
    "confidence",
    "follows",
    "lift",
    "expected_orders",
    "beyond_expected",
    "false_discovery_rate",
    "is_found",
)
PLACES = ("_first", "_second", "_third")


def product_sets(
    lines: nw.LazyFrame,
    names: nw.LazyFrame,
    orders: int,
    most_orders_of_a_customer: int,
    smallest_group: int,
    least_support: float = LEAST_SUPPORT,
) -> pd.DataFrame:
    """Return the rows of the contract `product_sets`.

    Parameters: lines with order_id and product_id; names with product_id (each once) and
    product_name; how many orders have lines, and how many of them one customer has at the most. A
    product counts once in an order. A set is counted if it is in `least_support` of the orders, and
    in so many that `smallest_group` customers must have bought it. Of more products than
    MOST_PRODUCTS the most frequent are looked at.
    """
    least = max(ceil(least_support * orders), smallest_group * most_orders_of_a_customer, 1)
    items = held(_frequent(lines, least))
    in_order = held(
        lines.join(items, on="product_id", how="inner").select("order_id", "_item").unique()
    )
    counted = in_order.group_by("_item").agg(_orders=nw.len().cast(nw.Int64))
    singles = _fetched(items.join(counted, on="_item", how="inner"))
    if len(singles) < 2:
        return pd.DataFrame(columns=list(COLUMNS))
    together = held(_pairs(in_order).group_by(*PLACES[:2]).agg(_orders=nw.len()))
    kept = held(together.filter(nw.col("_orders") >= least))
    triples = _triples(in_order, kept).filter(nw.col("_orders") >= least)
    named = singles.merge(_fetched(names.select("product_id", "product_name")), how="left")
    named = named.sort_values("_item", ignore_index=True)
    counts = named["_orders"].to_numpy(dtype=float)
    (seen,) = _fetched(together.select(_seen=nw.col("_orders").sum()))["_seen"]
    pairs = _fetched(kept)
    judged = (
        _judged_pairs(pairs, counts, orders, int(seen)),
        _judged_triples(_fetched(triples), pairs, counts, orders),
    )
    told = [_told(each, named, counts, orders, pairs) for each in judged]
    parts = [each for each in told if len(each)]
    return pd.concat(parts, ignore_index=True) if parts else told[0]


def _frequent(lines: nw.LazyFrame, least: int) -> nw.LazyFrame:
    """Return product_id and _item, numbered from 0, of the products on most lines."""
    counted = lines.group_by("product_id").agg(_lines=nw.len())
    kept = counted.filter(nw.col("_lines") >= least).sort(
        "_lines", "product_id", descending=[True, False]
    )
    numbered = kept.head(MOST_PRODUCTS).with_columns(_rank=nw.col("product_id").rank("ordinal"))
    return numbered.select("product_id", _item=nw.col("_rank").cast(nw.Int32) - 1)


def _pairs(in_order: nw.LazyFrame) -> nw.LazyFrame:
    """Return order_id, _first and _second, the lower number first, of all pairs in an order."""
    first = in_order.select("order_id", _first="_item")
    second = in_order.select("order_id", _second="_item")
    return first.join(second, on="order_id", how="inner").filter(
        nw.col("_first") < nw.col("_second")
    )


def _triples(in_order: nw.LazyFrame, kept: nw.LazyFrame) -> nw.LazyFrame:
    """Count orders of every triple all of whose pairs are kept: no other can be frequent."""
    known = kept.select(*PLACES[:2])
    in_kept = held(_pairs(in_order).join(known, on=list(PLACES[:2]), how="inner"))
    other = in_kept.select("order_id", "_first", _third="_second")
    return (
        in_kept.join(other, on=["order_id", "_first"], how="inner")
        .filter(nw.col("_second") < nw.col("_third"))
        .group_by(*PLACES)
        .agg(_orders=nw.len())
        .join(
            known.select(_second="_first", _third="_second"), on=["_second", "_third"], how="inner"
        )
    )


def _judged_pairs(pairs: pd.DataFrame, counts: np.ndarray, orders: int, seen: int) -> pd.DataFrame:
    """Add what chance would give and what may be told; the family are all pairs of products."""
    first, second = (counts[pairs[place].to_numpy(dtype=int)] for place in PLACES[:2])
    # Sum of all products of two different counts: (square of the sum less sum of squares) / 2.
    chance = (counts.sum() ** 2 - (counts**2).sum()) / 2 / orders
    expected = expected_pairs(first, second, orders, seen, chance)
    return _judged(pairs, expected, len(counts) * (len(counts) - 1) // 2)


def _judged_triples(
    triples: pd.DataFrame, pairs: pd.DataFrame, counts: np.ndarray, orders: int
) -> pd.DataFrame:
    """Add what their pairs would give and what may be told; the family are those counted."""
    if triples.empty:
        return triples.assign(_expected=0.0, _rate=1.0)
    known = pairs.set_index(list(PLACES[:2]))["_orders"]
    two = np.column_stack(
        [
            known.loc[list(zip(triples[a], triples[b], strict=True))].to_numpy(dtype=float)
            for a, b in (("_first", "_second"), ("_first", "_third"), ("_second", "_third"))
        ]
    )
    one = np.column_stack([counts[triples[place].to_numpy(dtype=int)] for place in PLACES])
    return _judged(triples, expected_triples(one, two, orders), len(triples))


def _judged(sets: pd.DataFrame, expected: np.ndarray, family: int) -> pd.DataFrame:
    seen = sets["_orders"].to_numpy(dtype=float)
    rates = false_discovery_rates(p_values(seen, expected), family)
    return sets.assign(_expected=expected, _rate=rates)


def _told(
    sets: pd.DataFrame, named: pd.DataFrame, counts: np.ndarray, orders: int, pairs: pd.DataFrame
) -> pd.DataFrame:
    """Return the sets in most orders as the contract has them."""
    places = [place for place in PLACES if place in sets]
    best = sets.sort_values(["_orders", *places], ascending=[False, *[True] * len(places)])
    known = pairs.set_index(list(PLACES[:2]))["_orders"]
    ids, words = named["product_id"].tolist(), _words(named)
    rows: list[dict[str, Any]] = []
    for row in best.head(MOST_TOLD).to_dict("records"):
        items = [int(row[place]) for place in places]
        number = int(row["_orders"])
        # Without one of them: how many orders hold the others.
        others = {
            item: counts[rest[0]] if len(rest) == 1 else float(known.loc[tuple(rest)])
            for item in items
            for rest in [[each for each in items if each != item]]
        }
        follows = max(items, key=lambda item: (number / others[item], -item))
        chance = float(np.prod(counts[items])) / orders ** (len(items) - 1)
        rows.append(
            {
                "set_id": "+".join(str(ids[item]) for item in items),
                "set_size": len(items),
                "first_product_id": ids[items[0]],
                "second_product_id": ids[items[1]],
                "third_product_id": ids[items[2]] if len(items) == len(PLACES) else None,
                "products": " + ".join(words[item] for item in items),
                "orders": number,
                "support": number / orders,
                "confidence": number / others[follows],
                "follows": words[follows],
                "lift": number / chance,
                "expected_orders": row["_expected"],
                "beyond_expected": number / row["_expected"],
                "false_discovery_rate": row["_rate"],
                "is_found": number > row["_expected"] and row["_rate"] <= FALSE_DISCOVERIES,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(object)


def _words(named: pd.DataFrame) -> list[str]:
    """Return names by number; of a product without one its number."""
    return [
        name if isinstance(name, str) else f"product {product_id}"
        for name, product_id in zip(named["product_name"], named["product_id"], strict=True)
    ]


def _fetched(frame: nw.LazyFrame) -> pd.DataFrame:
    return frame.collect(backend="pandas").to_native()


def product_sets_asset(contract: Table) -> dg.AssetsDefinition:
    """Return the asset that fills a product_sets contract from the lines of the same source."""
    read = {
        name: find_table(contract.source, name) or find_table(agm.PRODUCTS.source, name)
        for name in ("order_lines", "orders", "products")
    }

    @table(
        contract,
        reads={name: found for name, found in read.items() if found is not None},
        duckdb_only="counts are judged against chance in Python, one fetch between two joins",
    )
    def of_source(
        order_lines: nw.LazyFrame,
        orders: nw.LazyFrame,
        products: nw.LazyFrame,
        privacy: Privacy,
    ) -> pd.DataFrame:
        """Count pairs and triples of products in one order and judge them against chance."""
        (found,) = records(order_lines.select(orders=nw.col("order_id").n_unique()))
        if not found["orders"]:
            return pd.DataFrame(columns=list(COLUMNS))
        bought = (
            orders.filter(nw.col("customer_id") != ERASED_NUMBER)
            .group_by("customer_id")
            .agg(orders=nw.len())
        )
        (most,) = records(bought.select(orders=nw.col("orders").max()))
        return product_sets(
            order_lines,
            products,
            found["orders"],
            int(most["orders"] or 1),
            privacy.smallest_group,
        )

    return of_source


PRODUCT_SETS = [product_sets_asset(contract) for contract in TABLES if contract.name == NAME]
