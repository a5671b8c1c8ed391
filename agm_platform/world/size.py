"""How large a world is and how often its oddities occur. Numbers only, no generation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

import numpy.typing as npt

Columns: TypeAlias = dict[str, npt.NDArray[Any]]
"""A table as named columns of equal length."""

# AGM publishes 31,082 customers and 1,537,617 sales for the 366 days of 2020.
TRUE_CUSTOMERS = 31_082
TRUE_SALES = 1_537_617
AGM_YEAR = 2020
TRUE_DAYS = 366


@dataclass(frozen=True)
class WorldSize:
    """Scale and rates of a world. The defaults are those of the committed sample.

    Shares are fractions from 0 to 1. Raises ValueError for days outside AGM's year and for
    a share that is none.
    """

    customers: int = 600
    first_day: date = date(2020, 11, 9)
    days: int = 30
    pickup_sales: int | None = None  # None: AGM's true rate per customer and day
    peak_first_day: date | None = None  # None: AGM's first day
    peak_days: int | None = None  # None: as many as AGM's; may run beyond AGM's year
    peak_sales_per_day: int = 28
    peak_accounts: int | None = None  # None: a few sales each, as far as people suffice
    new_people: float = 0.40  # Peak accounts of people who never were AGM customers
    misspelt: float = 0.13  # 13 of 97 on the one real day, among returning customers
    changed: float = 0.02  # accounts that change their details during the trial
    idle_customers: float = 0.03  # AGM customers who never buy
    unsold_products: tuple[int, ...] = (8,)  # in AGM's list, but never picked up

    def __post_init__(self) -> None:
        last = self.first_day + timedelta(days=self.days - 1)
        if self.days < 1 or self.first_day.year != AGM_YEAR or last.year != AGM_YEAR:
            raise ValueError(
                f"AGM's sales must lie in {AGM_YEAR}, not {self.first_day} to {last}: "
                "change first_day or days (Peak's days may run beyond the year)"
            )
        for name in ("new_people", "misspelt", "changed", "idle_customers"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a share from 0 to 1, not {getattr(self, name)}")

    @property
    def sales(self) -> int:
        """Number of pick-up sales, exactly AGM's own at AGM's own size."""
        if self.pickup_sales is not None:
            return self.pickup_sales
        return round(self.customers * self.days * TRUE_SALES / (TRUE_CUSTOMERS * TRUE_DAYS))

    @property
    def trial_first_day(self) -> date:
        """First day that has a Peak file."""
        return self.peak_first_day or self.first_day

    @property
    def trial_days(self) -> int:
        """Number of Peak files."""
        return self.days if self.peak_days is None else self.peak_days


SAMPLE = WorldSize()
SAMPLE_SEED = 2020

TRUE_SCALE = WorldSize(
    customers=TRUE_CUSTOMERS,
    first_day=date(AGM_YEAR, 1, 1),
    days=TRUE_DAYS,
    peak_first_day=date(2020, 10, 3),
    peak_days=92,  # three months: to 2021-01-02
    peak_sales_per_day=100,  # the real first day had 97
)
