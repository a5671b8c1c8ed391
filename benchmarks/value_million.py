"""The sides of the million customers: orders in a file to the value of each customer.

The other side does the same with a row a customer throughout, as public implementations do: with
the library lifetimes where it is installed, else with its likelihood in numpy and scipy's search
without a gradient.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import duckdb
import numpy as np

from benchmarks.form import told

ORDERS = "orders.parquet"
DAYS = 90
SIDES = ("platform", "ungrouped")


def write(folder: Path, customers: int) -> int:
    """Write the orders of so many customers."""
    from agm_platform.world.purchases import BuyerSize, orders

    with duckdb.connect() as connection:
        orders(connection, BuyerSize(customers, later_weeks=0), 1, "orders")
        connection.table("orders").write_parquet(str(folder / ORDERS))
        (count,) = connection.execute("select count(*) from orders").fetchone() or (0,)
    return int(count)


def platform(folder: Path) -> tuple[int, float]:
    """Group in the engine, fit what is distinct, value everybody; return rows and the total."""
    import narwhals as nw

    from agm_platform.defs.insights.customer_value import history_of, known_customers
    from agm_platform.defs.insights.purchase_histories import (
        EngineHistories,
        grouped_histories,
        purchase_days,
    )
    from agm_platform.value import bg_nbd, gamma_gamma
    from agm_platform.value.histories import Histories, grouped_values
    from agm_platform.value.outlook import of_customers
    from agm_platform.value.store import TrainedModel
    from agm_platform.value.training import fit_record
    from agm_platform.warehouse.rows import arrays

    with duckdb.connect() as connection:
        relation = connection.read_parquet(str(folder / ORDERS))
        days = purchase_days(nw.from_native(relation), "subtotal_usd_cents")
        connection.execute("create temp table days as " + days.to_native().sql_query())
        kept = nw.from_native(connection.table("days"))
        last = EngineHistories(kept).last_day
        assert last is not None
        found = arrays(grouped_histories(kept, last))
        weeks = 7.0
        purchases = bg_nbd.fit(
            Histories(
                found["frequency"],
                found["recency_days"] / weeks,
                found["age_days"] / weeks,
                found["customers"],
            )
        )
        customers = known_customers(kept, {})
    history = history_of(customers)
    values = gamma_gamma.fit(grouped_values(history.frequency, history.mean_value))
    model = TrainedModel(
        "bench", "value", 1, "2020-01-01", "",
        {
            "purchases": fit_record(purchases),
            "values": fit_record(values),
            "horizons": {str(DAYS): {"purchases": True, "values": True}},
        },
    )  # fmt: skip
    columns = of_customers(model, history)
    return len(customers), float(columns[f"usd_cents_{DAYS}_days"].sum())


def ungrouped(folder: Path) -> tuple[int, float]:
    """Do the same with a row a customer; return rows and the total."""
    with duckdb.connect() as connection:
        found = connection.execute(
            "with days as (select customer_id, order_date as d, sum(subtotal_usd_cents) as v"
            f" from '{folder / ORDERS}' group by all),"
            " firsts as (select *, min(d) over (partition by customer_id) as f from days)"
            " select count(*) - 1 as x, (max(d) - min(d)) / 7.0 as t_x,"
            " ((select max(d) from days) - min(d)) / 7.0 as t,"
            " coalesce(sum(v) filter (d > f) / nullif(count(*) - 1, 0), 0) as m"
            " from firsts group by customer_id"
        ).fetchnumpy()
    x, recency, age, mean = (np.asarray(found[name], float) for name in ("x", "t_x", "t", "m"))
    paid = (x > 0) & (mean > 0)
    try:
        import lifetimes
    except ImportError:
        return _plainly(x, recency, age, mean, paid)
    bought = lifetimes.BetaGeoFitter()
    bought.fit(x, recency, age)
    worth = lifetimes.GammaGammaFitter()
    worth.fit(x[paid], mean[paid])
    ahead = bought.conditional_expected_number_of_purchases_up_to_time(DAYS / 7, x, recency, age)
    each = worth.conditional_expected_average_profit(x, mean)
    return len(x), float((np.asarray(ahead) * np.asarray(each)).sum())


def _plainly(
    x: np.ndarray, recency: np.ndarray, age: np.ndarray, mean: np.ndarray, paid: np.ndarray
) -> tuple[int, float]:
    """Fit by scipy's Nelder and Mead's search on every customer's own likelihood."""
    from scipy.optimize import minimize
    from scipy.special import gammaln, hyp2f1

    def loss(logs: np.ndarray) -> float:
        r, alpha, a, b = np.exp(logs)
        chance = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        chance += gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        stays = -(r + x) * np.log(alpha + age)
        leaves = np.where(
            x > 0, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + recency),
            -np.inf,
        )  # fmt: skip
        return -float((chance + np.logaddexp(stays, leaves)).mean())

    def worth(logs: np.ndarray) -> float:
        p, q, v = np.exp(logs)
        n, z = x[paid], mean[paid]
        shape = p * n
        return -float(
            (
                gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(v)
                + (shape - 1) * np.log(z) + shape * np.log(n) - (shape + q) * np.log(n * z + v)
            ).mean()
        )  # fmt: skip

    options = {"xatol": 1e-4, "fatol": 1e-8, "maxiter": 2000}
    r, alpha, a, b = np.exp(minimize(loss, np.zeros(4), method="Nelder-Mead", options=options).x)
    start = np.log([1.0, 2.0, mean[paid].mean()])
    p, q, v = np.exp(minimize(worth, start, method="Nelder-Mead", options=options).x)
    weeks = DAYS / 7
    z = weeks / (alpha + age + weeks)
    ratio = (alpha + age) / (alpha + age + weeks)
    ahead = (a + b + x - 1) / (a - 1)
    ahead *= 1 - ratio ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, z)
    gone = a / (b + np.maximum(x, 1) - 1) * ((alpha + age) / (alpha + recency)) ** (r + x)
    ahead /= 1 + np.where(x > 0, gone, 0.0)
    each = p * (v + x * mean) / (p * x + q - 1)
    return len(x), float((ahead * each).sum())


def main() -> None:
    """Run one side and tell rows and seconds without imports; the total goes into a file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.value_million")
    parser.add_argument("side", choices=("write", *SIDES))
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--customers", type=int, default=1_000_000)
    options = parser.parse_args()
    started, cpu = time.perf_counter(), time.process_time()
    if options.side == "write":
        print(told(write(options.folder, options.customers)))
        return
    rows, total = {"platform": platform, "ungrouped": ungrouped}[options.side](options.folder)
    (options.folder / f"{options.side}.txt").write_text(str(total), encoding="utf-8")
    took = (time.perf_counter() - started, time.process_time() - cpu)
    print(told(rows, {"work": took}))


if __name__ == "__main__":
    main()
