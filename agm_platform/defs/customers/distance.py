"""How far a customer's ZIP is from a store, and what that says about the delivery radius."""

import narwhals as nw

from agm_platform.contracts.business import (
    DELIVERY_RADIUS_MILES,
    EARTH_RADIUS_MILES,
    ZIP_RADIUS_MILES,
)

DEGREES_TO_RADIANS = 0.017453292519943295
PI = 3.141592653589793

INSIDE, OUTSIDE, UNCERTAIN = "inside", "outside", "uncertain"


def great_circle_miles(
    latitude: str, longitude: str, to_latitude: str, to_longitude: str
) -> nw.Expr:
    """Return the distance in miles between two points given by columns in degrees (haversine).

    The arc sine is its series to the seventh power, because not every engine offers one: exact to
    a foot within 500 miles and to 0.02 miles across the continent.
    """

    def radians(column: str) -> nw.Expr:
        return nw.col(column) * DEGREES_TO_RADIANS

    half_latitude = ((radians(to_latitude) - radians(latitude)) / 2).sin()
    half_longitude = ((radians(to_longitude) - radians(longitude)) / 2).sin()
    squared = (
        half_latitude * half_latitude
        + radians(latitude).cos() * radians(to_latitude).cos() * half_longitude * half_longitude
    )
    series = 1 + squared / 6 + squared * squared * 3 / 40 + squared * squared * squared * 15 / 336
    return squared.sqrt() * series * (2 * EARTH_RADIUS_MILES)


def zip_margin_miles() -> nw.Expr:
    """Return how far from its centre a ZIP reaches: the radius of a circle of its area.

    Needs the column area_square_miles; a ZIP of unknown area has the assumed radius.
    """
    area = nw.col("area_square_miles")
    return nw.when(area > 0).then((area / PI).sqrt()).otherwise(nw.lit(ZIP_RADIUS_MILES))


def radius_band() -> nw.Expr:
    """Return inside, outside or uncertain of the delivery radius.

    Needs distance_miles, margin_miles and is_shared_point. Uncertain is a ZIP whose circle the
    radius cuts, whose place is unknown, or whose position is only a stand-in for several ZIPs.
    """
    distance, margin = nw.col("distance_miles"), nw.col("margin_miles")
    unknown = distance.is_null() | nw.col("is_shared_point").fill_null(value=True)
    return (
        nw.when(unknown)
        .then(nw.lit(UNCERTAIN))
        .when(distance + margin <= DELIVERY_RADIUS_MILES)
        .then(nw.lit(INSIDE))
        .when(distance - margin > DELIVERY_RADIUS_MILES)
        .then(nw.lit(OUTSIDE))
        .otherwise(nw.lit(UNCERTAIN))
    )
