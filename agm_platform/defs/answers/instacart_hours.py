"""Instacart's questions about days and hours: when people order, spend, stay away."""

from agm_platform.contracts.instacart_rules import BUSIEST_HOURS, FIRST_DAY
from agm_platform.defs.answers.answer import Answer, Row, dollars, listed, percent, sentence
from agm_platform.defs.answers.instacart_figures import (
    ORDERS_MISSING,
    TOO_FEW,
    InstacartFigures,
    missing,
    number,
)

EVIDENCE = "shopping_habits"
CELLS = 7 * 24
METHOD = (
    "orders counted; interval of a share by the ratio estimator with customers as what was drawn, "
    "because orders of one customer are alike"
)
NAMES = (
    f"The sender does not name day 0; it is called {FIRST_DAY} here, as in the course, while "
    "others read Sunday: use the number."
)


def answers(figures: InstacartFigures) -> list[Answer]:
    """Return the answers about time."""
    return [
        _day(figures, "busiest_day", "On which day do most people order?", busiest=True),
        _day(figures, "quietest_day", "On which day do fewest people order?", busiest=False),
        _hours(figures, "busiest_hours", "At which hours do most people order?", busiest=True),
        _hours(figures, "quietest_hours", "At which hours do fewest people order?", busiest=False),
        _spend(figures),
        _advertising(figures),
    ]


def _day(figures: InstacartFigures, name: str, question: str, *, busiest: bool) -> Answer:
    days = figures.moments("day")
    if not days:
        return missing(name, question, ORDERS_MISSING, EVIDENCE)
    ranked = _ranked(days, busiest=busiest)
    first = ranked[0]
    extreme = "most" if busiest else "fewest"
    return Answer(
        f"instacart.{name}",
        question,
        f"Day {first['order_day']}{_name(first)} has {extreme} orders: "
        f"{first['orders']:,} of {figures.total_orders:,}, {_share(first)}.{_doubt(ranked)}",
        float(first["order_day"]),
        unit="day of the week, 0 to 6",
        sample_size=figures.total_orders,
        details=[_told(row) for row in ranked],
        caveat=NAMES,
        evidence=f"instacart.{EVIDENCE}",
        method=METHOD,
    )


def _hours(figures: InstacartFigures, name: str, question: str, *, busiest: bool) -> Answer:
    hours = figures.moments("hour")
    if not hours:
        return missing(name, question, ORDERS_MISSING, EVIDENCE)
    ranked = _ranked(hours, busiest=busiest)
    first = ranked[:BUSIEST_HOURS]
    words = listed(
        f"{row['order_hour']}:00 ({row['orders']:,} orders, {_share(row)})" for row in first
    )
    return Answer(
        f"instacart.{name}",
        question,
        f"{'Most' if busiest else 'Fewest'} orders come at {words}.{_doubt(ranked, len(first))}",
        float(first[0]["order_hour"]),
        unit="hour of the day, 0 to 23",
        sample_size=figures.total_orders,
        details=[_told(row) for row in ranked],
        caveat="An hour means from its start to the next. Of equal hours the first is named.",
        evidence=f"instacart.{EVIDENCE}",
        method=METHOD,
    )


def _ranked(rows: list[Row], *, busiest: bool) -> list[Row]:
    """Return the rows with most, or fewest, orders first; of equal ones the first by number."""
    sign = -1 if busiest else 1
    return sorted(rows, key=lambda row: (sign * row["orders"], number(row)))


def _spend(figures: InstacartFigures) -> Answer:
    name, question = "top_spend_hour", "At which time of day do people spend most?"
    hours = [
        row for row in figures.moments("hour") if row["priced_lines"] and not row["suppressed"]
    ]
    if not hours:
        return missing(name, question, figures.prices_lack or TOO_FEW, EVIDENCE)
    first = max(hours, key=lambda row: (row["usd_cents"], -row["order_hour"]))
    basket = max(hours, key=lambda row: row["usd_cents"] / row["orders_with_lines"])
    item = max(hours, key=lambda row: row["usd_cents"] / row["priced_lines"])
    return Answer(
        f"instacart.{name}",
        question,
        f"Most is spent at {first['order_hour']}:00: {dollars(first['usd_cents'])} in all. The "
        f"dearest baskets are those of {basket['order_hour']}:00 (mean "
        f"{_mean(basket, 'orders_with_lines')} an order).",
        float(first["order_hour"]),
        unit="hour of the day, 0 to 23",
        sample_size=sum(row["orders_with_lines"] for row in hours),
        details=[
            {
                "hour": row["order_hour"],
                "dollars": row["usd_cents"] / 100,
                "orders": row["orders_with_lines"],
                "dollars_per_order": row["usd_cents"] / row["orders_with_lines"] / 100,
                "dollars_per_item": row["usd_cents"] / row["priced_lines"] / 100,
            }
            for row in sorted(hours, key=lambda row: -row["usd_cents"])
        ],
        caveat="Others have answered with the mean item price of an hour, which is a price and no "
        f"spending: by it {item['order_hour']}:00 leads with {_mean(item, 'priced_lines')}, though "
        f"{dollars(item['usd_cents'])} are spent then. Prices were invented by the sender; absurd "
        "ones are left out.",
        evidence=f"instacart.{EVIDENCE}",
        method="prices of the lines summed by order, then by hour; prior orders",
    )


def _advertising(figures: InstacartFigures) -> Answer:
    name = "advertising_hours"
    question = "When do fewest people order, so that advertisements can run?"
    cells = [row for row in figures.habits if row["dimension"] == "day_hour"]
    shown = cells
    if not shown:
        return missing(name, question, ORDERS_MISSING, EVIDENCE)
    quiet = sorted(shown, key=lambda row: (row["orders"], row["order_day"], row["order_hour"]))[:10]
    awake = [row for row in shown if 6 <= row["order_hour"] <= 22]
    day = min(awake or shown, key=lambda row: row["orders"])
    return Answer(
        f"instacart.{name}",
        question,
        f"Fewest orders of all come on day {quiet[0]['order_day']} at {quiet[0]['order_hour']}:00 "
        f"({quiet[0]['orders']:,}); between 6:00 and 23:00 on day {day['order_day']} at "
        f"{day['order_hour']}:00 ({day['orders']:,} of {figures.total_orders:,}).",
        sample_size=figures.total_orders,
        details=[_told(row) for row in quiet],
        caveat=sentence(
            "Few orders then may mean few people awake: whether an advertisement moves anyone to "
            "order, only a trial can tell.",
            NAMES,
            "Hours of a day without any order are not listed." if len(shown) < CELLS else None,
        ),
        evidence=f"instacart.{EVIDENCE}",
        method="orders counted by day and hour",
    )


def _share(row: Row) -> str:
    if row["share_low"] is None:
        return percent(row["share"])
    return f"{percent(row['share'])} ({percent(row['share_low'])} to {percent(row['share_high'])})"


def _name(row: Row) -> str:
    return f" ({row['label']} if day 0 is {FIRST_DAY})" if row["label"] else ""


def _doubt(ranked: list[Row], place: int = 1) -> str:
    """Say if the interval of the next one overlaps that of the last one named."""
    if len(ranked) <= place:
        return ""
    last, following = ranked[place - 1], ranked[place]
    if last["share_low"] is None or following["share_low"] is None:
        return " There are too few customers for an interval."
    apart = (
        last["share_low"] > following["share_high"] or last["share_high"] < following["share_low"]
    )
    next_ = f"{'day ' if following['order_hour'] is None else ''}{number(following)}"
    return "" if apart else f" It cannot be told from the next, {next_}: their intervals overlap."


def _mean(row: Row, of: str) -> str:
    return dollars(round(row["usd_cents"] / row[of]))


def _told(row: Row) -> Row:
    return {
        "day": row["order_day"],
        "hour": row["order_hour"],
        "name": row["label"],
        "orders": row["orders"],
        "customers": row["customers"],
        "share": row["share"],
        "low": row["share_low"],
        "high": row["share_high"],
    }
