"""Contracts of what customers are worth and whether they return, for any source of dated orders."""

from __future__ import annotations

from agm_platform.contracts.breakdown import suppressed
from agm_platform.contracts.model import (
    Column,
    OnFailure,
    Owner,
    Rule,
    Severity,
    SmallGroups,
    Table,
    Type,
)
from agm_platform.contracts.rules import in_set, unique

TEXT, INTEGER, NUMBER, BOOLEAN = Type.TEXT, Type.INTEGER, Type.NUMBER, Type.BOOLEAN
CARDS, CUSTOMER_VALUE, BY_SEGMENT = "model_cards", "customer_value", "value_by_segment"
NEXT_PURCHASE, CHANGES = "next_purchase", "segment_changes"

MONEY = ("subtotal_usd_cents", "revenue_usd_cents")
"""What an order is worth, by the first of these columns that the orders have."""
HORIZONS_DAYS = (30, 90)
"""How far ahead customers are valued. Source: a month, and the quarter that AGM's trial lasts."""
KINDS = {"value": "what customers will buy", "return": "who buys again", "segments": "segments"}


def money_of(orders: Table) -> str:
    """Return the column of the orders that says what one is worth; ValueError if there is none."""
    found = [name for name in MONEY if name in orders.column_names]
    if not found or not {"customer_id", "order_date"} <= set(orders.column_names):
        msg = f"{orders.full_name}: needs customer_id, order_date and one of {', '.join(MONEY)}"
        raise ValueError(msg)
    return found[0]


def value_tables_of(orders: Table) -> tuple[Table, ...]:
    """Return the contracts made from a source's dated orders; a source offers all by naming them.

    Needs customer_id with its identity, order_date, and a column of MONEY.
    """
    money_of(orders)
    source, identity = orders.source, orders.column("customer_id").identity
    return (
        _cards(source),
        _customer_value(source, identity),
        _by_segment(source),
        _next_purchase(source),
        _changes(source),
    )


def _cards(source: str) -> Table:
    return Table(
        source,
        CARDS,
        "One row a kind of model: what it is, what it was learnt from, how it was judged, and "
        "whether it is shown.",
        (
            Column("kind", TEXT, "value, return or segments.", nullable=False),
            Column("label", TEXT, "The model in use; null if none could be trained yet."),
            Column("method", TEXT, "How it was learnt and judged; null without a model."),
            Column("trained_through", Type.DATE, "Last day of what it was learnt from."),
            Column("customers", INTEGER, "Customers that it was learnt from."),
            Column("is_shown", BOOLEAN, "Whether it is good enough to be shown.", nullable=False),
            Column(
                "verdict", TEXT, "How it did on unseen days, or what is missing.", nullable=False
            ),
            Column("scores", TEXT, "Figures on days it had not seen: a JSON list of records."),
            Column("parameters", TEXT, "Its numbers: a JSON object."),
            Column("data", TEXT, "What it was learnt from, with a digest: a JSON object."),
            Column("libraries", TEXT, "Versions of the libraries: a JSON object."),
            Column(
                "stability_index",
                NUMBER,
                "Population stability index of the segments since training; null elsewhere.",
            ),
            Column("warning", TEXT, "Why it should be trained anew; null if it need not be."),
        ),
        key=("kind",),
        rules=(
            unique("kind", "one row a kind of model"),
            in_set("kind__known", list(KINDS), "every kind is a known one"),
            Rule(
                "warning__none",
                "expect_column_values_to_be_null",
                {"column": "warning"},
                "customers are as they were when the models were trained",
                OnFailure.WARN,
                Severity.WARNING,
            ),
        ),
        owner=Owner.ANALYTICS,
    )


def _customer_value(source: str, identity: str | None) -> Table:
    ahead: list[Column] = []
    for days in HORIZONS_DAYS:
        ahead += _estimate(f"purchases_{days}_days", f"Expected purchases of the next {days} days")
        ahead += _estimate(
            f"usd_cents_{days}_days", f"Expected spend of the next {days} days", "USD cents"
        )
    return Table(
        source,
        CUSTOMER_VALUE,
        "One row a customer with orders: history, segment, and what to expect. Expectations are "
        "null where no model is good enough to be shown (model_cards); their 95 % intervals are "
        "of the expectation, not of what one customer will do.",
        (
            Column("customer_id", TEXT, "Customer number.", nullable=False, identity=identity),
            Column("purchase_days", INTEGER, "Days with a purchase.", nullable=False),
            Column("since_last_days", INTEGER, "Days since the last one.", unit="days"),
            Column("age_days", INTEGER, "Days since the first one.", unit="days"),
            Column(
                "mean_value_usd_cents",
                NUMBER,
                "Mean value of a day's purchases after the first; null without one.",
                unit="USD cents",
            ),
            Column("segment", TEXT, "Segment by the frozen edges; null without a model."),
            *_estimate(
                "alive",
                "Chance that the customer has not left; null with one purchase, before which "
                "nobody leaves by the model",
                "fraction",
            ),
            *ahead,
            Column(
                "return_probability",
                NUMBER,
                "Chance of a purchase within return_days, by the return model.",
                unit="fraction",
            ),
            Column("return_days", INTEGER, "How far ahead that is.", unit="days"),
            Column("value_model", TEXT, "Model of purchases and spend; null if none is shown."),
            Column("return_model", TEXT, "Model of the return; null if none is shown."),
        ),
        key=("customer_id",),
        rules=(
            unique("customer_id", "one row a customer"),
            Rule(
                "alive__a_chance",
                "expect_column_values_to_be_between",
                {"column": "alive", "min_value": 0, "max_value": 1},
                "a chance lies between 0 and 1",
            ),
        ),
        owner=Owner.ANALYTICS,
        one_row_a_person=True,
    )


def _by_segment(source: str) -> Table:
    return Table(
        source,
        BY_SEGMENT,
        "What segments will buy, one row a segment and horizon, with 95 % prediction intervals of "
        "the totals; no rows without a model that is shown.",
        (
            Column("segment", TEXT, "Segment, or all.", nullable=False),
            Column("horizon_days", INTEGER, "How far ahead.", unit="days", nullable=False),
            Column("customers", INTEGER, "Customers in it.", nullable=False),
            Column("repeaters", INTEGER, "Of these, with two purchases or more.", nullable=False),
            *_estimate("alive_share", "Share of the repeaters who have not left", "fraction"),
            *_estimate("purchases", "Purchases to come"),
            Column("naive_purchases", NUMBER, "The same if each carried on at the own rate."),
            *_estimate("usd_cents", "Spend to come", "USD cents"),
            suppressed(),
        ),
        key=("segment", "horizon_days"),
        rules=(_unique("segment", "horizon_days"),),
        owner=Owner.ANALYTICS,
        small_groups=(
            SmallGroups(
                (
                    "customers",
                    "repeaters",
                    "alive_share",
                    "alive_share_low",
                    "alive_share_high",
                    "purchases",
                    "purchases_low",
                    "purchases_high",
                    "naive_purchases",
                    "usd_cents",
                    "usd_cents_low",
                    "usd_cents_high",
                )
            ),
        ),
    )


def _next_purchase(source: str) -> Table:
    return Table(
        source,
        NEXT_PURCHASE,
        "How long until the next purchase, who has not come back being censored: by number of the "
        "purchase, and by segment as it was on an earlier day (a segment of today knows who came "
        "back).",
        (
            Column("dimension", TEXT, "purchase_number or segment.", nullable=False),
            Column("member", TEXT, "The number, or the segment, or all.", nullable=False),
            Column("place", INTEGER, "Order of the members.", nullable=False),
            Column("customers", INTEGER, "Customers watched from then on.", nullable=False),
            Column("came_back", INTEGER, "Of these, seen to buy again.", nullable=False),
            Column("wait_days", INTEGER, "The wait after which to look.", unit="days"),
            *_estimate("not_back", "Share without a purchase after that wait", "fraction"),
            Column(
                "median_days",
                NUMBER,
                "Days by which half are back; null if fewer ever were seen to be.",
                unit="days",
            ),
            suppressed(),
        ),
        key=("dimension", "member"),
        rules=(_unique("dimension", "member"),),
        owner=Owner.ANALYTICS,
        small_groups=(
            SmallGroups(
                (
                    "customers",
                    "came_back",
                    "not_back",
                    "not_back_low",
                    "not_back_high",
                    "median_days",
                )
            ),
        ),
    )


def _changes(source: str) -> Table:
    return Table(
        source,
        CHANGES,
        "Sizes of the segments, and segments beside what the same customers are called otherwise: "
        "their segment of 30 days before, or the label of a rule with fixed edges.",
        (
            Column("comparison", TEXT, "now, 30_days_before, or the other label.", nullable=False),
            Column("other", TEXT, "What they are called there.", nullable=False),
            Column("segment", TEXT, "Their segment.", nullable=False),
            Column("customers", INTEGER, "How many.", nullable=False),
            Column(
                "association",
                NUMBER,
                "Cramér's V of the comparison: 0 unrelated, 1 one tells the other; null where the "
                "counts are too small.",
            ),
            suppressed(what="customers"),
        ),
        key=("comparison", "other", "segment"),
        rules=(_unique("comparison", "other", "segment"),),
        owner=Owner.ANALYTICS,
        small_groups=(SmallGroups(("customers",)),),
    )


def _estimate(name: str, words: str, unit: str | None = None) -> tuple[Column, Column, Column]:
    return (
        Column(name, NUMBER, f"{words}.", unit=unit),
        Column(f"{name}_low", NUMBER, "Lower end of its 95 % interval.", unit=unit),
        Column(f"{name}_high", NUMBER, "Upper end of it.", unit=unit),
    )


def _unique(*columns: str) -> Rule:
    return Rule(
        f"{columns[0]}__one_row",
        "expect_compound_columns_to_be_unique",
        {"column_list": list(columns)},
        "one row each",
    )
