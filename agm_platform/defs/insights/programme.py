"""A programme against its control group: who buys, how often, for how much, and how sure that is.

Every measure names what it is divided by: buying is itself an outcome, so buyers of both groups
are not the same kind of people.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import narwhals as nw
import pandas as pd

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.statistics import groups, ranks
from agm_platform.statistics.groups import Comparison, Moments
from agm_platform.statistics.intervals import Estimate, share
from agm_platform.statistics.ratios import linearised
from agm_platform.warehouse.rows import records

ASSIGNED, BUYERS, PURCHASES = "assigned customers", "buyers", "purchases"
SUMS = ("orders", "gross", "net")
PRODUCTS = (("gross", "gross"), ("net", "net"), ("orders", "orders"), ("gross", "orders"),
            ("net", "orders"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a group: `column` summed over the customers or purchases of `denominator`."""

    name: str
    unit: str
    denominator: str
    column: str
    is_share: bool = False


MEASURES = (
    Measure("share_that_buys", "fraction", ASSIGNED, "buyers", is_share=True),
    Measure("second_purchase_rate", "fraction", BUYERS, "returned", is_share=True),
    Measure("purchases_per_customer", "purchases", ASSIGNED, "orders"),
    Measure("purchases_per_buyer", "purchases", BUYERS, "orders"),
    Measure("gross_per_customer", "USD cents", ASSIGNED, "gross"),
    Measure("gross_per_buyer", "USD cents", BUYERS, "gross"),
    Measure("net_per_customer", "USD cents", ASSIGNED, "net"),
    Measure("net_per_buyer", "USD cents", BUYERS, "net"),
    Measure("gross_basket", "USD cents", PURCHASES, "gross"),
    Measure("net_basket", "USD cents", PURCHASES, "net"),
)


class Group(NamedTuple):
    """What is known of one group: its sums, and each measure's values with how often they are."""

    sums: dict[str, float]
    values: dict[str, dict[float, int]]


def per_customer(customers: nw.LazyFrame, orders: nw.LazyFrame) -> nw.LazyFrame:
    """Return one row a customer: is_enrolled, orders, gross, net; 0 for who never bought.

    Needs customers (customer_id, is_enrolled), one row each, and orders (customer_id,
    subtotal_usd_cents, net_usd_cents); orders of other customers count nowhere.
    """
    summed = orders.group_by("customer_id").agg(
        orders=nw.len(),
        gross=nw.col("subtotal_usd_cents").sum(),
        net=nw.col("net_usd_cents").sum(),
    )
    return (
        customers.select("customer_id", "is_enrolled")
        .join(summed, on="customer_id", how="left")
        .with_columns(*(nw.col(name).fill_null(0).cast(nw.Int64).alias(name) for name in SUMS))
    )


def programme_comparison(
    customers: nw.LazyFrame, orders: nw.LazyFrame, smallest_group: int
) -> pd.DataFrame:
    """Compare members with the control group, one row a measure; see `compared`."""
    frame = per_customer(customers, orders)
    return compared(_group(frame, enrolled=True), _group(frame, enrolled=False), smallest_group)


def compared(enrolled: Group, control: Group, smallest_group: int) -> pd.DataFrame:
    """Return one row a measure that both groups have.

    Differences of means by Welch's test, of shares by Newcombe's interval, of baskets by the
    linearised ratio (customers, not purchases, were drawn). Beside each mean the rank test of
    Brunner and Munzel, which skewness cannot sway. Both p values are Holm's over all measures, and
    a difference is significant only if no test says otherwise.
    """
    rows = []
    for measure in MEASURES:
        found = [_figure(group, measure) for group in (enrolled, control)]
        difference = _difference(enrolled, control, measure)
        if None in found or difference is None:
            continue
        ratio, rank = _ratio(enrolled, control, measure), _rank(enrolled, control, measure)
        rows.append(
            {
                "measure": measure.name,
                "unit": measure.unit,
                "denominator": measure.denominator,
                **_named("enrolled", found[0]),
                **_named("control", found[1]),
                "difference": difference.value,
                "difference_low": difference.low,
                "difference_high": difference.high,
                "ratio": ratio.value if ratio else None,
                "ratio_low": ratio.low if ratio else None,
                "ratio_high": ratio.high if ratio else None,
                "effect_size": difference.effect_size,
                "effect_name": "Cohen's h" if measure.is_share else "Hedges' g",
                "p_value": difference.p_value,
                "superiority": rank.value if rank else None,
                "superiority_low": rank.low if rank else None,
                "superiority_high": rank.high if rank else None,
                "rank_p_value": rank.p_value if rank else None,
                "suppressed": 0 < min(difference.sizes) < smallest_group,
            }
        )
    ranked = [row for row in rows if row["rank_p_value"] is not None]
    _adjust(rows, "p_value")
    _adjust(ranked, "rank_p_value")
    for row in rows:
        tests = [row["p_value_holm"], row.get("rank_p_value_holm")]
        row["is_significant"] = all(p <= 1 - CONFIDENCE for p in tests if p is not None)
        row.setdefault("rank_p_value_holm", None)
    return pd.DataFrame(rows)


def _adjust(rows: list[dict[str, Any]], name: str) -> None:
    for row, p_value in zip(rows, groups.holm([row[name] for row in rows]), strict=True):
        row[f"{name}_holm"] = p_value


def _named(group: str, found: Estimate | None) -> dict[str, Any]:
    assert found is not None
    return {
        f"{group}_count": found.sample_size,
        f"{group}_value": found.value,
        f"{group}_low": found.low,
        f"{group}_high": found.high,
    }


def _group(frame: nw.LazyFrame, *, enrolled: bool) -> Group:
    """Return a group's sums and values, computed by the engine in two passes."""
    own = frame.filter(nw.col("is_enrolled") == enrolled)
    numbers = {name: nw.col(name).cast(nw.Float64) for name in SUMS}
    squares = {f"{one}_{two}": (numbers[one] * numbers[two]).sum() for one, two in PRODUCTS}
    at_least = {
        name: nw.when(nw.col("orders") >= least).then(nw.lit(1)).otherwise(nw.lit(0)).sum()
        for name, least in (("buyers", 1), ("returned", 2))
    }
    (sums,) = records(
        own.select(
            customers=nw.len(),
            **at_least,
            **{name: nw.col(name).sum() for name in SUMS},
            **squares,
        )
    )
    filled = {name: float(value or 0) for name, value in sums.items()}
    buyers = own.filter(nw.col("orders") > 0)
    baskets = {f"{name}_basket": nw.col(name) / nw.col("orders") for name in ("gross", "net")}
    values = {}
    for name, value in {**{name: nw.col(name) for name in SUMS}, **baskets}.items():
        counted = buyers.with_columns(value=value).group_by("value").agg(count=nw.len())
        values[name] = {float(row["value"]): int(row["count"]) for row in records(counted)}
    return Group(filled, values)


def _size(group: Group, measure: Measure) -> int:
    return int(group.sums["customers" if measure.denominator == ASSIGNED else "buyers"])


def _moments(group: Group, measure: Measure) -> Moments | None:
    """Return the moments of a mean or a basket; those who never bought add 0 to all sums."""
    sums, size, column = group.sums, _size(group, measure), measure.column
    total, squared = sums[column], sums[f"{column}_{column}"]
    if measure.denominator != PURCHASES:
        return Moments.of_sums(size, total, squared) if size else None
    return linearised(
        size,
        total,
        sums["orders"],
        squared,
        sums["orders_orders"],
        sums[f"{column}_orders"],
    )


def _figure(group: Group, measure: Measure) -> Estimate | None:
    if measure.is_share:
        size = _size(group, measure)
        return share(int(group.sums[measure.column]), size) if size else None
    moments = _moments(group, measure)
    return groups.mean(moments) if moments else None


def _difference(one: Group, other: Group, measure: Measure) -> Comparison | None:
    if measure.is_share:
        ours, theirs = (
            (int(group.sums[measure.column]), _size(group, measure)) for group in (one, other)
        )
        return groups.difference_of_shares(ours, theirs) if ours[1] and theirs[1] else None
    first, second = _moments(one, measure), _moments(other, measure)
    return groups.difference_of_means(first, second) if first and second else None


def _ratio(one: Group, other: Group, measure: Measure) -> Comparison | None:
    """Return how many times the control group's figure the members' is."""
    if measure.is_share:
        return None
    first, second = _moments(one, measure), _moments(other, measure)
    return groups.ratio_of_means(first, second) if first and second else None


def _rank(one: Group, other: Group, measure: Measure) -> Comparison | None:
    """Return how often a member's value is above that of one in the control group."""
    if measure.is_share:
        return None
    first, second = _values(one, measure), _values(other, measure)
    return ranks.superiority(first, second)


def _values(group: Group, measure: Measure) -> dict[float, int]:
    """Return the customers' values of a measure, 0 for who never bought where all are meant."""
    is_basket = measure.denominator == PURCHASES
    values = dict(group.values[f"{measure.column}_basket" if is_basket else measure.column])
    if measure.denominator == ASSIGNED:
        never = int(group.sums["customers"] - group.sums["buyers"])
        values[0.0] = values.get(0.0, 0) + never
    return values
