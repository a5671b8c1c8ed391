"""AGM's questions about its own pick-up sales, answered from the insight tables."""

from dataclasses import dataclass
from datetime import date

import narwhals as nw
import pandas as pd

from agm_platform.contracts import agm
from agm_platform.contracts.answers import answers_of
from agm_platform.contracts.business import HOLIDAY_AFFECTED_SHARE, HOLIDAY_WINDOW_DAYS
from agm_platform.defs.answers.answer import (
    Answer,
    Row,
    dollars,
    estimated,
    percent,
    table_of,
    unanswered,
)
from agm_platform.defs.insights.calendar import WEEKDAYS
from agm_platform.defs.table import table
from agm_platform.statistics import intervals
from agm_platform.warehouse.rows import records

INSIGHTS = "agm.sales_insights"
HOLIDAYS = "agm.holiday_effect"
NO_SALES = "AGM's sales file has not arrived; drop sales.csv into landing/agm."
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

    def members(self, dimension: str) -> list[Row]:
        """Return the rows of a dimension."""
        return [row for row in self.breakdown if row["dimension"] == dimension]

    @property
    def total(self) -> Row | None:
        """The totals over all accepted sales; None if there are none."""
        return next(iter(self.members("total")), None)

    @property
    def as_of(self) -> date | None:
        """The last day with a sale."""
        days = [row["member"] for row in self.members("day")]
        return date.fromisoformat(max(days)) if days else None


@table(
    answers_of("agm"),
    reads={"sales_insights": agm.SALES_INSIGHTS, "holiday_effect": agm.HOLIDAY_EFFECT},
)
def answers_of_agm(sales_insights: nw.LazyFrame, holiday_effect: nw.LazyFrame) -> pd.DataFrame:
    """The questions about pick-up sales; one that cannot be answered says what is missing."""
    return table_of(answers(AgmFigures(records(sales_insights), records(holiday_effect))))


def answers(figures: AgmFigures) -> list[Answer]:
    """Return every answer about AGM's own sales; each says what is missing where data are."""
    return [
        _total(figures, "sales_dollars", "What did AGM's pick-up sales bring in?"),
        _total(figures, "sales", "How many pick-up sales did AGM make?"),
        _total(figures, "meals", "How many meals did AGM sell for pick-up?"),
        _by_store(figures),
        _by_weekday(figures),
        _holiday_effect(figures),
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
    stores = sorted(
        figures.members("store"), key=lambda row: (-row["gross_usd_cents"], row["member"])
    )
    if not stores:
        return unanswered("agm.sales_by_store", question, NO_SALES, INSIGHTS)
    gross = sum(row["gross_usd_cents"] for row in stores)
    first, last = stores[0], stores[-1]
    return Answer(
        "agm.sales_by_store",
        question,
        f"{first['member']} sells most ({dollars(first['gross_usd_cents'])}, "
        f"{percent(first['gross_usd_cents'] / gross)} of {len(stores)} stores), {last['member']} "
        f"least ({dollars(last['gross_usd_cents'])}).",
        unit="USD",
        sample_size=sum(row["orders"] for row in stores),
        details=[
            {
                "rank": rank,
                "store": row["member"],
                "sales_dollars": row["gross_usd_cents"] / 100,
                "share": row["gross_usd_cents"] / gross,
                "sales": row["orders"],
                "meals": row["meals"],
                "customers": row["customers"],
            }
            for rank, row in enumerate(stores, start=1)
        ],
        caveat="Totals; stores differ in the number of customers near them.",
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
    for number, name in enumerate(WEEKDAYS):
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
        caveat="Means over days with sales; days next to each other are not independent.",
        evidence=INSIGHTS,
        method="mean takings a day by weekday with Student's t interval",
        as_of=figures.as_of,
    )


def _holiday_effect(figures: AgmFigures) -> Answer:
    question = "What do holidays do to AGM's sales?"
    if figures.total is None:
        return unanswered("agm.holiday_effect", question, NO_SALES, HOLIDAYS)
    days = [row for row in figures.holiday_effect if row["share_of_mean"] is not None]
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
        caveat="Closed days count as 0. A day near a holiday can be low for other reasons: this "
        "is association, and few holidays are in the data.",
        evidence=HOLIDAYS,
        method="takings over the mean of that weekday outside every holiday window; Student's t "
        "interval over days",
        as_of=figures.as_of,
    )
