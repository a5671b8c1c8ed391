"""Which Peak product is which AGM product, and on which days: versions and their periods."""

import narwhals as nw

from agm_platform.contracts import peak
from agm_platform.defs.table import table
from agm_platform.landing.casts import identifier, iso_date

FIRST_DAY, LAST_DAY = "0001-01-01", "9999-12-31"


@table(peak.PRODUCT_MAP)
def product_map(raw_product_map: nw.LazyFrame) -> nw.LazyFrame:
    """Every version of the map with the first and last business date it is valid on.

    A version begins on the date in its rows, else on that in its file's name, else it has always
    been valid; it ends on the day before the next version begins.
    """
    mapping = raw_product_map.select(
        "file_name",
        valid_from=nw.coalesce(iso_date("valid_from"), nw.col("version_date"), _day(FIRST_DAY)),
        peak_product_id=identifier("peak_product_id"),
        product_id=identifier("product_id"),
    )
    versions = mapping.select("valid_from").unique()
    following = versions.join(versions, how="cross", suffix="_next").filter(
        nw.col("valid_from_next") > nw.col("valid_from")
    )
    ends = following.group_by("valid_from").agg(next_from=nw.col("valid_from_next").min())
    return mapping.join(ends, on="valid_from", how="left").with_columns(
        valid_to=nw.coalesce(nw.col("next_from").dt.offset_by("-1d"), _day(LAST_DAY))
    )


def _day(text: str) -> nw.Expr:
    """Return a day from its text: Spark takes no Python date before the year 1000."""
    return nw.lit(text).str.to_date(format="%Y-%m-%d")
