"""The figures that the answers about Peak rest on, gathered from the insight tables."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from agm_platform.defs.answers.answer import (
    Row,
)

INSIGHTS = "peak.delivery_insights"
ACCURACY = "peak.customer_accuracy"
CUSTOMERS = "peak.clean_customers"
RADIUS = "peak.radius_insights"
NO_FEED = "no Peak sales have been accepted; drop peak_sales_YYYY_MM_DD.json into landing/peak."
NO_AGM = "AGM's customer file has not arrived; drop customers.csv into landing/agm."


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
    trial_effect: list[Row]
    product_sets: list[Row]
    forecast_scores: list[Row]
    agm_customer_rows: int
    agm_file_notes: str | None
    verdict: dict[str, Row]
    bands: dict[str, int]
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
    def new_share(self) -> float | None:
        """Share of customers whose best candidate, if any, is not likely to be them."""
        total = sum(self.bands.values())
        return (self.bands.get("reject", 0) + self.bands.get("none", 0)) / total if total else None

    @property
    def uncertain_share(self) -> float:
        """Share of customers whose best candidate a person would have to look at."""
        return self.bands.get("review", 0) / max(1, sum(self.bands.values()))

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


def figures_from(rows: dict[str, list[Row]], counts: dict[str, Any]) -> PeakFigures:
    """Gather the figures from the rows of the small tables and the counts of the large ones."""
    days = sorted(row["member"] for row in rows["delivery_insights"] if row["dimension"] == "day")
    return PeakFigures(
        breakdown={(row["dimension"], row["member"]): row for row in rows["delivery_insights"]},
        radius=rows["radius_insights"],
        trial_effect=rows["trial_effect"],
        product_sets=rows["product_sets"],
        forecast_scores=rows["forecast_scores"],
        first_day=date.fromisoformat(days[0]) if days else None,
        as_of=date.fromisoformat(days[-1]) if days else None,
        **counts,
    )
