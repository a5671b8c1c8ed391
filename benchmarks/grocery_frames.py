"""The grocery job with polars (lazy, streaming) and with pandas (as notebooks do it).

Both give the figures by which the sides are compared. Neither library's side proves, keeps or sets
aside anything. polars is no dependency of the project: without it its sides are left out.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from benchmarks.form import told

FILES = ("orders", "order_products__prior", "products")


def with_polars(folder: Path, form: str) -> dict[str, Any]:
    """Compute the figures lazily with the streaming engine, over CSV or Parquet."""
    import polars as pl

    def table(name: str) -> Any:
        path = folder / f"{name}.{form}"
        return pl.scan_csv(path) if form == "csv" else pl.scan_parquet(path)

    orders, lines = table("orders"), table("order_products__prior")
    listed = table("products").collect().unique(maintain_order=True).with_row_index("place")
    shared = (
        listed.group_by("product_id")
        .agg(pl.len().alias("n"), pl.col("place").min())
        .filter(pl.col("n") == 2)
    )
    places = set(shared["place"])
    products = listed.with_columns(
        pl.when(pl.col("place").is_in(list(places)))
        .then(pl.col("product_id") - 1)
        .otherwise("product_id")
        .alias("product_id"),
        pl.when(pl.col("prices") <= 100)
        .then((pl.col("prices") * 100).round().cast(pl.Int64))
        .alias("cents"),
    ).with_columns(
        pl.when(pl.col("cents") <= 500)
        .then(pl.lit("low"))
        .when(pl.col("cents") <= 1500)
        .then(pl.lit("mid"))
        .when(pl.col("cents").is_not_null())
        .then(pl.lit("high"))
        .alias("band")
    )
    joined = lines.join(
        products.lazy().select("product_id", "department_id", "cents", "band"), on="product_id"
    )
    baskets = joined.group_by("order_id").agg(
        pl.len().alias("order_lines"),
        pl.col("cents").sum().alias("usd_cents"),
        pl.col("cents").count().alias("priced"),
    )
    prior = orders.filter(pl.col("eval_set") == "prior")
    habits = (
        prior.join(baskets, on="order_id", how="left")
        .group_by("user_id")
        .agg(
            pl.col("order_number").max(),
            pl.col("days_since_prior_order").median().alias("gap"),
            pl.col("order_lines").sum(),
            pl.col("usd_cents").sum(),
            pl.col("priced").sum(),
        )
    )
    cube = (
        joined.join(prior.select("order_id", "order_hour_of_day"), on="order_id")
        .group_by("order_hour_of_day", "department_id", "band")
        .agg(pl.len().alias("lines"))
    )
    popular = lines.group_by("product_id").agg(pl.len(), pl.col("reordered").sum())
    hours = orders.group_by("order_dow", "order_hour_of_day").agg(pl.len().alias("orders"))
    together = joined.select("order_id", "department_id").unique().group_by("department_id").len()
    found = pl.collect_all([habits, cube, popular, hours, together], engine="streaming")
    people, cells, _, moments, held = found
    number, gap = pl.col("order_number"), pl.col("gap")
    flags = people.with_columns(
        pl.when(number > 40)
        .then(pl.lit("loyal"))
        .when(number > 10)
        .then(pl.lit("regular"))
        .otherwise(pl.lit("new"))
        .alias("loyalty"),
        pl.when(gap > 20)
        .then(pl.lit("non_frequent"))
        .when(gap > 10)
        .then(pl.lit("regular"))
        .when(gap.is_not_null())
        .then(pl.lit("frequent"))
        .alias("frequency"),
    )

    def counted(frame: Any, key: str, value: str) -> dict[str, int]:
        grouped = frame.filter(pl.col(key).is_not_null()).group_by(key).agg(pl.col(value).sum())
        return {str(name): int(count) for name, count in grouped.iter_rows()}

    return {
        "customers": counted(flags.with_columns(one=1), "loyalty", "one"),
        "lines": counted(flags, "loyalty", "order_lines"),
        "frequency": counted(flags.with_columns(one=1), "frequency", "one"),
        "low_spenders": int(
            flags.filter(
                (pl.col("priced") > 0) & (pl.col("usd_cents") < 1000 * pl.col("priced"))
            ).height
        ),
        "price_bands": counted(cells, "band", "lines"),
        "departments": counted(cells, "department_id", "lines"),
        "department_orders": counted(held, "department_id", "len"),
        "days": counted(moments, "order_dow", "orders"),
    }


def with_pandas(folder: Path) -> dict[str, Any]:
    """Compute the figures as the notebooks do: everything merged into one wide frame first."""
    import pandas as pd

    orders, lines, products = (pd.read_csv(folder / f"{name}.csv") for name in FILES)
    products = products.drop_duplicates().reset_index(drop=True)
    twice = products.duplicated("product_id", keep=False) & ~products.duplicated("product_id")
    products.loc[twice, "product_id"] -= 1
    cents = (products["prices"] * 100).round()
    products["cents"] = cents.where(products["prices"] <= 100)
    products["band"] = None
    products.loc[products["cents"] <= 500, "band"] = "low"
    products.loc[(products["cents"] > 500) & (products["cents"] <= 1500), "band"] = "mid"
    products.loc[products["cents"] > 1500, "band"] = "high"
    prior = orders[orders["eval_set"] == "prior"].copy()
    prior["max_order"] = prior.groupby("user_id")["order_number"].transform("max")
    prior["gap"] = prior.groupby("user_id")["days_since_prior_order"].transform("median")
    merged = prior.merge(lines, on="order_id").merge(products, on="product_id")
    for column, flag, edges in (
        ("max_order", "loyalty", (("new", -1), ("regular", 10), ("loyal", 40))),
        ("gap", "frequency", (("frequent", -1), ("regular", 10), ("non_frequent", 20))),
    ):
        for frame in (merged, prior):
            frame[flag] = None
            for name, above in edges:
                frame.loc[frame[column] > above, flag] = name
    people = prior.drop_duplicates("user_id")
    spent = merged.groupby("user_id")["cents"].agg(["sum", "count"])
    low = (spent["count"] > 0) & (spent["sum"] < 1000 * spent["count"])
    merged.groupby(["order_dow", "order_hour_of_day"])["cents"].sum()
    merged.groupby("product_id")["reordered"].mean()
    held = merged.drop_duplicates(["order_id", "department_id"])["department_id"]

    def counted(series: Any) -> dict[str, int]:
        return {str(name): int(count) for name, count in series.value_counts().items()}

    return {
        "customers": counted(people["loyalty"]),
        "lines": counted(merged["loyalty"]),
        "frequency": counted(people["frequency"]),
        "low_spenders": int(low.sum()),
        "price_bands": counted(merged["band"]),
        "departments": counted(merged["department_id"]),
        "department_orders": counted(held),
        "days": counted(orders["order_dow"]),
    }


def to_parquet(folder: Path, target: Path) -> None:
    """Write the files that polars reads as Parquet."""
    import duckdb

    target.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        for name in FILES:
            connection.execute(
                f"copy (from read_csv('{folder / name}.csv')) to '{target / name}.parquet'"
            )


def main() -> None:
    """Compute the figures with one library, write them and tell what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grocery_frames")
    parser.add_argument("library", choices=("polars", "pandas"))
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--form", choices=("csv", "parquet"), default="csv")
    parser.add_argument("--figures", type=Path, required=True)
    options = parser.parse_args()
    started, cpu = time.perf_counter(), time.process_time()
    if options.library == "polars":
        figures = with_polars(options.folder, options.form)
    else:
        figures = with_pandas(options.folder)
    work = (time.perf_counter() - started, time.process_time() - cpu)
    options.figures.write_text(json.dumps(figures, sort_keys=True), encoding="utf-8")
    print(told(sum(figures["lines"].values()), {"work": work}))


if __name__ == "__main__":
    main()
