"""What the orders of sales brought in, by what, and what its spread goes with."""

from agm_platform.defs.answers.answer import (
    Answer,
    Row,
    dollars,
    left_empty,
    percent,
    sentence,
    shown,
    told,
)
from agm_platform.defs.answers.sales_figures import (
    NO_ORDERS,
    TOO_FEW,
    SalesFigures,
    in_dollars,
    interval,
    plain,
    whole,
    without,
)

INSIGHTS = "sales.revenue_insights"
BREAKDOWNS = (
    ("revenue_by_category", "category", "Which product categories bring in most?"),
    ("revenue_by_product", "product", "Which products bring in most?"),
    ("revenue_by_region", "region", "Which delivery regions bring in most?"),
    ("revenue_by_home_region", "home_region", "Customers of which home region bring in most?"),
    ("weekly_revenue_by_region", "week_region", "What does each ISO week bring in by region?"),
    ("weekly_revenue", "week", "What does each ISO week bring in?"),
    (
        "revenue_by_signup_month",
        "signup_month",
        "What do customers of each sign-up month (with its year) bring in?",
    ),
    (
        "tier_by_signup_month",
        "tier_signup_month",
        "What do tiers bring in by month of signing up?",
    ),
    ("payment_by_tier", "tier_payment_method", "How does each loyalty tier pay?"),
    ("revenue_by_price_band", "price_band", "Which price bands bring in most?"),
    ("revenue_by_order_size", "revenue_band", "Do small or large orders bring in most?"),
    ("revenue_by_gender", "gender", "What do customers bring in by gender?"),
)
IN_ORDER = {"week", "week_region", "signup_month", "tier_signup_month", "tier_payment_method"}


def revenue_answers(figures: SalesFigures) -> list[Answer]:
    """Return totals, the correlation of quantity and revenue, the split, and the breakdowns."""
    return [
        _revenue(figures),
        _kept(figures),
        _orders(figures),
        _correlation(figures),
        _drivers(figures),
        *(_breakdown(figures, *each) for each in BREAKDOWNS),
    ]


def _revenue(figures: SalesFigures) -> Answer:
    question = "What revenue was ordered?"
    total = figures.total
    if total is None:
        return without("revenue_dollars", question, NO_ORDERS, INSIGHTS)
    return Answer(
        "sales.revenue_dollars",
        question,
        f"{total['orders']:,} orders bring in {dollars(total['ordered_usd_cents'])}; "
        f"{dollars(total['kept_usd_cents'])} are left without the cancelled ones.",
        total["ordered_usd_cents"] / 100,
        unit="USD",
        sample_size=total["orders"],
        details=[
            {"revenue": "ordered", "dollars": total["ordered_usd_cents"] / 100},
            {"revenue": "kept", "dollars": total["kept_usd_cents"] / 100},
        ],
        caveat=sentence(
            "Ordered, cancelled orders included.", figures.published("revenue_dollars", in_dollars)
        ),
        evidence=INSIGHTS,
        method="quantity x unit price x (1 - discount), exact, an empty discount being none",
        as_of=figures.as_of,
    )


def _kept(figures: SalesFigures) -> Answer:
    question = "What revenue is left without cancelled orders?"
    total = figures.total
    if total is None:
        return without("kept_revenue_dollars", question, NO_ORDERS, INSIGHTS)
    lost = total["ordered_usd_cents"] - total["kept_usd_cents"]
    return Answer(
        "sales.kept_revenue_dollars",
        question,
        f"{dollars(total['kept_usd_cents'])} are left; cancelled orders were worth "
        f"{dollars(lost)}.",
        total["kept_usd_cents"] / 100,
        unit="USD",
        sample_size=total["orders"],
        caveat=sentence(
            "Orders of unknown status count as kept.",
            figures.published("kept_revenue_dollars", in_dollars),
        ),
        evidence=INSIGHTS,
        method="ordered revenue less that of orders with status Cancelled",
        as_of=figures.as_of,
    )


def _orders(figures: SalesFigures) -> Answer:
    question = "How many orders count?"
    total = figures.total
    if total is None:
        return without("orders", question, NO_ORDERS, INSIGHTS)
    return Answer(
        "sales.orders",
        question,
        f"{total['orders']:,} orders of {total['quantity']:,} pieces are accepted.",
        float(total["orders"]),
        unit="orders",
        sample_size=total["orders"],
        caveat=sentence(
            figures.published("orders", whole), figures.published("rows_after_joins", whole)
        ),
        evidence=INSIGHTS,
        method="rows with quantity, price and a discount of 0 or more after empty ones became 0; "
        "orders of unknown customers, products or days count",
        as_of=figures.as_of,
    )


def _correlation(figures: SalesFigures) -> Answer:
    question = "How do quantity and revenue go together?"
    row = figures.correlation("quantity", "revenue")
    if row is None or row["value"] is None:
        return without("quantity_revenue_correlation", question, NO_ORDERS, "sales.correlations")
    return Answer(
        "sales.quantity_revenue_correlation",
        question,
        f"Quantity and revenue correlate at {row['value']:.4f}"
        f"{interval(row['low'], row['high'], plain)}, but revenue is computed from "
        "quantity: the link is built in and shows no driver.",
        row["value"],
        row["low"],
        row["high"],
        "correlation",
        row["orders"],
        details=[
            {
                "first": each["first"],
                "second": each["second"],
                "correlation": each["value"],
                "low": each["low"],
                "high": each["high"],
                "orders": each["orders"],
                "is_built_in": each["is_built_in"],
            }
            for each in figures.correlations
        ],
        caveat=sentence(
            "Mechanical correlation: quantity is a factor of revenue.",
            figures.published("quantity_revenue_correlation", lambda value: f"{value:.4f}"),
        ),
        evidence="sales.correlations",
        method="Pearson's correlation over orders with Fisher's z interval",
        as_of=figures.as_of,
    )


def _drivers(figures: SalesFigures) -> Answer:
    question = "What drives revenue: volume, price or discount?"
    rows = sorted(
        (row for row in figures.drivers if row["share"] is not None), key=lambda row: -row["share"]
    )
    if not rows:
        return without("revenue_drivers", question, NO_ORDERS, "sales.revenue_drivers")
    parts = [
        f"{percent(row['share'])} go with {row['component'].replace('_', ' ')}" for row in rows
    ]
    first = rows[0]
    return Answer(
        "sales.revenue_drivers",
        question,
        f"Of the differences in revenue between orders {', '.join(parts)}.",
        first["share"],
        first["low"],
        first["high"],
        f"share of the variance of log revenue that goes with {first['component']}",
        first["orders"],
        details=[
            {name: row[name] for name in ("component", "share", "low", "high")} for row in rows
        ],
        caveat="An arithmetic split of what differs between orders, not of what would raise "
        "revenue: that takes a trial.",
        evidence="sales.revenue_drivers",
        method="covariance of the logarithms of quantity, price and 1 - discount with log revenue, "
        "over its variance; the parts sum to 1",
        as_of=figures.as_of,
    )


def _breakdown(figures: SalesFigures, name: str, dimension: str, question: str) -> Answer:
    rows = figures.members(dimension)
    best = [row for row in told(rows) if "unknown" not in row["member"].split(" | ")]
    if not rows or not best:
        return without(name, question, TOO_FEW if rows else NO_ORDERS, INSIGHTS)
    gross = sum(row["ordered_usd_cents"] for row in rows)
    first, last = best[0], best[-1]
    listed = sorted(rows, key=lambda row: row["member"]) if dimension in IN_ORDER else rows
    hidden = [row for row in listed if row["suppressed"]] if dimension not in IN_ORDER else []
    if hidden:  # their place would say how much they are
        listed = [*told(listed), *sorted(hidden, key=lambda row: row["member"])]
    return Answer(
        f"sales.{name}",
        question,
        f"{first['member']} brings in most ({dollars(first['ordered_usd_cents'])}, "
        f"{percent(first['ordered_usd_cents'] / gross)}), {last['member']} least "
        f"({dollars(last['ordered_usd_cents'])}) of {len(best)}.",
        unit="USD",
        sample_size=sum(row["orders"] for row in rows),
        details=[_line(row) for row in listed],
        caveat=sentence(
            "Totals; groups differ in their number of customers.",
            figures.published("signup_dates_read_right", whole)
            if dimension == "signup_month"
            else None,
            figures.published("female_customers", whole) if dimension == "gender" else None,
            left_empty(rows),
        ),
        evidence=INSIGHTS,
        method=f"accepted orders summed by {dimension.replace('_', ' ')}",
        as_of=figures.as_of,
    )


def _line(row: Row) -> Row:
    money = {
        f"{name}_dollars": None if row["suppressed"] else row[f"{name}_usd_cents"] / 100
        for name in ("ordered", "kept")
    }
    names = ("orders", "customers", "quantity", "mean_quantity", "mean_discount_share")
    return {"group": row["member"], **money, **{name: shown(row, name) for name in names}}
