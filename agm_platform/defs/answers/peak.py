"""AGM's questions about the delivery trial with Peak, answered from the insight tables."""

from agm_platform.contracts.business import (
    DELIVERY_RADIUS_MILES,
    PEAK_COMMISSION_PERCENT,
    TOP_MEALS,
)
from agm_platform.defs.answers import forecast, peak_customers, peak_matching, peak_trial, top_pairs
from agm_platform.defs.answers.answer import (
    TOO_FEW,
    Answer,
    dollars,
    estimated,
    left_empty,
    listed,
    percent,
    sentence,
    shown,
    told,
    unanswered,
)
from agm_platform.defs.answers.peak_figures import INSIGHTS, NO_AGM, NO_FEED, RADIUS, PeakFigures
from agm_platform.statistics import intervals


def answers(figures: PeakFigures) -> list[Answer]:
    """Return every answer about Peak; each says what is missing where data are."""
    return [
        *_totals(figures),
        _meals_per_sale(figures),
        _top_meals(figures),
        peak_customers.accuracy(figures),
        peak_customers.not_exact(figures),
        peak_customers.consistency(figures),
        *peak_matching.answers(figures),
        peak_customers.improvements(figures),
        _radius(figures),
        _penetration(figures),
        _tips(figures),
        forecast.answer("peak", figures.forecast_scores, NO_FEED),
        peak_trial.answer(figures.trial_effect, figures.as_of),
        top_pairs.answer(
            "peak", figures.product_sets, NO_FEED, bool(figures.members("product")), figures.as_of
        ),
    ]


def _totals(figures: PeakFigures) -> list[Answer]:
    """Counts and money; they are totals of all accepted sales, so they have no interval."""
    share = PEAK_COMMISSION_PERCENT
    plain = (
        (
            "sales",
            "How many sales did Peak deliver?",
            "orders",
            "sales",
            "Peak delivered {} sales.",
        ),
        (
            "line_items",
            "How many lines do these sales have?",
            "order_lines",
            "order lines",
            "The sales have {} lines.",
        ),
        ("meals", "How many meals were delivered?", "meals", "meals", "{} meals were delivered."),
    )
    money = (
        (
            "gross_dollars",
            "What did customers pay for the meals?",
            "gross_usd_cents",
            "Customers paid {} for the meals.",
            "sum of the sales' prices before tax",
        ),
        (
            "peak_cut_dollars",
            "What does Peak keep?",
            "commission_usd_cents",
            f"Peak keeps {{}}, {share} % of the price.",
            f"{share} % of each sale's price, to the cent, half up",
        ),
        (
            "net_dollars",
            "What is left for AGM?",
            "net_usd_cents",
            "AGM is left with {}.",
            f"price less Peak's {share} %",
        ),
    )
    days = figures.members("day")
    rows = []
    for name, question, figure, unit, words in plain:
        if not days:
            rows.append(unanswered(f"peak.{name}", question, NO_FEED, INSIGHTS))
            continue
        value = figures.total(figure)
        missing = None if figure == "orders" else figures.unmapped
        answer = sentence(words.format(f"{value:,}"), missing)
        rows.append(_counted(figures, name, question, str(answer), value, unit, figure))
    for name, question, figure, words, method in money:
        if not days:
            rows.append(unanswered(f"peak.{name}", question, NO_FEED, INSIGHTS))
            continue
        cents = figures.total(figure)
        answer = words.format(dollars(cents))
        rows.append(_counted(figures, name, question, answer, cents / 100, "USD", figure, method))
    return rows


def _counted(
    figures: PeakFigures,
    name: str,
    question: str,
    answer: str,
    value: float,
    unit: str,
    figure: str,
    method: str = "count over all accepted sales",
) -> Answer:
    return Answer(
        f"peak.{name}",
        question,
        answer,
        value,
        unit=unit,
        sample_size=figures.total("orders"),
        details=[
            {"day": row["member"], figure: shown(row, figure)} for row in figures.members("day")
        ],
        caveat=sentence(figures.span, figures.set_aside, left_empty(figures.members("day"))),
        evidence=INSIGHTS,
        method=method,
        as_of=figures.as_of,
    )


def _meals_per_sale(figures: PeakFigures) -> Answer:
    question = "How many meals does a sale have?"
    rows = sorted(figures.members("meals_in_sale"), key=lambda row: int(row["member"]))
    baskets: dict[float, int] = {int(row["member"]): int(row["orders"]) for row in rows}
    if not baskets:
        return unanswered("peak.meals_per_sale", question, NO_FEED, INSIGHTS)
    if figures.unmapped_lines:
        missing = f"{figures.unmapped} The product map of those days is needed."
        return unanswered("peak.meals_per_sale", question, missing, INSIGHTS)
    estimate = intervals.mean(baskets)
    mean = figures.total("meals") / figures.total("orders")
    between = (
        f" (95 % interval of the mean {estimate.low:.2f} to {estimate.high:.2f})"
        if estimate
        else " (one sale: no interval)"
    )
    return Answer(
        "peak.meals_per_sale",
        question,
        f"A sale has {mean:.2f} meals on average{between}, from {min(baskets)} to {max(baskets)}.",
        mean,
        estimate.low if estimate else None,
        estimate.high if estimate else None,
        "meals per sale",
        sum(baskets.values()),
        [{"meals": int(row["member"]), "sales": shown(row, "orders")} for row in rows],
        sentence(figures.span, figures.set_aside, left_empty(rows)),
        INSIGHTS,
        "mean over accepted sales with Student's t interval; the sales of one day are not "
        "independent draws from other days",
        figures.as_of,
    )


def _top_meals(figures: PeakFigures) -> Answer:
    question = "Which meals sell best by delivery?"
    # What may not be told goes last, by name: its place would say how much it is.
    meals = sorted(
        figures.members("product"),
        key=lambda row: (
            row["suppressed"],
            0 if row["suppressed"] else -int(row["meals"]),
            str(row["member"]),
        ),
    )
    if not figures.total("meals"):
        return unanswered("peak.top_meals", question, NO_FEED, INSIGHTS)
    total = sum(int(row["meals"]) for row in meals)
    ranked = told(meals)
    top = ranked[:TOP_MEALS]
    if not top:
        missing = (
            "every meal was bought by too few customers to be told apart; more days are needed."
        )
        return unanswered("peak.top_meals", question, missing, INSIGHTS)
    named = listed(f"{row['member']} ({row['meals']:,})" for row in top)
    tie = len(ranked) > TOP_MEALS and ranked[TOP_MEALS]["meals"] == top[-1]["meals"]
    return Answer(
        "peak.top_meals",
        question,
        str(sentence(f"Most sold are {named} of {total:,} meals.", figures.unmapped)),
        unit="meals",
        sample_size=total,
        details=[
            {
                "rank": None if row["suppressed"] else rank,
                "product": row["member"],
                "meals": shown(row, "meals"),
                "share": None if row["suppressed"] else int(row["meals"]) / total,
                "sales": shown(row, "orders"),
            }
            for rank, row in enumerate(meals, start=1)
        ],
        caveat=sentence(
            figures.span,
            "The last place named is a tie." if tie else None,
            figures.set_aside,
            left_empty(meals),
        ),
        evidence=INSIGHTS,
        method="meals summed by product over accepted lines, most first, ties by name",
        as_of=figures.as_of,
    )


def _radius(figures: PeakFigures) -> Answer:
    question = f"How well does delivery do inside the {DELIVERY_RADIUS_MILES:g}-mile radius?"
    bands = {row["member"]: row for row in figures.members("radius")}
    if not bands:
        return unanswered("peak.radius", question, NO_FEED, RADIUS)
    customers = sum(int(row["customers"]) for row in bands.values())
    sales = sum(int(row["orders"]) for row in bands.values())

    def count(band: str, figure: str) -> int:
        return int(bands[band][figure]) if band in bands else 0

    names = ("inside", "uncertain", "outside")
    hidden = [band for band in names if band in bands and bands[band]["suppressed"]]
    seen = [band for band in names if band not in hidden]
    shares = [
        f"{percent(count(band, 'customers') / customers)} are {band} with "
        f"{percent(count(band, 'orders') / sales)} of {sales:,} sales"
        for band in seen
    ]
    rest = f"too few customers are {' or '.join(hidden)} to tell them apart" if hidden else None
    estimate = intervals.share(count("inside", "customers"), customers)
    return Answer(
        "peak.radius",
        question,
        f"Of {customers:,} customers {listed(shares + ([rest] if rest else []))}.",
        **(estimated(estimate) if "inside" in seen else {"sample_size": customers}),
        unit="share of Peak customers inside",
        details=[
            {
                "band": band,
                "customers": None if band in hidden else count(band, "customers"),
                "customer_share": None if band in hidden else count(band, "customers") / customers,
                "sales": None if band in hidden else count(band, "orders"),
                "sale_share": None if band in hidden else count(band, "orders") / sales,
                "gross_dollars": None if band in hidden else count(band, "gross_usd_cents") / 100,
            }
            for band in names
        ],
        caveat=sentence(
            figures.span,
            "The distance is that of the ZIP's centre, not of the address: a ZIP that the radius "
            "cuts is uncertain. The feed shows reach by ZIP, not delivery time.",
            left_empty(list(bands.values())),
        ),
        evidence=RADIUS,
        method="haversine distance from the ZIP's centre to the store, with the ZIP's radius as "
        "margin; Wilson's interval of the share inside",
        as_of=figures.as_of,
    )


def _penetration(figures: PeakFigures) -> Answer:
    question = "How many Peak customers are there against AGM's own customers in the radius?"
    if not figures.customers["all"]:
        return unanswered("peak.penetration", question, NO_FEED, RADIUS)
    if not figures.agm_customer_rows:
        return unanswered("peak.penetration", question, NO_AGM, RADIUS)
    known = [row for row in figures.radius if row["agm_customers"] is not None]
    own = sum(int(row["agm_customers"]) for row in known)
    if not own:
        return unanswered(
            "peak.penetration",
            question,
            "AGM's customer file has no customer whose ZIP, closest store and distance put it in "
            "the radius of the trial store; a file with those columns is needed.",
            RADIUS,
        )
    # Without those outside, a hidden number of them would be the difference from all.
    outside = figures.breakdown.get(("radius", "outside"))
    all_count = outside is not None and outside["suppressed"]
    reached = sum(
        int(row["peak_customers"]) for row in known if all_count or row["radius_band"] != "outside"
    )
    hides = any(row["peak_suppressed"] or row["agm_suppressed"] for row in known)
    return Answer(
        "peak.penetration",
        question,
        f"{reached:,} Peak customers against {own:,} AGM customers within "
        f"{DELIVERY_RADIUS_MILES:g} miles of the trial store: {reached / own:.3f} to one.",
        reached / own,
        unit="Peak customers per AGM customer",
        sample_size=reached,
        details=[
            {
                "zip": row["zip"],
                "city": row["city"],
                "peak_customers": shown(row, "peak_customers", "peak_suppressed"),
                "agm_customers": shown(row, "agm_customers", "agm_suppressed"),
            }
            for row in known
        ],
        caveat=sentence(
            figures.span,
            "Peak's customers can be AGM's too or new people; this compares numbers, not persons.",
            "Peak's customers outside are counted too: they are too few to be told apart."
            if all_count
            else None,
            TOO_FEW if hides else None,
        ),
        evidence=RADIUS,
        method="Peak customers inside or uncertain over AGM customers whose closest store is the "
        "trial store and whose distance is within the radius",
        as_of=figures.as_of,
    )


def _tips(figures: PeakFigures) -> Answer:
    question = "What do the data say about tips?"
    sales = figures.total("orders")
    if not sales:
        return unanswered("peak.tips", question, NO_FEED, "peak.orders")
    return Answer(
        "peak.tips",
        question,
        f"Nothing can be known about tips: the feed has no field for them, and on all {sales:,} "
        "accepted sales the amount charged is exactly price plus tax, so none is hidden in it.",
        sample_size=sales,
        details=[
            {"ask_peak_for": "tip amount of each sale"},
            {"ask_peak_for": "whether the customer or the app chose it"},
            {"ask_peak_for": "time of order and time of delivery"},
        ],
        caveat="Tips paid in cash or in Peak's app outside the sale never reach this feed.",
        evidence="peak.orders",
        method="total less price less tax, which the row rules hold at 0 on every accepted sale",
        as_of=figures.as_of,
    )
