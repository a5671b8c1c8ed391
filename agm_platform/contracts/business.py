"""The business terms that figures depend on: named, with their unit and source.

A threshold used by a rule, an insight or an answer is declared here once.
"""

from __future__ import annotations

PEAK_COMMISSION_PERCENT = 18
"""Percent of the price that Peak Deliveries keeps. Source: the trial agreement with Peak."""

MEAL_PRICE_USD_CENTS = 1200
"""Price of every meal, in cents. Source: AGM's price list."""

PEAK_FILE_DUE_HOUR = 2
"""Hour of the next day, local time, at which a day's file is due. Source: the trial agreement."""

PEAK_FILE_GRACE_HOURS = 3
"""Hours after it was due within which a file is in time. Source: the schedule publishes then."""

DELIVERY_RADIUS_MILES = 5.0
"""How far round the store Peak delivers, in miles. Source: the trial agreement with Peak."""

TRIAL_STORE_ZIP = "94705"
"""ZIP of the store that takes part in the trial (Berkeley). Source: the trial agreement."""

ZIP_RADIUS_MILES = 1.0
"""Radius assumed for a ZIP whose area is unknown, in miles.

Source: the square root of area / pi for the roughly three square miles of a dense urban ZIP. A
customer whose ZIP centre lies within this margin of the delivery radius counts as uncertain.
"""

EARTH_RADIUS_MILES = 3958.7613
"""Mean Earth radius, in miles. Source: IUGG mean radius R1 = 6371.0088 km."""

HOLIDAY_WINDOW_DAYS = 7
"""Days before and after a holiday that it may affect. Source: AGM's analysts' holiday rule."""

HOLIDAY_AFFECTED_SHARE = 0.85
"""A day near a holiday is affected at or below this share of its weekday's mean takings.

Source: AGM's analysts' holiday rule.
"""

CONFIDENCE = 0.95
"""Confidence level of every interval, as a fraction."""

TOP_MEALS = 3
"""How many best-selling meals an answer names."""

RECENCY_EDGES_DAYS = (7, 14, 30, 90)
"""Upper edges of the recency scores 5, 4, 3, 2 in days since the last order; beyond is 1.

Source: AGM sells meals by the week, so one, two and about four weeks without an order are the
steps a customer goes quiet by; a quarter is the trial's length.
"""

FREQUENCY_EDGES_ORDERS_PER_30_DAYS = (1, 2, 4, 8)
"""Lower edges of the frequency scores 2, 3, 4, 5 in orders per 30 days of the data's span.

Source: monthly, fortnightly, weekly and twice-weekly customers.
"""

MONETARY_EDGES_USD_CENTS_PER_30_DAYS = (1200, 4800, 12000, 24000)
"""Lower edges of the monetary scores 2, 3, 4, 5 in cents per 30 days of the data's span.

Source: one meal, one meal a week, ten meals and twenty meals a month at the list price.
"""

WITHHOLDING_TOLD_APART_SHARE = 0.8
"""AGM can withhold its list while at least this share of Peak's customers is told apart.

Told apart is who is recognised or told to be new, without a look by a person. Source: an assumption
for AGM's executives to confirm: with four in five, a figure for either is off by at most a fifth.
"""

QUARANTINE_PATIENCE_DAYS = 7
"""How long a row may wait in quarantine before somebody is told, in whole days.

Source: an assumption for AGM's analysts to confirm: a week gives a sender a working day to answer
in, and no figure of a month is missing a row that nobody has looked at.
"""

UNUSUAL_SHARE_OF_PERSONS_CHANGED = 0.01
"""Share of all persons from which merges and splits of one date are unusual, as a fraction.

Source: an assumption for AGM's analysts to confirm: a day of Peak's orders brings a few hundred
records to some 30,000 persons, and few of them put two known persons together.
"""
