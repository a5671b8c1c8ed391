"""Instacart's questions about flags: loyalty, frequency, spending, activity."""

from agm_platform.contracts.instacart_rules import (
    FREQUENCY,
    LOW_ACTIVITY_BELOW_ORDERS,
    LOW_SPENDING_BELOW_USD_CENTS,
    LOYALTY,
)
from agm_platform.defs.answers.answer import Answer, Row, dollars, percent, sentence
from agm_platform.defs.answers.instacart_figures import (
    LINES_MISSING,
    ORDERS_MISSING,
    TOO_FEW,
    InstacartFigures,
    missing,
)
from agm_platform.statistics import intervals

FREQUENCY_ANSWERS = {
    "frequent": "customers_frequent",
    "regular": "customers_regular_frequency",
    "non_frequent": "customers_non_frequent",
}
NOBODY = {"customers": 0, "order_lines": 0}


def answers(figures: InstacartFigures) -> list[Answer]:
    """Return the answers about flags."""
    return [
        *(_loyal(figures, label, lines=False) for label in LOYALTY.names),
        *(_loyal(figures, label, lines=True) for label in LOYALTY.names),
        *(_frequency(figures, label) for label in FREQUENCY.names),
        _spending(figures),
        _activity(figures),
    ]


def _rule(label: str) -> str:
    low, high = (int(edge) for edge in LOYALTY.edges)
    words = {
        "new": f"up to {low}",
        "regular": f"{low + 1} to {high}",
        "loyal": f"more than {high}",
    }
    return f"{words[label]} prior orders"


def _loyal(figures: InstacartFigures, label: str, *, lines: bool) -> Answer:
    name = f"{'lines' if lines else 'customers'}_{label}"
    what = "order lines are of customers" if lines else "customers are"
    question = f"How many {what} {'that are ' if lines else ''}{label}?"
    rows = figures.flag("loyalty")
    if not rows:
        return missing(name, question, ORDERS_MISSING, "flag_counts")
    row = rows.get(label, NOBODY)
    customers = sum(each["customers"] for each in rows.values())
    all_lines = sum(each["order_lines"] for each in rows.values())
    share = intervals.share(row["customers"], customers)
    of_lines = f" ({percent(row['order_lines'] / all_lines)})" if all_lines else ""
    edge = figures.at_the_edge
    return Answer(
        f"instacart.{name}",
        question,
        f"{row['order_lines']:,} of {all_lines:,} lines{of_lines} are of the {row['customers']:,} "
        f"customers that are {label} ({_rule(label)})."
        if lines
        else f"{row['customers']:,} of {customers:,} customers are {label} ({_rule(label)}), "
        f"{percent(share.value)} ({percent(share.low)} to {percent(share.high)}); "
        f"{row['order_lines']:,} lines{of_lines} are theirs.",
        float(row["order_lines"] if lines else row["customers"]),
        unit="lines" if lines else "customers",
        sample_size=all_lines if lines else customers,
        details=[
            {
                "loyalty": each,
                "customers": found["customers"],
                "lines": found["order_lines"],
            }
            for each, found in rows.items()
        ],
        caveat=sentence(
            f"Published solutions count order lines and call them customers: "
            f"{row['order_lines']:,} lines against {row['customers']:,} customers. Who buys much "
            "weighs more in lines."
            if all_lines
            else figures.lines_lack or LINES_MISSING,
            f"A report that says loyal from {int(LOYALTY.edges[1])} on has "
            f"{edge['customers']:,} more than its code, which says above {int(LOYALTY.edges[1])}."
            if label == "loyal" and edge
            else None,
        ),
        evidence="instacart.flag_counts",
        method="number of the last prior order of each customer, not the count of rows: in a cut "
        "the two differ",
    )


def _frequency(figures: InstacartFigures, label: str) -> Answer:
    name = FREQUENCY_ANSWERS[label]
    words = label.replace("_", "-")
    question = f"How many customers order at a {words} rate?"
    rows, wrong = figures.flag("frequency"), figures.flag("zero_filled_frequency")
    if not rows:
        return missing(name, question, ORDERS_MISSING, "flag_counts")
    row, filled = rows.get(label, NOBODY), wrong.get(label, NOBODY)
    known = sum(each["customers"] for key, each in rows.items() if key != "cannot_tell")
    share = intervals.share(row["customers"], known) if known else None
    low, high = (int(edge) for edge in FREQUENCY.edges)
    edges = {"frequent": f"up to {low}", "regular": f"above {low} and up to {high}"}
    return Answer(
        f"instacart.{name}",
        question,
        f"{row['customers']:,} of {known:,} customers with a known gap are {words}: half of their "
        f"waits between orders are {edges.get(label, f'above {high}')} days"
        + (
            f" ({percent(share.value)}, {percent(share.low)} to {percent(share.high)})."
            if share
            else "."
        ),
        float(row["customers"]),
        unit="customers",
        sample_size=known,
        details=[
            {
                "frequency": each,
                "customers": found["customers"],
                "lines": found["order_lines"],
            }
            for each, found in rows.items()
        ],
        caveat=sentence(
            "The missing gap of a first order stays missing. "
            f"Filled with 0 it would make {filled['customers']:,} customers {words}, not "
            f"{row['customers']:,}.",
            f"Counted by lines the figure is {row['order_lines']:,}, in which large baskets weigh "
            "more."
            if row["order_lines"]
            else None,
            "The sender tells gaps up to 30 days only.",
        ),
        evidence="instacart.flag_counts",
        method="median of the days between prior orders, one value an order",
    )


def _spending(figures: InstacartFigures) -> Answer:
    name = "customers_low_spending"
    question = "How many customers buy cheap items?"
    rows, wrong = figures.flag("spending"), figures.flag("unrepaired_spending")
    known = {key: row for key, row in rows.items() if key != "cannot_tell"}
    if not known:
        return missing(name, question, figures.prices_lack or TOO_FEW, "flag_counts")
    low, high = known.get("low", NOBODY), known.get("high", NOBODY)
    total = low["customers"] + high["customers"]
    share = intervals.share(low["customers"], total)
    false = wrong.get("high", NOBODY)
    return Answer(
        f"instacart.{name}",
        question,
        f"{low['customers']:,} of {total:,} customers pay less than "
        f"{dollars(LOW_SPENDING_BELOW_USD_CENTS)} for the mean item "
        f"({percent(share.value)}, {percent(share.low)} to {percent(share.high)}).",
        float(low["customers"]),
        unit="customers",
        sample_size=total,
        details=[{"spending": key, **_counts(row)} for key, row in known.items()],
        caveat=f"High spenders: {high['customers']:,}; with the absurd prices left in it would be "
        f"{false['customers']:,}.",
        evidence="instacart.flag_counts",
        method="cents spent below the limit times the lines with a price: no mean is rounded",
    )


def _activity(figures: InstacartFigures) -> Answer:
    name = "customers_low_activity"
    question = "How many customers have too few orders to count for finance?"
    rows = figures.flag("activity")
    if not rows:
        return missing(name, question, ORDERS_MISSING, "flag_counts")
    low = rows.get("low", NOBODY)
    total = sum(row["customers"] for row in rows.values())
    share = intervals.share(low["customers"], total)
    return Answer(
        f"instacart.{name}",
        question,
        f"{low['customers']:,} of {total:,} customers have made fewer than "
        f"{LOW_ACTIVITY_BELOW_ORDERS} prior orders ({percent(share.value)}).",
        float(low["customers"]),
        unit="customers",
        sample_size=total,
        details=[{"activity": key, **_counts(row)} for key, row in rows.items()],
        caveat="They stay in the tables, marked in customer_habits, so that they can be exported.",
        evidence="instacart.customer_habits",
        method="number of the last prior order",
    )


def _counts(row: Row) -> Row:
    return {"customers": row["customers"], "lines": row["order_lines"]}
