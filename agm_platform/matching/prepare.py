"""Customer records as the customer design compares them: normalised, keyed, one row an id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agm_platform.matching.customer_design import CUSTOMERS
from agm_platform.matching.normalise import as_pandas, normalise
from agm_platform.matching.text_sql import joined, soundex

if TYPE_CHECKING:
    import pandas as pd

RECORD_ID = "record_id"
SOURCES = ("last_name_key", "street_name_key", "first_name_candidates", "zip_normalised")

PREPARED = f"""
select
    {joined("first_name_normalised")} as first_name,
    first_name_candidates as first_names,
    {joined("first_name_canonical")} as first_canonical,
    left({joined("first_name_canonical")}, 1) as first_initial,
    {soundex(joined("first_name_normalised"))} as first_sound,
    last_name_key as last_name,
    last_name_sound as last_sound,
    street_normalised as street,
    street_number,
    street_name_key as street_name,
    coalesce(street_name_sound, street_name_key) as street_sound,
    street_suffix,
    street_unit,
    city_normalised || coalesce(' ' || lower(state_normalised), '') as city,
    zip_normalised as zip
from normalised order by row_number
"""


def prepare(frame: Any, record_id: str = "customer_id", zip_places: Any = None) -> pd.DataFrame:
    """Return the records as the customer design compares them, in the order received.

    `frame` has the column `record_id` and any of first_name, last_name, street, city, state, zip;
    one that is normalised already (see `normalised`) is not normalised again. The result has the
    text columns record_id and those of the design; null where a record says nothing. Raises
    ValueError if an id is null or stands twice, KeyError if the column is not there.
    """
    import duckdb

    records = as_pandas(frame)
    ids = records[record_id]
    if ids.isna().any() or ids.duplicated().any():
        msg = f"{record_id} must name every record once: {int(ids.duplicated().sum())} repeated, "
        raise ValueError(msg + f"{int(ids.isna().sum())} null")
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        if set(SOURCES) <= set(records.columns):
            connection.register("normalised", records.assign(row_number=range(len(records))))
        else:
            normalise(connection, records, zip_places)
        prepared = connection.sql(PREPARED).df().astype(dict.fromkeys(COLUMNS, "object"))
    prepared.insert(0, RECORD_ID, ids.astype(str).astype(object).to_numpy())
    return prepared


COLUMNS = CUSTOMERS.columns
