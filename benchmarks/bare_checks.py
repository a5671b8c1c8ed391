"""The twelve rules about order lines as SQL by hand, without Dagster: what checks are measured by.

Three ways of writing them: `separate`, a query for each; `one`, a single statement; `blocks`, the
same with the platform's own way to find repeated keys.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from benchmarks.form import told
from benchmarks.order_lines import Verdict, write_verdicts

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLE = "bench.order_lines"
CHANNELS = "('agm', 'instacart', 'peak', 'shopping')"
ROWS = {
    "order_id__filled": "order_id is null",
    "product_id__filled": "product_id is null",
    "channel__known": f"channel not in {CHANNELS}",
    "quantity__usual": "quantity not between 1 and 12",
    "product_id__length": "length(product_id) <> 7",
    "order_id__pattern": r"not regexp_matches(order_id, '^ord-\d{9}$')",
    "amount_usd_cents__at_least_the_price": "amount_usd_cents < unit_price_usd_cents",
}
FIGURES = {
    "quantity__mean": "avg(quantity)",
    "unit_price_usd_cents__most": "max(unit_price_usd_cents)",
    "order_lines__number": "count(*)",
}
KEY = "line_number__unique_in_order"
REPEATED = f"""select coalesce(sum(rows), 0) from (
    select count(*) as rows from {TABLE} group by order_id, line_number having count(*) > 1
)"""
REPEATED_IN_BLOCKS = f"""select coalesce(sum(rows), 0) from (
    select count(*) as rows from {TABLE} where order_id in (
        select order_id from {TABLE} group by order_id, line_number // 64
        having count(*) <> bit_count(bit_or(1::ubigint << (line_number % 64)::ubigint))
    ) group by order_id, line_number having count(*) > 1
)"""
SET = "channel__all_there"
WHOLE_SET = f"""select count(*) = 4 and bool_and(channel in {CHANNELS})
    from (select distinct channel from {TABLE} where channel is not null)"""


def found(connection: duckdb.DuckDBPyConnection, way: str) -> dict[str, Any]:
    """Return the figure of each rule: failing rows, or what a rule about the table is about."""
    figures = {rule: f"count(*) filter ({condition})" for rule, condition in ROWS.items()} | FIGURES
    apart = {KEY: REPEATED_IN_BLOCKS if way == "blocks" else REPEATED, SET: WHOLE_SET}
    if way == "separate":
        queries = {rule: f"select {figure} from {TABLE}" for rule, figure in figures.items()}
        return {
            rule: connection.execute(query).fetchall()[0][0]
            for rule, query in (queries | apart).items()
        }
    every = figures | {rule: f"({query})" for rule, query in apart.items()}
    statement = f"select {', '.join(every.values())} from {TABLE}"
    return dict(zip(every, connection.execute(statement).fetchall()[0], strict=True))


def verdicts(figures: Mapping[str, Any]) -> dict[str, Verdict]:
    """Return the verdicts on figures."""
    limits = {
        "quantity__mean": (6, 7),
        "unit_price_usd_cents__most": (0, 5000),
        "order_lines__number": (1, 1_000_000_000),
    }
    judged: dict[str, Verdict] = {
        rule: (int(figures[rule]) == 0, int(figures[rule]), None) for rule in (*ROWS, KEY)
    }
    judged |= {
        rule: (low <= figures[rule] <= high, None, figures[rule])
        for rule, (low, high) in limits.items()
    }
    return judged | {SET: (bool(figures[SET]), None, None)}


def run(database: Path, way: str, memory_limit: str, told_in: Path) -> str:
    """Judge the table one way, write the verdicts; tell the work without start-up."""
    started, cpu = time.perf_counter(), time.process_time()
    with duckdb.connect(str(database), config={"memory_limit": memory_limit}) as connection:
        judged = verdicts(found(connection, way))
    work = time.perf_counter() - started, time.process_time() - cpu
    write_verdicts(told_in, judged)
    return told(int(judged["order_lines__number"][2] or 0), {"work": work})


def main() -> None:
    """Judge and tell what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bare_checks")
    parser.add_argument("way", choices=("one", "separate", "blocks"))
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--memory-limit", required=True)
    parser.add_argument("--verdicts", type=Path, required=True)
    options = parser.parse_args()
    print(run(options.database, options.way, options.memory_limit, options.verdicts))


if __name__ == "__main__":
    main()
