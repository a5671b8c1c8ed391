"""How often orders are delayed or cancelled, where, and whether that differs or is alike."""

from agm_platform.contracts.sales_rules import SAME_RATE_MARGIN
from agm_platform.defs.answers.answer import Answer, Row, left_empty, percent, sentence, shown, told
from agm_platform.defs.answers.sales_figures import (
    NO_ORDERS,
    TOO_FEW,
    SalesFigures,
    interval,
    p_value,
    without,
)

RATES, TESTS = "sales.delivery_rates", "sales.delivery_tests"
GROUPS = {
    "region": ("delivery_region", "delivery regions"),
    "home_region": ("home_region", "the customers' home regions"),
    "price_band": ("price_band", "price bands"),
}


def delivery_answers(figures: SalesFigures) -> list[Answer]:
    """Return the rates over all, the statuses against each other, and the rates by group."""
    by_group = [
        _by_group(figures, outcome, name) for outcome in ("delayed", "cancelled") for name in GROUPS
    ]
    return [
        _rate(figures, "delayed", "delay_rate", "What share of orders is delayed?"),
        _rate(figures, "cancelled", "cancel_rate", "What share of orders is cancelled?"),
        *by_group,
        _statuses(figures),
    ]


def alike(row: Row, groups: str) -> str:
    """Say in words what a test of rates found."""
    gap = f"{row['largest_difference'] * 100:.1f} points ({row['most']} against {row['least']})"
    margin = f"{SAME_RATE_MARGIN * 100:.0f} points"
    test = f"{p_value(row['p_holm'])} after Holm's correction"
    return {
        "differs": f"{groups} differ: {gap}, {test}",
        "same": f"{groups} are alike within {margin}; the largest difference is {gap}",
        "cannot tell": f"no difference between {groups} is found ({gap}, {test}), but that all "
        f"are alike within {margin} is not proved either",
    }[row["verdict"]]


def _rate(figures: SalesFigures, outcome: str, name: str, question: str) -> Answer:
    total = next(iter(figures.groups("total")), None)
    if total is None:
        return without(name, question, NO_ORDERS, RATES)
    value, low, high = (total[f"{outcome}_rate{end}"] for end in ("", "_low", "_high"))
    others = total["orders"] - total["cancelled"]
    arrived = (
        f" Of the {others:,} that were not cancelled it is {percent(total['delayed'] / others)}."
        if outcome == "delayed" and others
        else ""
    )
    return Answer(
        f"sales.{name}",
        question,
        f"{percent(value)}{interval(low, high, percent)} are {outcome}: {total[outcome]:,} of "
        f"{total['orders']:,} orders with a known status.{arrived}",
        value,
        low,
        high,
        "share of orders",
        total["orders"],
        details=[
            {"status": each, "orders": total[each], "share": total[f"{each}_rate"]}
            for each in ("delivered", "delayed", "cancelled")
        ],
        caveat=sentence(
            "Orders of unknown status are left out.",
            figures.published("on_time_rate", percent) if outcome == "delayed" else None,
        ),
        evidence=RATES,
        method="share with Wilson's interval",
        as_of=figures.as_of,
    )


def _by_group(figures: SalesFigures, outcome: str, name: str) -> Answer:
    dimension, words = GROUPS[name]
    kind = "delay" if outcome == "delayed" else "cancel"
    asked = f"{kind}_by_{name}"
    verb = "delays" if outcome == "delayed" else "cancellations"
    question = f"Are {verb} commoner in some of {words}, or spread evenly?"
    rows = sorted(figures.groups(dimension), key=lambda row: row["member"])
    test = figures.test(dimension, outcome)
    if test is None:
        return without(asked, question, TOO_FEW if figures.total else NO_ORDERS, TESTS)
    if len(told(rows)) < 2:
        return without(asked, question, TOO_FEW, TESTS)
    names = (f"{outcome}_rate", f"{outcome}_rate_low", f"{outcome}_rate_high")
    return Answer(
        f"sales.{asked}",
        question,
        f"Of {verb}: {alike(test, words)}.",
        test["largest_difference"],
        unit="largest difference of two shares",
        sample_size=test["orders"],
        details=[
            {
                "group": row["member"],
                "orders": shown(row, "orders"),
                outcome: shown(row, outcome),
                "rate": shown(row, names[0]),
                "low": shown(row, names[1]),
                "high": shown(row, names[2]),
            }
            for row in rows
        ],
        caveat=sentence(
            "Where an order goes and where its customer lives are two things."
            if name != "price_band"
            else None,
            "An earlier table counted bands by the customer's home, with no delivery in it.",
            left_empty(rows),
        ),
        evidence=TESTS,
        method="Pearson's chi-square of homogeneity, Holm's correction over six tests; sameness by "
        f"two one-sided tests of every pair within {SAME_RATE_MARGIN * 100:.0f} points",
        as_of=figures.as_of,
    )


def _statuses(figures: SalesFigures) -> Answer:
    question = "Are orders as often late as delivered in time, and as cancelled?"
    if not figures.statuses:
        return without("delivery_statuses", question, NO_ORDERS, "sales.status_comparisons")
    parts = [
        f"{row['first']} {percent(row['first_share'])} and {row['second']} "
        f"{percent(row['second_share'])} ({row['verdict']}, {p_value(row['p_holm'])})"
        for row in figures.statuses
    ]
    return Answer(
        "sales.delivery_statuses",
        question,
        f"In pairs: {'; '.join(parts)}.",
        unit="share of orders",
        sample_size=figures.statuses[0]["orders"],
        details=[
            {
                name: row[name]
                for name in (
                    *("first", "second", "first_share", "second_share", "difference"),
                    *("low", "high", "p_holm", "verdict"),
                )
            }
            for row in figures.statuses
        ],
        caveat="Judged by eye, all three were once called alike.",
        evidence="sales.status_comparisons",
        method="difference of shares of one sample with Wald's interval; sign test with Holm's "
        f"correction; same within {SAME_RATE_MARGIN * 100:.0f} points by two one-sided tests",
        as_of=figures.as_of,
    )
