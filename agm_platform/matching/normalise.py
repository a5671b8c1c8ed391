"""Customer records with their normalised values beside those received; never raises on a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agm_platform.matching.normalise_contacts import CONTACT_COLUMNS, normalise_contacts
from agm_platform.matching.normalise_names import (
    FIRST_NAME_COLUMNS,
    LAST_NAME_COLUMNS,
    normalise_names,
)
from agm_platform.matching.normalise_places import (
    PLACE_COLUMNS,
    normalise_places,
    receive_zip_places,
)
from agm_platform.matching.normalise_streets import STREET_COLUMNS, normalise_streets

if TYPE_CHECKING:
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


ZIP_PLACE_COLUMNS = ("zip", "state", "cities")


def normalised(frame: Any, zip_places: Any = None) -> pd.DataFrame:
    """Return the records as a pandas frame, all columns of `frame` and NORMALISED_COLUMNS added.

    `frame` is a pandas frame, a DuckDB relation or a Narwhals frame over one of them, with any of
    FIELDS and any other columns; a field that it lacks counts as null. Rows keep their order and
    index. All added columns are text, null where there is nothing to normalise or the value has no
    standard form (a ZIP of three digits); `birth_date_normalised` is an ISO date.
    `zip_places` (columns zip, state, cities: as in reference.zip_places) tells how cities are
    spelled; without it only their words are written out. Raises nothing because of a value.
    """
    import duckdb

    records = as_pandas(frame)
    with duckdb.connect() as connection:
        normalise(connection, records, zip_places)
        added = connection.execute(
            f"select {', '.join(NORMALISED_COLUMNS)} from normalised order by row_number"
        ).df()
    return beside(records, added)


def normalise(
    connection: duckdb.DuckDBPyConnection, records: pd.DataFrame, zip_places: Any
) -> None:
    """Create the table `normalised` on an empty connection: row_number, FIELDS, added columns.

    The tables `zip_states` and `zip_names` of the places stay beside it.
    """
    import pandas as pd

    receive(connection, records)
    no_places = pd.DataFrame({name: [] for name in ZIP_PLACE_COLUMNS})
    places = no_places if zip_places is None else as_pandas(zip_places)
    receive_zip_places(connection, places)
    normalise_names(connection)
    normalise_streets(connection)
    normalise_places(connection)
    normalise_contacts(connection)
    connection.execute(f"""
        create temp table normalised as
        select row_number, {", ".join(f"received.{name}" for name in FIELDS)},
            {", ".join(NORMALISED_COLUMNS)}
        from received
        left join first_names on first_names.first_name = received.first_name
        left join last_names on last_names.last_name = received.last_name
        left join streets on streets.street = received.street
        left join places on places.city is not distinct from received.city
            and places.state is not distinct from received.state
            and places.zip is not distinct from received.zip
        left join emails on emails.email = received.email
        left join phones on phones.phone = received.phone
        left join birth_dates on birth_dates.birth_date = received.birth_date
    """)


def beside(records: pd.DataFrame, added: pd.DataFrame) -> pd.DataFrame:
    """Return the records with columns added, row by row; columns of the same name are replaced."""
    import pandas as pd

    added.index = records.index
    kept = records.drop(columns=[name for name in records if name in set(added)])
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
