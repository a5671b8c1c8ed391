"""The thresholds by which Instacart's customers, products and hours are named, each with its unit.

Source, where none is given: the task that Instacart's analysts set for the marketing strategy.
"""

from __future__ import annotations

from agm_platform.contracts.bands import Bands

PRICE_BANDS = Bands(("low", "mid", "high"), (500, 1500))
"""Price of a product in US cents: up to 5 dollars, up to 15, above."""

HIGHEST_PRICE_USD_CENTS = 10_000
"""A higher price of a grocery product is an error of entry and becomes null; in US cents.
Source: all but two of the prices lie between 1 and 25 dollars; those two are 14,900 and 99,999.
"""

LOYALTY = Bands(("new", "regular", "loyal"), (10, 40))
"""Number of a customer's last prior order: up to 10, up to 40, above."""

FREQUENCY = Bands(("frequent", "regular", "non_frequent"), (10, 20))
"""Median of a customer's days between orders, one value an order: up to 10, up to 20, above."""

LOW_SPENDING_BELOW_USD_CENTS = 1000
"""A customer whose mean item price is below this is a low spender; in US cents."""

LOW_ACTIVITY_BELOW_ORDERS = 5
"""A customer whose last prior order has a lower number is of low activity."""

AGE_BANDS = Bands(("up_to_35", "36_to_64", "65_and_over"), (36, 65), edge_belongs_above=True)
"""Age in years. Source: an assumption to confirm; the task leaves the bands open."""

INCOME_BANDS = Bands(("low", "middle", "high"), (4_999_999, 12_000_000))
"""Income a year in US cents: below 50, up to 120, above 120 thousand dollars.
Source: an assumption to confirm; the task leaves the bands open.
"""

PERIODS_OF_DAY = Bands(
    ("night", "morning", "midday", "evening"), (6, 10, 17), edge_belongs_above=True
)
"""Hour of the day: from 0, 6, 10 and 17. Source: an assumption to confirm."""

FIRST_DAY = "Saturday"
"""Name of day number 0. Source: the course's reading; the sender does not say, others read Sunday.
The tables keep the number.
"""

BUSIEST_HOURS = 2
"""How many hours the answers name as the busiest and quietest. Source: the course's two hours."""

SPOILT_NAMES = ("#NAME?", "#REF!", "#VALUE!", "#N/A", "NULL", "NaN", "nan")
"""What a spreadsheet leaves in the place of a name."""

DENSE_IDS_SHARE = 0.99
"""From this share of the numbers up to the highest one in use, a gap in a list is an oddity."""

MOST_DEPARTMENTS = 60
"""Departments told apart in baskets; each is one bit of a whole number."""
