"""AGM's questions about the delivery trial with Peak, answered from the insight tables."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from agm_platform.contracts.business import (
    DELIVERY_RADIUS_MILES,
    PEAK_COMMISSION_PERCENT,
    TOP_MEALS,
    WITHHOLDING_RECOGNISED_SHARE,
)
from agm_platform.defs.answers.answer import (
    Answer,
    Row,
    dollars,
    estimated,
    listed,
    percent,
    sentence,
    unanswered,
)
from agm_platform.statistics import intervals

INSIGHTS = "peak.delivery_insights"
ACCURACY = "peak.customer_accuracy"
CUSTOMERS = "peak.clean_customers"
RADIUS = "peak.radius_insights"
NO_FEED = "no Peak sales have been accepted; drop peak_sales_YYYY_MM_DD.json into landing/peak."
NO_AGM = "AGM's customer file has not arrived; drop customers.csv into landing/agm."

IMPROVEMENTS = {
    "first_name_differs": (
        "first_name",
        "match nicknames and initials against AGM's first names, within last name and street",
    ),
    "last_name_differs": (
        "last_name",
        "compare without apostrophes and by sound and edit distance, within first name and street",
    ),
    "street_differs": (
        "street",
        "standardise suffixes and split or joined words to the postal form, within full name",
    ),
    "no_partner": (
        "several fields, or a new customer",
        "probabilistic matching within the ZIP with a review of the uncertain pairs",
    ),
}


@dataclass(frozen=True, slots=True)
class PeakFigures:
    """The rows that the answers about Peak rest on.

    `breakdown` maps (dimension, member) to a row of peak.delivery_insights; the other fields are
    counted from the table of their name.
    """

    breakdown: dict[tuple[str, str], Row]
    agreement: dict[str, int]
    quarantined_lines: int
    quarantined_sales: int
    unmapped_lines: int
    customers: dict[str, int]
    radius: list[Row]
    agm_customer_rows: int
    agm_file_notes: str | None
    first_day: date | None
    as_of: date | None

    def total(self, figure: str) -> int:
        """Return a figure over all accepted sales; 0 if there are none."""
        row = self.breakdown.get(("total", "all"))
        return int(row[figure]) if row and row[figure] is not None else 0

    def members(self, dimension: str) -> list[Row]:
        """Return the rows of a dimension."""
        return [row for (name, _), row in self.breakdown.items() if name == dimension]

    @property
    def span(self) -> str | None:
        """Say how much of the trial the answer can speak for."""
        days = len(self.members("day"))
        if days == 1:
            return f"One day only ({self.as_of}): it shows neither trends nor returning customers."
        return f"{days} days, {self.first_day} to {self.as_of}." if days else None

    @property
    def unmapped(self) -> str | None:
        """Say how many lines of accepted sales are missing from every count of lines and meals."""
        if not self.unmapped_lines:
            return None
        return (
            f"{self.unmapped_lines:,} lines of these sales are in quarantine, because no product "
            "map names their product, and are not counted."
        )

    @property
    def set_aside(self) -> str | None:
        """Say how many rows are in quarantine and thus not in the figures."""
        if not (self.quarantined_sales or self.quarantined_lines):
            return None
        return (
            f"{self.quarantined_sales} sales and {self.quarantined_lines} lines are in quarantine "
            "and not counted; see peak.quarantine."
        )


def answers(figures: PeakFigures) -> list[Answer]:
    """Return every answer about Peak; each says what is missing where data are."""
    return [
        *_totals(figures),
        _meals_per_sale(figures),
        _top_meals(figures),
        _accuracy(figures),
        _not_exact(figures),
        _consistency(figures),
        _withholding(figures),
        _improvements(figures),
        _radius(figures),
        _penetration(figures),
        _tips(figures),
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
        details=[{"day": row["member"], figure: row[figure]} for row in figures.members("day")],
        caveat=sentence(figures.span, figures.set_aside),
        evidence=INSIGHTS,
        method=method,
        as_of=figures.as_of,
    )


def _meals_per_sale(figures: PeakFigures) -> Answer:
    question = "How many meals does a sale have?"
    baskets: dict[float, int] = {
        int(row["member"]): int(row["orders"]) for row in figures.members("meals_in_sale")
    }
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
        [{"meals": meals, "sales": baskets[meals]} for meals in sorted(baskets)],
        sentence(figures.span, figures.set_aside),
        INSIGHTS,
        "mean over accepted sales with Student's t interval; the sales of one day are not "
        "independent draws from other days",
        figures.as_of,
    )


def _top_meals(figures: PeakFigures) -> Answer:
    question = "Which meals sell best by delivery?"
    meals = sorted(
        figures.members("product"), key=lambda row: (-int(row["meals"]), str(row["member"]))
    )
    if not figures.total("meals"):
        return unanswered("peak.top_meals", question, NO_FEED, INSIGHTS)
    total = sum(int(row["meals"]) for row in meals)
    top = meals[:TOP_MEALS]
    named = listed(f"{row['member']} ({row['meals']:,})" for row in top)
    tie = len(meals) > TOP_MEALS and meals[TOP_MEALS]["meals"] == top[-1]["meals"]
    return Answer(
        "peak.top_meals",
        question,
        str(sentence(f"Most sold are {named} of {total:,} meals.", figures.unmapped)),
        unit="meals",
        sample_size=total,
        details=[
            {
                "rank": rank,
                "product": row["member"],
                "meals": row["meals"],
                "share": int(row["meals"]) / total,
                "sales": row["orders"],
            }
            for rank, row in enumerate(meals, start=1)
        ],
        caveat=sentence(
            figures.span,
            "The last place named is a tie." if tie else None,
            figures.set_aside,
        ),
        evidence=INSIGHTS,
        method="meals summed by product over accepted lines, most first, ties by name",
        as_of=figures.as_of,
    )


def _file_caveat(figures: PeakFigures) -> str:
    """Say what AGM's customer file is, since who is not in it can never agree."""
    rows = f"AGM's customer file has {figures.agm_customer_rows:,} rows"
    if figures.agm_file_notes:
        rows += f" and is not complete ({figures.agm_file_notes})"
    return f"{rows}; a customer who is not in it counts as not exact, be it new or misspelt."


def _accuracy(figures: PeakFigures) -> Answer:
    question = "How accurate are the customer details that Peak collects?"
    missing = _missing_for_accuracy(figures)
    if missing:
        return unanswered("peak.customer_accuracy", question, missing, ACCURACY)
    total, exact = sum(figures.agreement.values()), figures.agreement.get("exact", 0)
    estimate = intervals.share(exact, total)
    return Answer(
        "peak.customer_accuracy",
        question,
        f"{exact:,} of {total:,} Peak customers ({percent(estimate.value)}; 95 % interval "
        f"{percent(estimate.low)} to {percent(estimate.high)}) agree exactly with a customer in "
        "AGM's file on first name, last name and street.",
        **estimated(estimate),
        unit="share of Peak customers",
        details=[
            {"agreement": name, "customers": count, "share": count / total}
            for name, count in sorted(figures.agreement.items())
        ],
        caveat=sentence(figures.span, _file_caveat(figures)),
        evidence=ACCURACY,
        method="equality of the three fields but for blanks at their ends; Wilson's interval",
        as_of=figures.as_of,
    )


def _not_exact(figures: PeakFigures) -> Answer:
    question = "How many of Peak's customers do not agree exactly with AGM's file?"
    missing = _missing_for_accuracy(figures)
    if missing:
        return unanswered("peak.customers_not_exact", question, missing, ACCURACY)
    total = sum(figures.agreement.values())
    different = total - figures.agreement.get("exact", 0)
    return Answer(
        "peak.customers_not_exact",
        question,
        f"{different:,} of {total:,} Peak customers do not agree exactly with AGM's file.",
        different,
        unit="customers",
        sample_size=total,
        details=[
            {"agreement": name, "customers": count}
            for name, count in sorted(figures.agreement.items())
            if name != "exact"
        ],
        caveat=sentence(figures.span, _file_caveat(figures)),
        evidence=ACCURACY,
        method="count of customers whose agreement is not exact",
        as_of=figures.as_of,
    )


def _missing_for_accuracy(figures: PeakFigures) -> str | None:
    if not figures.agreement:
        return NO_FEED
    return None if figures.agm_customer_rows else NO_AGM


def _consistency(figures: PeakFigures) -> Answer:
    question = "Do the same customers' details stay the same from order to order?"
    returning, same = figures.customers["returning"], figures.customers["returning_consistent"]
    if not figures.customers["all"]:
        return unanswered("peak.customer_consistency", question, NO_FEED, CUSTOMERS)
    if not returning:
        return unanswered(
            "peak.customer_consistency",
            question,
            f"none of the {figures.customers['all']:,} customers has a second order; more days "
            "are needed.",
            CUSTOMERS,
        )
    estimate = intervals.share(same, returning)
    return Answer(
        "peak.customer_consistency",
        question,
        f"{same:,} of {returning:,} customers with more than one order ({percent(estimate.value)}) "
        "gave the same name, street, city, state and ZIP every time.",
        **estimated(estimate),
        unit="share of returning Peak customers",
        details=[
            {"details": "unchanged", "customers": same},
            {"details": "changed", "customers": returning - same},
        ],
        caveat=sentence(
            figures.span,
            "A change can be a correction, a move or a mistake; the feed does not say.",
        ),
        evidence=CUSTOMERS,
        method="share of customers with one set of details among those with two orders or more; "
        "Wilson's interval",
        as_of=figures.as_of,
    )


def _withholding(figures: PeakFigures) -> Answer:
    question = "Can AGM go on withholding its customer list from Peak?"
    missing = _missing_for_accuracy(figures)
    if missing:
        return unanswered("peak.withholding", question, missing, ACCURACY)
    total, exact = sum(figures.agreement.values()), figures.agreement.get("exact", 0)
    estimate = intervals.share(exact, total)
    limit = percent(WITHHOLDING_RECOGNISED_SHARE)
    if figures.agm_file_notes:
        verdict = (
            "Cannot be decided on this customer file, which is not complete: recognised are "
            f"{percent(estimate.value)} of Peak's customers, at least {limit} are needed."
        )
    elif estimate.low >= WITHHOLDING_RECOGNISED_SHARE:
        verdict = (
            f"Yes, for now: {percent(estimate.value)} of Peak's customers are recognised exactly "
            f"without sharing the list, and even the low end of the interval reaches {limit}."
        )
    elif estimate.high < WITHHOLDING_RECOGNISED_SHARE:
        verdict = (
            f"Not as things are: only {percent(estimate.value)} of Peak's customers are recognised "
            f"exactly and even the high end of the interval is below {limit}; improve the data or "
            "match by more than equality before deciding to share."
        )
    else:
        verdict = (
            f"Not decided: {percent(estimate.value)} of Peak's customers are recognised exactly, "
            f"and {limit} lies inside the interval; more days are needed."
        )
    return Answer(
        "peak.withholding",
        question,
        verdict,
        **estimated(estimate),
        unit="share of Peak customers recognised exactly",
        details=[
            {
                "side": "for withholding",
                "argument": f"{exact:,} of {total:,} customers are recognised without the list; "
                "it stays AGM's alone",
            },
            {
                "side": "against withholding",
                "argument": f"{total - exact:,} of {total:,} customers type details that agree "
                "with nobody exactly: misspelt or new, which equality cannot tell apart",
            },
        ],
        caveat=sentence(
            figures.span,
            _file_caveat(figures),
            f"The limit of {limit} is an assumption for AGM's executives to confirm.",
        ),
        evidence=ACCURACY,
        method="Wilson's interval of the share recognised exactly against the named limit",
        as_of=figures.as_of,
    )


def _improvements(figures: PeakFigures) -> Answer:
    question = "Which customer fields can be improved, and how?"
    if not figures.customers["all"]:
        return unanswered("peak.quality_improvements", question, NO_FEED, CUSTOMERS)
    found: list[Row] = [
        {
            "field": IMPROVEMENTS[name][0],
            "customers": count,
            "found_by": name,
            "method": IMPROVEMENTS[name][1],
        }
        for name, count in figures.agreement.items()
        if name in IMPROVEMENTS and figures.agm_customer_rows
    ]
    for name, fault, method in (
        ("blank", "blank fields", "have Peak require the field at sign-up"),
        ("unknown_zip", "city, state and ZIP", "have Peak check the place against the ZIP table"),
        ("inconsistent", "details that change", "ask which are right and keep the confirmed ones"),
    ):
        if figures.customers[name]:
            found.append(
                {
                    "field": fault,
                    "customers": figures.customers[name],
                    "found_by": name,
                    "method": method,
                }
            )
    found.sort(key=lambda row: (-int(row["customers"]), str(row["field"])))
    named = (
        listed(f"{row['field']} ({_customers(row['customers'])})" for row in found) if found else ""
    )
    return Answer(
        "peak.quality_improvements",
        question,
        f"Most to gain: {named}." if found else "No field-level fault was found.",
        float(found[0]["customers"]) if found else 0.0,
        unit="customers with the commonest fault",
        sample_size=figures.customers["all"],
        details=found,
        caveat=sentence(
            figures.span,
            _file_caveat(figures) if figures.agm_customer_rows else NO_AGM,
            "A customer with no partner may simply be new.",
        ),
        evidence=ACCURACY,
        method="customers counted by the field in which they differ from their closest partner, "
        "and by blank, unplaced or changing details",
        as_of=figures.as_of,
    )


def _customers(count: int) -> str:
    return "1 customer" if count == 1 else f"{count:,} customers"


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
    estimate = intervals.share(count("inside", "customers"), customers)
    return Answer(
        "peak.radius",
        question,
        "Of {:,} customers {} are inside, {} uncertain and {} outside; of {:,} sales {}, {} and "
        "{}.".format(
            customers,
            *(percent(count(band, "customers") / customers) for band in names),
            sales,
            *(percent(count(band, "orders") / sales) for band in names),
        ),
        **estimated(estimate),
        unit="share of Peak customers inside",
        details=[
            {
                "band": band,
                "customers": count(band, "customers"),
                "customer_share": count(band, "customers") / customers,
                "sales": count(band, "orders"),
                "sale_share": count(band, "orders") / sales,
                "gross_dollars": count(band, "gross_usd_cents") / 100,
            }
            for band in names
        ],
        caveat=sentence(
            figures.span,
            "The distance is that of the ZIP's centre, not of the address: a ZIP that the radius "
            "cuts is uncertain. The feed shows reach by ZIP, not delivery time.",
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
    reached = sum(int(row["peak_customers"]) for row in known if row["radius_band"] != "outside")
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
                "peak_customers": row["peak_customers"],
                "agm_customers": row["agm_customers"],
            }
            for row in known
        ],
        caveat=sentence(
            figures.span,
            "Peak's customers can be AGM's too or new people; this compares numbers, not persons.",
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


def figures_from(rows: dict[str, list[Row]], counts: dict[str, Any]) -> PeakFigures:
    """Gather the figures from the rows of the small tables and the counts of the large ones."""
    days = sorted(row["member"] for row in rows["delivery_insights"] if row["dimension"] == "day")
    return PeakFigures(
        breakdown={(row["dimension"], row["member"]): row for row in rows["delivery_insights"]},
        radius=rows["radius_insights"],
        first_day=date.fromisoformat(days[0]) if days else None,
        as_of=date.fromisoformat(days[-1]) if days else None,
        **counts,
    )
