"""Customer records with their normalised values beside those received; never raises on a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agm_platform.matching.normalise_contacts import CONTACT_COLUMNS, normalise_contacts
from agm_platform.matching.normalise_names import (
    FIRST_NAME_COLUMNS,
    LAST_NAME_COLUMNS,
    normalise_names,
)
from agm_platform.matching.normalise_places import PLACE_COLUMNS, normalise_places
from agm_platform.matching.normalise_streets import STREET_COLUMNS, normalise_streets
from agm_platform.matching.text_sql import folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb
    import pandas as pd
    import pyarrow as pa

FIELDS = (
    "first_name",
    "last_name",
    "street",
    "city",
    "state",
    "zip",
    "email",
    "phone",
    "birth_date",
)
"""The standard columns of a person; a frame may lack any of them."""

BLANKS = " \t\r\n\v\f\u00a0\u200b\ufeff"
"""What is cut off the ends of a value; text of nothing else is no value."""

NORMALISED_COLUMNS = (
    *FIRST_NAME_COLUMNS,
    *LAST_NAME_COLUMNS,
    *STREET_COLUMNS,
    *PLACE_COLUMNS,
    *CONTACT_COLUMNS,
)


def normalised(frame: Any, zip_places: Any = None) -> pd.DataFrame:
    """Return the records as a pandas frame, all columns of `frame` and NORMALISED_COLUMNS added.

    `frame` is a pandas frame, a DuckDB relation or a Narwhals frame over one of them, with any of
    FIELDS and any other columns; a field that it lacks counts as null. Rows keep their order and
    index. All added columns are text, null where there is nothing to normalise or the value has no
    standard form (a ZIP of three digits); `birth_date_normalised` is an ISO date.
    `zip_places` (columns zip, cities: as in reference.zip_places) tells how cities are spelled;
    without it only their words are written out. Raises nothing because of a value.
    """
    import duckdb
    import pandas as pd

    records = as_pandas(frame)
    with duckdb.connect() as connection:
        receive(connection, records)
        _zip_names(connection, zip_places)
        normalise_names(connection)
        normalise_streets(connection)
        normalise_places(connection)
        normalise_contacts(connection)
        added = connection.execute(f"""
            select {", ".join(NORMALISED_COLUMNS)}
            from received
            left join first_names using (first_name)
            left join last_names using (last_name)
            left join streets using (street)
            left join places on places.city is not distinct from received.city
                and places.state is not distinct from received.state
                and places.zip is not distinct from received.zip
            left join emails using (email)
            left join phones using (phone)
            left join birth_dates using (birth_date)
            order by row_number
        """).df()
    added.index = records.index
    kept = records.drop(columns=[name for name in records if name in NORMALISED_COLUMNS])
    return pd.concat([kept, added], axis=1)


def as_pandas(frame: Any) -> pd.DataFrame:
    """Return a pandas frame, a DuckDB relation or a Narwhals frame over either as a pandas one."""
    import narwhals as nw

    native = nw.to_native(frame, pass_through=True)
    return native.df() if hasattr(native, "fetchall") else native


def receive(connection: duckdb.DuckDBPyConnection, records: pd.DataFrame) -> None:
    """Create the table `received`: row_number and FIELDS as text, blank text as null."""
    import pyarrow as pa

    blank = pa.nulls(len(records), pa.string())
    texts = {name: _text(records[name]) if name in records else blank for name in FIELDS}
    connection.register("given", pa.table(texts))
    trimmed = ", ".join(f"nullif(trim({name}, $blanks), '') as {name}" for name in FIELDS)
    connection.execute(
        f"create temp table received as select row_number() over () as row_number, {trimmed} "
        "from given",
        {"blanks": BLANKS},
    )
    connection.unregister("given")


def _zip_names(connection: duckdb.DuckDBPyConnection, zip_places: Any) -> None:
    """Create the table `zip_names`: the folded names of every ZIP that a record may have."""
    import pyarrow as pa

    places = None if zip_places is None else as_pandas(zip_places)
    zips: Sequence[Any] = [] if places is None else places["zip"]
    cities: Sequence[Any] = [] if places is None else places["cities"]
    names = {"zip": pa.array(zips, pa.string()), "cities": pa.array(cities, pa.string())}
    connection.register("given", pa.table(names))
    connection.execute(
        f"create temp table zip_names as select distinct zip, {folded('name')} as name "
        "from (select zip, unnest(string_split(cities, '|')) as name from given) where name != ''"
    )
    connection.unregister("given")


def _text(values: pd.Series) -> pa.Array:
    """Return any values as text; what is no text is written out, half characters become "?"."""
    import pyarrow as pa

    try:
        return pa.Array.from_pandas(values, type=pa.string())
    except (pa.ArrowException, UnicodeError, TypeError, ValueError):
        missing = values.isna()
        return pa.array(
            [
                None if absent is True else str(value).encode("utf-8", "replace").decode("utf-8")
                for value, absent in zip(values, missing, strict=True)
            ],
            type=pa.string(),
        )
