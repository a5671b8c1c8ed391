"""The table that the checks are measured on: made-up order lines, and twelve rules about them."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

from agm_platform.contracts.model import Column, OnFailure, Rule, Table, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

# Whether a rule holds, how many rows break it (None: it is not about rows), the figure it is about.
Verdict = tuple[bool, int | None, float | None]

CHANNELS = ("agm", "instacart", "peak", "shopping")
LINES_OF_AN_ORDER = 9  # as the groceries of the guide: 32.4 million lines of 3.4 million orders
FAULT_EVERY = 100_003  # rows; one in so many breaks each rule that is broken at all
SHUFFLE = 7919  # a prime: numbers multiplied by it still come once, modulo what it does not divide


def _rule(name: str, expectation: str, words: str, **kwargs: object) -> Rule:
    return Rule(name, f"expect_{expectation}", kwargs, words, OnFailure.WARN)


ORDER_LINES = Table(
    "bench",
    "order_lines",
    "Made-up order lines.",
    (
        Column("order_id", Type.TEXT, "Number of the order."),
        Column("line_number", Type.INTEGER, "Place of the line in its order, from 1."),
        Column("product_id", Type.TEXT, "What was bought."),
        Column("quantity", Type.INTEGER, "How many.", unit="pieces"),
        Column("unit_price_usd_cents", Type.INTEGER, "Price of one.", unit="US cents"),
        Column("amount_usd_cents", Type.INTEGER, "Price of the line.", unit="US cents"),
        Column("channel", Type.TEXT, "Where it was ordered."),
        Column("order_date", Type.DATE, "Day of the order."),
    ),
    key=("order_id", "line_number"),
    rules=(
        _rule(
            "order_id__filled",
            "column_values_to_not_be_null",
            "every line has an order",
            column="order_id",
        ),
        _rule(
            "product_id__filled",
            "column_values_to_not_be_null",
            "every line has a product",
            column="product_id",
        ),
        _rule(
            "channel__known",
            "column_values_to_be_in_set",
            "the channel is one of four",
            column="channel",
            value_set=list(CHANNELS),
        ),
        _rule(
            "quantity__usual",
            "column_values_to_be_between",
            "a line has 1 to 12 pieces",
            column="quantity",
            min_value=1,
            max_value=12,
        ),
        _rule(
            "product_id__length",
            "column_value_lengths_to_equal",
            "a product has a letter and six digits",
            column="product_id",
            value=7,
        ),
        _rule(
            "order_id__pattern",
            "column_values_to_match_regex",
            "an order is ord- and nine digits",
            column="order_id",
            regex=r"^ord-\d{9}$",
        ),
        _rule(
            "line_number__unique_in_order",
            "compound_columns_to_be_unique",
            "a line stands once in its order",
            column_list=["order_id", "line_number"],
        ),
        _rule(
            "amount_usd_cents__at_least_the_price",
            "column_pair_values_a_to_be_greater_than_b",
            "a line costs at least one piece",
            column_A="amount_usd_cents",
            column_B="unit_price_usd_cents",
            or_equal=True,
        ),
        _rule(
            "quantity__mean",
            "column_mean_to_be_between",
            "6 to 7 pieces on the average",
            column="quantity",
            min_value=6,
            max_value=7,
        ),
        _rule(
            "unit_price_usd_cents__most",
            "column_max_to_be_between",
            "nothing costs more than 50 dollars",
            column="unit_price_usd_cents",
            max_value=5000,
        ),
        _rule(
            "channel__all_there",
            "column_distinct_values_to_equal_set",
            "every channel has lines, and no other",
            column="channel",
            value_set=list(CHANNELS),
        ),
        _rule(
            "order_lines__number",
            "table_row_count_to_be_between",
            "there are lines, at most a billion",
            min_value=1,
            max_value=1_000_000_000,
        ),
    ),
)


def generate(database: Path, rows: int) -> None:
    """Write a database with so many lines of `bench.order_lines`, always the same ones.

    The lines of an order stand together, orders in no order. Five of the twelve rules hold; one
    row in a hundred thousand breaks each of six others, and the highest price breaks the last.
    """
    import duckdb

    orders = -(-rows // LINES_OF_AN_ORDER)
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema bench")
        connection.execute(
            f"""
            create table bench.order_lines as
            with drawn as (
                select
                    i,
                    i // {LINES_OF_AN_ORDER} as number,
                    'ord-' || lpad(cast(number * {SHUFFLE} % {orders} as varchar), 9, '0')
                        as order_id,
                    i % {LINES_OF_AN_ORDER} + 1 as line_number,
                    'P' || lpad(cast(hash(i, 1) % 50000 as varchar), 6, '0') as product_id,
                    cast(hash(i, 2) % 12 + 1 as bigint) as quantity,
                    cast(hash(i, 3) % 5000 + 50 as bigint) as price,
                    {list(CHANNELS)}[cast(1 + hash(number, 4) % 4 as bigint)] as channel,
                    date '2020-01-01'
                        + cast(number * 366 // {orders} as integer) as order_date,
                    i % {FAULT_EVERY} as place
                from range({rows}) as numbers(i)
            )
            select
                if(place = 11, 'ORD' || order_id[4:], order_id) as order_id,
                if(place = 22 and line_number > 1, 1, line_number) as line_number,
                case place when 33 then null when 44 then 'P12' else product_id end as product_id,
                if(place = 55, 0, quantity) as quantity,
                price as unit_price_usd_cents,
                if(place = 66, price - 1, price * quantity) as amount_usd_cents,
                channel,
                order_date
            from drawn
            """
        )


def write_verdicts(path: Path, verdicts: Mapping[str, Verdict]) -> None:
    """Write one side's verdicts by the rule's name, to be compared with the others'."""
    path.write_text(json.dumps(verdicts, indent=2), encoding="utf-8")


def differences(ours: Mapping[str, Verdict], theirs: Mapping[str, Verdict]) -> list[str]:
    """Return in words where two sides' verdicts differ; the last digits of a float may."""

    def same(one: float | None, other: float | None) -> bool:
        if one is None or other is None:
            return one is other
        return math.isclose(one, other, rel_tol=1e-12)

    names = [rule.name for rule in ORDER_LINES.rules]
    return [
        f"{name}: {ours.get(name)} and {theirs.get(name)}"
        for name in names
        if name not in ours
        or name not in theirs
        or ours[name][0] != theirs[name][0]
        or not all(map(same, ours[name][1:], theirs[name][1:]))
    ]


def main() -> None:
    """Generate the table in a process of its own, so that who measures stays small."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.order_lines")
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--rows", type=int, required=True)
    options = parser.parse_args()
    generate(options.database, options.rows)


if __name__ == "__main__":
    main()
