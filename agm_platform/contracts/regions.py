"""The four Census regions of the United States: which state lies in which.

Source: U.S. Census Bureau, Census Regions and Divisions of the United States (2010).
"""

from __future__ import annotations

REGIONS: dict[str, tuple[str, ...]] = {
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
        "District of Columbia",
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

STATES: dict[str, str] = {state: region for region, states in REGIONS.items() for state in states}
"""State (and the District of Columbia) to region: 51 names."""
