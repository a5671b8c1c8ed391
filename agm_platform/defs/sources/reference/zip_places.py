"""Where a ZIP is: the public list that the platform carries, overlaid by AGM's own table."""

from functools import cache

import narwhals as nw
import pandas as pd

from agm_platform.contracts import agm, reference
from agm_platform.defs.table import table
from agm_platform.landing.casts import number, trimmed


@table(reference.PUBLIC_ZIP_PLACES)
def public_zip_places() -> pd.DataFrame:
    """The list in the package zipcodes; a position of 0, 0 means that it is unknown."""
    return _packaged()


@cache
def _packaged() -> pd.DataFrame:
    """The list as rows of the table, read once a process: no run can change it."""
    import zipcodes  # unpacks 42,789 records: only when the table is filled

    places = pd.DataFrame(zipcodes.list_all()).rename(
        columns={"zip_code": "zip", "lat": "latitude", "long": "longitude"}
    )
    places = places.drop_duplicates("zip").sort_values("zip", ignore_index=True)
    position = places[["latitude", "longitude"]].astype(float)
    places[["latitude", "longitude"]] = position.where((position != 0).any(axis=1))
    names = [
        "|".join(["", *sorted({city.lower(), *(name.lower() for name in others)}), ""])
        for city, others in zip(places["city"], places["acceptable_cities"], strict=True)
    ]
    return places.assign(cities=names)[list(reference.PUBLIC_ZIP_PLACES.column_names)]


@table(reference.ZIP_PLACES, reads={"raw_zip_codes": agm.RAW_ZIP_CODES})
def zip_places(public_zip_places: nw.LazyFrame, raw_zip_codes: nw.LazyFrame) -> nw.LazyFrame:
    """AGM's row of a ZIP where it has one, else the public one; the names of both are accepted."""
    own = raw_zip_codes.select(
        zip=trimmed("zip"),
        own_state=trimmed("state"),
        own_city=trimmed("city"),
        own_latitude=number("latitude"),
        own_longitude=number("longitude"),
        area_square_miles=number("area"),
        row_number="row_number",
    ).filter(~nw.col("zip").is_null())
    own = own.filter(nw.col("row_number") == nw.col("row_number").min().over("zip"))
    own_name = nw.concat_str(nw.lit("|"), nw.col("own_city").str.to_lowercase(), nw.lit("|"))
    every_zip = nw.concat([public_zip_places.select("zip"), own.select("zip")]).unique()
    joined = every_zip.join(public_zip_places, on="zip", how="left").join(own, on="zip", how="left")
    overlaid = joined.select(
        "zip",
        "area_square_miles",
        state=nw.coalesce("own_state", "state"),
        city=nw.coalesce("own_city", "city"),
        cities=nw.concat_str(nw.col("cities").fill_null(""), own_name.fill_null("")),
        latitude=nw.coalesce("own_latitude", "latitude"),
        longitude=nw.coalesce("own_longitude", "longitude"),
    )
    at_the_point = nw.len().over("latitude", "longitude")
    return overlaid.with_columns(
        is_shared_point=(at_the_point > 1) | nw.col("latitude").is_null()
    ).sort("zip")
