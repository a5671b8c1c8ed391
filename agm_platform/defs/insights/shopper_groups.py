"""Groups of customers by loyalty, region, age, income and family, and the habits of each."""

from collections.abc import Sequence
from statistics import NormalDist

import narwhals as nw

from agm_platform.contracts.bands import Bands
from agm_platform.contracts.business import CONFIDENCE
from agm_platform.defs.insights.bands import banded

UNKNOWN = "unknown"
SEPARATOR = ", "


def customer_groups(
    habits: nw.LazyFrame, customers: nw.LazyFrame, ages: Bands, incomes: Bands
) -> nw.LazyFrame:
    """Return the groups of each customer with orders; unknown where the customer is not listed.

    Parameters: habits with customer_id, loyalty, activity; customers with customer_id (each once),
    region, age, income_usd_cents, dependants, family_status. `group_number` numbers the
    combinations that occur, from 1.
    """
    described = customers.select(
        "customer_id",
        "region",
        "family_status",
        age_band=banded(nw.col("age"), ages),
        income_band=banded(nw.col("income_usd_cents"), incomes),
        family=nw.when(nw.col("dependants") > 0)
        .then(nw.lit("parent"))
        .otherwise(nw.when(nw.col("dependants") == 0).then(nw.lit("no_dependants"))),
    )
    names = ("region", "age_band", "income_band", "family", "family_status")
    grouped = (
        habits.select("customer_id", "loyalty", "activity")
        .join(described, on="customer_id", how="left")
        .with_columns(nw.col(name).fill_null(UNKNOWN) for name in names)
    )
    income = nw.concat_str(nw.col("income_band"), nw.lit(" income"))
    profiled = grouped.with_columns(
        loyalty=nw.col("loyalty").fill_null(UNKNOWN),
        activity=nw.col("activity").fill_null(UNKNOWN),
        profile=nw.when(nw.col("age_band") == UNKNOWN)
        .then(nw.lit(UNKNOWN))
        .otherwise(nw.concat_str("age_band", "family", income, separator=SEPARATOR)),
    )
    columns = ("loyalty", "activity", *names, "profile")
    combination = nw.concat_str(*columns, separator="|")
    keyed = profiled.with_columns(_combination=combination)
    numbers = (
        keyed.select("_combination")
        .unique()
        .with_columns(group_number=nw.col("_combination").rank("ordinal").cast(nw.Int64))
    )
    return keyed.join(numbers, on="_combination", how="inner").drop("_combination")


def group_habits(
    habits: nw.LazyFrame,
    groups: nw.LazyFrame,
    order_cube: nw.LazyFrame,
    line_cube: nw.LazyFrame,
    departments: nw.LazyFrame,
    groupings: Sequence[str],
) -> nw.LazyFrame:
    """Sum up what the customers of each group do, for each grouping.

    Parameters: habits and groups with customer_id (each once); the cubes by group_number;
    departments with department_id and department_name; groupings are columns of groups. Returns the
    columns of the contract `group_habits`. Spending an order is over prior orders with customers as
    what was drawn. Of equal days, hours and departments the first by number is named.
    """
    people = groups.join(
        habits.select(
            "customer_id", "orders", "order_lines", "usd_cents", "median_gap_days", "priced_lines"
        ),
        on="customer_id",
        how="inner",
    )
    loyalty = groups.select("group_number", *groupings).unique()
    days, hours = (
        order_cube.join(loyalty, on="group_number", how="inner").filter(~nw.col(name).is_null())
        for name in ("order_day", "order_hour")
    )
    bought = line_cube.join(loyalty, on="group_number", how="inner").filter(
        ~nw.col("department_id").is_null()
    )
    parts = []
    for grouping in groupings:
        member = nw.col(grouping)
        shares = _most(bought.with_columns(member=member), "department_id", "order_lines")
        top = shares.join(departments, on="department_id", how="left").select(
            "member",
            top_department="department_name",
            top_department_share=nw.col("_count") / nw.col("_all"),
        )
        day = _most(days.with_columns(member=member), "order_day", "orders")
        hour = _most(hours.with_columns(member=member), "order_hour", "orders")
        parts.append(
            _summed(people.with_columns(member=member))
            .join(day.select("member", busiest_day="order_day"), on="member", how="left")
            .join(hour.select("member", busiest_hour="order_hour"), on="member", how="left")
            .join(top, on="member", how="left")
            .with_columns(grouping=nw.lit(grouping))
        )
    return nw.concat(parts)


def _summed(people: nw.LazyFrame) -> nw.LazyFrame:
    """Sum up customers by `member`."""
    cents, orders = nw.col("usd_cents").cast(nw.Float64), nw.col("orders").cast(nw.Float64)
    squares = people.with_columns(
        _yy=cents * cents,
        _xx=orders * orders,
        _xy=cents * orders,
        _loyal=(nw.col("loyalty") == "loyal").cast(nw.Int64),
        _spent=nw.when(nw.col("priced_lines") > 0).then(nw.col("usd_cents")),
    )
    summed = squares.group_by("member").agg(
        customers=nw.len(),
        loyal_customers=nw.col("_loyal").sum(),
        orders=nw.col("orders").sum(),
        order_lines=nw.col("order_lines").sum(),
        usd_cents=nw.col("usd_cents").sum(),
        least_usd_cents=nw.col("_spent").min(),
        most_usd_cents=nw.col("_spent").max(),
        mean_usd_cents=nw.col("_spent").mean(),
        least_gap_days=nw.col("median_gap_days").min(),
        most_gap_days=nw.col("median_gap_days").max(),
        mean_gap_days=nw.col("median_gap_days").mean(),
        _yy=nw.col("_yy").sum(),
        _xx=nw.col("_xx").sum(),
        _xy=nw.col("_xy").sum(),
    )
    value, count = nw.col("usd_cents_per_order"), nw.col("customers")
    residual = nw.col("_yy") - 2 * value * nw.col("_xy") + value * value * nw.col("_xx")
    spread = nw.when(residual > 0).then(residual).otherwise(nw.lit(0.0))
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    half = z * (nw.when(count > 1).then(count * spread / (count - 1))).sqrt() / nw.col("orders")
    whole = ("customers", "loyal_customers", "orders", "order_lines", "usd_cents")
    return (
        summed.with_columns(
            orders_per_customer=nw.col("orders") / count,
            usd_cents_per_order=nw.col("usd_cents") / nw.col("orders"),
        )
        .with_columns(
            *(nw.col(name).cast(nw.Int64) for name in whole),
            usd_cents_per_order_low=value - half,
            usd_cents_per_order_high=value + half,
        )
        .drop("_yy", "_xx", "_xy")
    )


def _most(frame: nw.LazyFrame, column: str, count: str) -> nw.LazyFrame:
    """Return for each `member` the value of `column` with the highest sum of `count`.

    `_count` is that sum and `_all` the sum over all values.
    """
    summed = frame.group_by("member", column).agg(_count=nw.col(count).sum())
    ranked = summed.with_columns(
        _all=nw.col("_count").sum().over("member"),
        _order=nw.col("_count") * -1,
        _one=nw.lit(1),
    ).with_columns(_rank=nw.col("_one").cum_sum().over("member", order_by=["_order", column]))
    return ranked.filter(nw.col("_rank") == 1).drop("_rank", "_order", "_one")
