"""Rules and thresholds of the sender sales: named, with unit and source."""

from __future__ import annotations

from agm_platform.contracts.bands import Bands

PRICE_BANDS_USD_CENTS = Bands(("Low", "Medium", "High"), (1500, 3000))
"""Bands of the price of one piece, in cents; an edge is in the lower one. Source: the owner."""

REVENUE_BANDS_USD_CENTS = Bands(("Low", "Medium", "High"), (10000, 20000))
"""Bands of the revenue of an order, in cents; an edge is in the lower one. Source: the owner."""

SAME_RATE_MARGIN = 0.05
"""Rates of delay and cancellation that differ by less count as the same, as a fraction.

Source: an assumption for the owner to confirm: one order in twenty.
"""

SAME_QUANTITY_MARGIN = 0.2
"""Mean pieces an order that differ by less count as the same.

Source: an assumption for the owner to confirm: one piece more in every fifth order, a third of
what a discount of 20 % needs to bring the same revenue at the usual three pieces.
"""
