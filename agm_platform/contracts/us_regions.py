"""The states of the US and the census region of each: named data, for breakdowns by region."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

STATES_OF_REGION: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Northeast": (
            "Connecticut",
            "Maine",
            "Massachusetts",
            "New Hampshire",
            "New Jersey",
            "New York",
            "Pennsylvania",
            "Rhode Island",
            "Vermont",
        ),
        "Midwest": (
            "Illinois",
            "Indiana",
            "Iowa",
            "Kansas",
            "Michigan",
            "Minnesota",
            "Missouri",
            "Nebraska",
            "North Dakota",
            "Ohio",
            "South Dakota",
            "Wisconsin",
        ),
        "South": (
            "Alabama",
            "Arkansas",
            "Delaware",
            "Florida",
            "Georgia",
            "Kentucky",
            "Louisiana",
            "Maryland",
            "Mississippi",
            "North Carolina",
            "Oklahoma",
            "South Carolina",
            "Tennessee",
            "Texas",
            "Virginia",
            "West Virginia",
        ),
        "West": (
            "Alaska",
            "Arizona",
            "California",
            "Colorado",
            "Hawaii",
            "Idaho",
            "Montana",
            "Nevada",
            "New Mexico",
            "Oregon",
            "Utah",
            "Washington",
            "Wyoming",
        ),
    }
)
"""The 50 states by census region. Source: US Census Bureau, Census Regions and Divisions."""

STATES: tuple[str, ...] = tuple(
    sorted(state for states in STATES_OF_REGION.values() for state in states)
)
"""The names of the 50 states."""
