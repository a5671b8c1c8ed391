"""Contracts of the reference tables of ZIP places."""

from __future__ import annotations

from agm_platform.contracts.model import Column, Table, Type
from agm_platform.contracts.rules import unique

PUBLIC_ZIP_PLACES = Table(
    "reference",
    "public_zip_places",
    "The public list of ZIP codes that the platform carries (from the package zipcodes).",
    (
        Column("zip", Type.TEXT, "Five-digit ZIP code.", nullable=False),
        Column("state", Type.TEXT, "State code."),
        Column("city", Type.TEXT, "Main city."),
        Column("cities", Type.TEXT, "All accepted city names, lower case, between bars."),
        Column("latitude", Type.NUMBER, "Degrees north; null if unknown.", unit="degrees"),
        Column("longitude", Type.NUMBER, "Degrees east; null if unknown.", unit="degrees"),
    ),
    key=("zip",),
    publish=False,
)

ZIP_PLACES = Table(
    "reference",
    "zip_places",
    "ZIP codes with place names and the position of their centre: AGM's own table where it has "
    "the ZIP, else the public list that the platform carries.",
    (
        Column("zip", Type.TEXT, "Five-digit ZIP code.", nullable=False),
        Column("state", Type.TEXT, "State code."),
        Column("city", Type.TEXT, "Main city."),
        Column("cities", Type.TEXT, "All accepted city names, lower case, between bars."),
        Column("latitude", Type.NUMBER, "Degrees north; null if unknown.", unit="degrees"),
        Column("longitude", Type.NUMBER, "Degrees east; null if unknown.", unit="degrees"),
        Column("area_square_miles", Type.NUMBER, "Area; null if unknown.", unit="square miles"),
        Column(
            "is_shared_point",
            Type.BOOLEAN,
            "Whether other ZIPs have the same position, which then is only a stand-in.",
        ),
    ),
    key=("zip",),
    rules=(
        unique(
            "zip",
            "one row a ZIP",
        ),
    ),
)

TABLES = (PUBLIC_ZIP_PLACES, ZIP_PLACES)
