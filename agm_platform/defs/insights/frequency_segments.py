"""Customers whose purchases have no dates: segments by stated frequency, experience and amount.

Fixed bands and not quantiles, so that the same label means the same thing in every file.
"""

import narwhals as nw

from agm_platform.contracts.bands import Bands
from agm_platform.defs.insights.bands import banded


def frequency_segments(
    customers: nw.LazyFrame, frequency: Bands, experience: Bands, amount: Bands
) -> nw.LazyFrame:
    """Add frequency_band, experience_band, amount_band and segment.

    Needs purchases_a_year, previous_purchases, subtotal_usd_cents. Each of the bands has three
    names from low to high. loyal: often and long-standing; promising: often, but not (yet)
    long-standing; steady: the middle frequency; newcomer: seldom, and new; occasional: seldom, and
    no longer new; unknown: frequency or experience is not known.
    """
    seldom, middle, often = frequency.names
    new, _, longest = experience.names
    how_often, how_long = nw.col("frequency_band"), nw.col("experience_band")
    segment = (
        nw.when(how_often.is_null() | how_long.is_null())
        .then(nw.lit("unknown"))
        .when((how_often == often) & (how_long == longest))
        .then(nw.lit("loyal"))
        .when(how_often == often)
        .then(nw.lit("promising"))
        .when(how_often == middle)
        .then(nw.lit("steady"))
        .when((how_often == seldom) & (how_long == new))
        .then(nw.lit("newcomer"))
        .otherwise(nw.lit("occasional"))
    )
    return customers.with_columns(
        frequency_band=banded(nw.col("purchases_a_year"), frequency),
        experience_band=banded(nw.col("previous_purchases"), experience),
        amount_band=banded(nw.col("subtotal_usd_cents"), amount),
    ).with_columns(segment=segment)
