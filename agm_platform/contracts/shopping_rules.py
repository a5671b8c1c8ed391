"""Value lists, limits and bands of the shopping trends: each with its unit and source."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from agm_platform.contracts.bands import Bands

if TYPE_CHECKING:
    from collections.abc import Mapping

OWNER = "the owner's rules for the table"
PROFILE = "profile of the owner's file of 3,900 rows; another value is news, not an error"

GENDERS = ("Male", "Female", "Other")
"""Source: the owner's rules."""

PAYMENT_METHODS = ("Credit Card", "Bank Transfer", "Cash", "PayPal", "Venmo", "Debit Card")
"""Source: the owner's rules; all occur in the file."""

SHIPPING_TYPES = (
    "Express",
    "Free Shipping",
    "Next Day Air",
    "Standard",
    "2-Day Shipping",
    "Store Pickup",
)
"""Source: the owner's rules; all occur in the file."""

SEASONS = ("Winter", "Spring", "Summer", "Fall")
"""Source: profile of the owner's file, which says Fall and never Autumn."""

SEASON_OF_AN_EARLY_SUITE = "Autumn"
"""The word that an early suite of expectations guessed for Fall. Source: that suite."""

SIZES = ("S", "M", "L", "XL")
"""Source: profile of the owner's file."""

ITEMS_OF_CATEGORY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Clothing": (
            "Blouse",
            "Dress",
            "Hoodie",
            "Jeans",
            "Pants",
            "Shirt",
            "Shorts",
            "Skirt",
            "Socks",
            "Sweater",
            "T-shirt",
        ),
        "Accessories": (
            "Backpack",
            "Belt",
            "Gloves",
            "Handbag",
            "Hat",
            "Jewelry",
            "Scarf",
            "Sunglasses",
        ),
        "Footwear": ("Boots", "Sandals", "Shoes", "Sneakers"),
        "Outerwear": ("Coat", "Jacket"),
    }
)
"""The 25 items, each in one category. Source: profile of the owner's file."""

COLORS = (
    "Beige",
    "Black",
    "Blue",
    "Brown",
    "Charcoal",
    "Cyan",
    "Gold",
    "Gray",
    "Green",
    "Indigo",
    "Lavender",
    "Magenta",
    "Maroon",
    "Olive",
    "Orange",
    "Peach",
    "Pink",
    "Purple",
    "Red",
    "Silver",
    "Teal",
    "Turquoise",
    "Violet",
    "White",
    "Yellow",
)
"""Source: profile of the owner's file."""

FREQUENCY_WORDS = (
    "Weekly",
    "Fortnightly",
    "Bi-Weekly",
    "Monthly",
    "Quarterly",
    "Every 3 Months",
    "Annually",
)
"""The words of the sender. Source: profile of the owner's file. What those mean that are no value
of `PURCHASES_A_YEAR` stands in data/reference/synonyms.csv.
"""

FREQUENCIES_OF_AN_EARLY_SUITE = 2
"""How many of the file's words for frequency an early suite of expectations knew. Source: it."""

PURCHASES_A_YEAR: Mapping[str, int] = MappingProxyType(
    {"Weekly": 52, "Fortnightly": 26, "Monthly": 12, "Quarterly": 4, "Annually": 1}
)
"""What a word for frequency means, in purchases a year. Source: the calendar."""

OWNER_AGE_YEARS = (18, 100)
OWNER_AMOUNT_USD_CENTS = (0, 1_000_000)
OWNER_RATING = (0.0, 5.0)
"""Outside these a row is wrong and set aside. Source: the owner's rules."""

USUAL_AGE_YEARS = (18, 70)
USUAL_AMOUNT_USD_CENTS = (2_000, 10_000)
USUAL_RATING = (2.5, 5.0)
USUAL_PREVIOUS_PURCHASES = (1, 50)
"""Outside these a row is accepted and told: nothing real breaks the owner's wide limits.

Source: profile of the owner's file.
"""

AGE_BANDS = Bands(("18-29", "30-44", "45-59", "60 and over"), (30, 45, 60), edge_belongs_above=True)
"""Years. Source: an assumption for the owner to confirm: about a quarter of the ages each."""

FREQUENCY_BANDS = Bands(("seldom", "monthly", "often"), (4, 12))
"""Purchases a year: up to quarterly, monthly, more often. Source: the meaning of the words."""

EXPERIENCE_BANDS = Bands(("new", "known", "long-standing"), (10, 30))
"""Previous purchases. Source: an assumption for the owner to confirm."""

AMOUNT_BANDS = Bands(("low", "mid", "high"), (4_000, 7_000))
"""USD cents of the purchase. Source: an assumption for the owner to confirm: thirds of $20 to $100,
at round numbers."""

FOLDS = 5
"""Parts of a cross-validation. Source: Hastie, Tibshirani and Friedman, chapter 7.10."""
