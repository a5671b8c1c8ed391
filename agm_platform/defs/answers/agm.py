"""AGM's questions about its own pick-up sales, answered from the insight tables."""

from dataclasses import dataclass, field
from datetime import date

import narwhals as nw
import pandas as pd

from agm_platform.contracts import agm
from agm_platform.contracts.answers import answers_of
from agm_platform.contracts.business import HOLIDAY_AFFECTED_SHARE, HOLIDAY_WINDOW_DAYS
from agm_platform.contracts.forecasts import scores_of
from agm_platform.defs.answers import forecast, top_pairs
from agm_platform.defs.answers.answer import (
    Answer,
    Row,
    dollars,
    estimated,
    left_empty,
    percent,
    sentence,
    shown,
    table_of,
    told,
    unanswered,
)
from agm_platform.defs.answers.links import evidence_links
from agm_platform.defs.answers.segments import segments_answer
from agm_platform.defs.answers.value_answers import value_answers, value_reads
from agm_platform.defs.insights.calendar import WEEKDAYS
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import table
from agm_platform.statistics import intervals
from agm_platform.warehouse.rows import records

INSIGHTS = "agm.sales_insights"
HOLIDAYS = "agm.holiday_effect"
NO_SALES = "AGM's sales file has not arrived; drop sales.csv into landing/agm."
TOO_FEW_CUSTOMERS = "every group has too few customers to be told apart; more sales are needed."
NO_LINES = "AGM's line items have not arrived; drop line_items.csv into landing/agm."
NO_HOLIDAYS = (
    "no day of the sales lies near a holiday; drop holidays.csv into landing/agm, and sales of "
    "such days."
)


@dataclass(frozen=True, slots=True)
class AgmFigures:
    """The rows that the answers about AGM's own sales rest on."""

    breakdown: list[Row]
    holiday_effect: list[Row]
    forecast_scores: list[Row] = field(default_factory=list)
    product_sets: list[Row] = field(default_factory=list)

    def members(self, dimension: str) -> list[Row]:
        """Return the rows of a dimension."""
        return [row for row in self.breakdown if row["dimension"] == dimension]

    @property
    def total(self) -> Row | None:
        """The totals over all accepted sales; None if there are none."""
        return next(iter(self.members("total")), None)

    @property
    def has_lines(self) -> bool:
        """Whether sales with lines have come."""
        return self.total is not None and bool(self.total["order_lines"])

    @property
    def as_of(self) -> date | None:
        """The last day with a sale."""
        days = [row["member"] for row in self.members("day")]
        return date.fromisoformat(max(days)) if days else None


@table(
    answers_of("agm"),
    reads={
        "sales_insights": agm.SALES_INSIGHTS,
        "holiday_effect": agm.HOLIDAY_EFFECT,
        "forecast_scores": scores_of("agm"),
        "product_sets": agm.PRODUCT_SETS,
        "segments": agm.SEGMENTS,
        **value_reads("agm"),
    },
    tells=evidence_links,
)
def answers_of_agm(
    sales_insights: nw.LazyFrame,
    holiday_effect: nw.LazyFrame,
    forecast_scores: nw.LazyFrame,
    product_sets: nw.LazyFrame,
    segments: nw.LazyFrame,
    privacy: Privacy,
    **value: nw.LazyFrame,
) -> pd.DataFrame:
    """The questions about pick-up sales; one that cannot be answered says what is missing."""
    tables = (sales_insights, holiday_effect, forecast_scores, product_sets)
    figures = AgmFigures(*map(records, tables))
    segmented = segments_answer("agm", segments, privacy.smallest_group, NO_SALES, figures.as_of)
    worth = value_answers("agm", value, figures.as_of)
    return table_of([*answers(figures), segmented, *worth])


def answers(figures: AgmFigures) -> list[Answer]:
    """Return every answer about AGM's own sales; each says what is missing where data are."""
    return [
        _total(figures, "sales_dollars", "What did AGM's pick-up sales bring in?"),
        _total(figures, "sales", "How many pick-up sales did AGM make?"),
        _total(figures, "meals", "How many meals did AGM sell for pick-up?"),
        _by_store(figures),
        _by_weekday(figures),
        _holiday_effect(figures),
        forecast.answer("agm", figures.forecast_scores, NO_SALES),
        top_pairs.answer("agm", figures.product_sets, NO_LINES, figures.has_lines, figures.as_of),
    ]


def _total(figures: AgmFigures, name: str, question: str) -> Answer:
    total = figures.total
    if total is None:
        return unanswered(f"agm.{name}", question, NO_SALES, INSIGHTS)
    if name == "meals" and not total["order_lines"]:
        return unanswered("agm.meals", question, NO_LINES, INSIGHTS)
    days = figures.members("day")
    value, unit, words = {
        "sales_dollars": (
            total["gross_usd_cents"] / 100,
            "USD",
            f"AGM's pick-up sales brought in {dollars(total['gross_usd_cents'])}",
        ),
        "sales": (total["orders"], "sales", f"AGM made {total['orders']:,} pick-up sales"),
        "meals": (total["meals"], "meals", f"AGM sold {total['meals']:,} meals for pick-up"),
    }[name]
    return Answer(
        f"agm.{name}",
        question,
        f"{words} on {len(days):,} days.",
        float(value),
        unit=unit,
        sample_size=total["orders"],
        caveat=f"Accepted sales of {min(row['member'] for row in days)} to {figures.as_of}.",
        evidence=INSIGHTS,
        method="total over all accepted sales; no estimate, so no interval",
        as_of=figures.as_of,
    )


def _by_store(figures: AgmFigures) -> Answer:
    question = "Which stores sell most?"
    rows = figures.members("store")
    # What may not be told goes last, by name: its place would say how much it is.
    stores = sorted(told(rows), key=lambda row: (-row["gross_usd_cents"], row["member"]))
    hidden = sorted((row for row in rows if row["suppressed"]), key=lambda row: row["member"])
    if not rows:
        return unanswered("agm.sales_by_store", question, NO_SALES, INSIGHTS)
    if not stores:
        return unanswered("agm.sales_by_store", question, TOO_FEW_CUSTOMERS, INSIGHTS)
    gross = sum(row["gross_usd_cents"] for row in rows)
    first, last = stores[0], stores[-1]
    return Answer(
        "agm.sales_by_store",
        question,
        f"{first['member']} sells most ({dollars(first['gross_usd_cents'])}, "
        f"{percent(first['gross_usd_cents'] / gross)} of {len(rows)} stores), {last['member']} "
        f"least ({dollars(last['gross_usd_cents'])}).",
        unit="USD",
        sample_size=sum(row["orders"] for row in rows),
        details=[
            {
                "rank": rank if rank <= len(stores) else None,
                "store": row["member"],
                "sales_dollars": None if row["suppressed"] else row["gross_usd_cents"] / 100,
                "share": None if row["suppressed"] else row["gross_usd_cents"] / gross,
                "sales": shown(row, "orders"),
                "meals": shown(row, "meals"),
                "customers": shown(row, "customers"),
            }
            for rank, row in enumerate([*stores, *hidden], start=1)
        ],
        caveat=sentence(
            "Totals; stores differ in the number of customers near them.", left_empty(rows)
        ),
        evidence=INSIGHTS,
        method="accepted sales summed by store",
        as_of=figures.as_of,
    )


def _by_weekday(figures: AgmFigures) -> Answer:
    question = "On which weekdays does AGM sell most?"
    days = figures.members("day")
    if not days:
        return unanswered("agm.sales_by_weekday", question, NO_SALES, INSIGHTS)
    details = []
    hidden = {row["member"] for row in figures.members("weekday") if row["suppressed"]}
    for number, name in enumerate(WEEKDAYS):
        if name in hidden:
            continue
        cents = [
            row["gross_usd_cents"]
            for row in days
            if date.fromisoformat(row["member"]).weekday() == number
        ]
        if cents:
            estimate = intervals.mean({value: cents.count(value) for value in set(cents)})
            details.append(
                {
                    "weekday": name,
                    "days": len(cents),
                    "sales_dollars": sum(cents) / 100,
                    "mean_dollars_a_day": sum(cents) / len(cents) / 100,
                    "low": estimate.low / 100 if estimate else None,
                    "high": estimate.high / 100 if estimate else None,
                }
            )
    if not details:
        return unanswered("agm.sales_by_weekday", question, TOO_FEW_CUSTOMERS, INSIGHTS)
    ranked = sorted(details, key=lambda row: -row["mean_dollars_a_day"])
    return Answer(
        "agm.sales_by_weekday",
        question,
        f"{ranked[0]['weekday']} is the strongest day (mean "
        f"${ranked[0]['mean_dollars_a_day']:,.2f}), {ranked[-1]['weekday']} the weakest (mean "
        f"${ranked[-1]['mean_dollars_a_day']:,.2f}).",
        unit="USD a day",
        sample_size=len(days),
        details=ranked,
        caveat=sentence(
            "Means over days with sales; days next to each other are not independent.",
            "Weekdays of too few customers are left out." if hidden else None,
        ),
        evidence=INSIGHTS,
        method="mean takings a day by weekday with Student's t interval",
        as_of=figures.as_of,
    )


def _holiday_effect(figures: AgmFigures) -> Answer:
    question = "What do holidays do to AGM's sales?"
    if figures.total is None:
        return unanswered("agm.holiday_effect", question, NO_SALES, HOLIDAYS)
    measured = [row for row in figures.holiday_effect if row["share_of_mean"] is not None]
    days = told(measured)
    if measured and not days:
        return unanswered("agm.holiday_effect", question, TOO_FEW_CUSTOMERS, HOLIDAYS)
    if not days:
        return unanswered("agm.holiday_effect", question, NO_HOLIDAYS, HOLIDAYS)
    shares = [row["share_of_mean"] for row in days]
    affected = sum(1 for row in days if row["is_affected"])
    estimate = intervals.mean({value: shares.count(value) for value in set(shares)})
    mean = sum(shares) / len(shares)
    return Answer(
        "agm.holiday_effect",
        question,
        f"On the {len(days)} days within {HOLIDAY_WINDOW_DAYS} days of a holiday takings are "
        f"{percent(mean)} of what the weekday usually brings; {affected} of them are at or below "
        f"{percent(HOLIDAY_AFFECTED_SHARE)} and count as affected.",
        **(
            estimated(estimate)
            if estimate
            else {"value": mean, "low": None, "high": None, "sample_size": len(days)}
        ),
        unit="takings as a share of the weekday's mean",
        details=[
            {
                "day": row["order_date"],
                "days_from_holiday": row["days_from_holiday"],
                "dollars": row["gross_usd_cents"] / 100,
                "share_of_mean": row["share_of_mean"],
                "is_affected": row["is_affected"],
            }
            for row in days
        ],
        caveat=sentence(
            "Closed days count as 0. A day near a holiday can be low for other reasons: this "
            "is association, and few holidays are in the data.",
            "Weekdays with days of too few customers are left out."
            if len(days) < len(measured)
            else None,
        ),
        evidence=HOLIDAYS,
        method="takings over the mean of that weekday outside every holiday window; Student's t "
        "interval over days",
        as_of=figures.as_of,
    )
