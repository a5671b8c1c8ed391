"""State, ZIP and city to their standard forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agm_platform.matching.postal_words import CITY_NAMES, CITY_WORDS, LOST_ZEROS, state_codes
from agm_platform.matching.text_sql import folded, joined, lookup

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

PLACE_COLUMNS = ("city_normalised", "state_normalised", "zip_normalised")

NEAR_CITY = 0.92
"""Jaro-Winkler similarity from which a city counts as a misspelt name of its own ZIP.

An assumption: one letter dropped, doubled or swapped in a name of six letters or more passes,
Oakland and Orinda do not.
"""


def _written_out(city: str) -> str:
    """Return a folded city name with its abbreviated words written out.

    A word of one or two letters is one only at the beginning, or where it can be nothing else.
    """
    entries = ", ".join(f"'{word}': '{full}'" for word, full in CITY_WORDS.items())
    return f"""array_to_string(list_transform(string_split({city}, ' '), lambda word, place:
        case when length(word) > 2 or place = 1 or word in ('st', 'mt', 'ft', 'pt')
            then coalesce(map {{{entries}}}[word], word) else word end), ' ')"""


# 94609.0 is a ZIP that went through a spreadsheet; nine digits are ZIP+4 without its dash.
PLACES = f"""
create temp table places as
with folded_places as (
    select *, {folded("city")} as city_folded, {folded("state")} as state_folded,
        regexp_extract(zip, '^\\s*([0-9]{{3,9}})(?:\\.0+|-[0-9]{{4}}|-)?\\s*$', 1) as digits
    from (
        select distinct city, state, zip from received
        where city is not null or state is not null or zip is not null
    )
), coded as (
    select folded_places.* exclude (state_folded), codes.code as state_normalised,
        case
            when length(digits) in (5, 9) then left(digits, 5)
            when length(digits) = 8 and lost.zeros = '1' then '0' || left(digits, 4)
            when length(digits) = 7 and lost.zeros = '2' then '00' || left(digits, 3)
            when length(digits) = 5 - lost.zeros::int then repeat('0', lost.zeros::int) || digits
        end as zip_normalised
    from folded_places
    left join codes on codes.word = state_folded
    left join lost on lost.code = codes.code
), spelled as (
    select city, state, zip, state_normalised, zip_normalised,
        coalesce(names.name, {_written_out("city_folded")}) as spelled
    from coded left join names on names.word = city_folded
), near as (
    select city, state, spelled.zip, arg_max(zip_names.name, (
        jaro_winkler_similarity(zip_names.name, spelled.spelled), zip_names.name
    )) as name
    from spelled join zip_names on zip_names.zip = zip_normalised
    where {joined("zip_names.name")} = {joined("spelled.spelled")}
        or jaro_winkler_similarity(zip_names.name, spelled.spelled) >= $near_city
    group by city, state, spelled.zip
)
select spelled.* exclude (spelled), coalesce(near.name, spelled) as city_normalised
from spelled left join near on near.city is not distinct from spelled.city
    and near.state is not distinct from spelled.state
    and near.zip is not distinct from spelled.zip
"""


# The ZIPs that records may turn out to have, lost zeros restored: others need not be folded.
WANTED = """
select left(lpad(digits, case when length(digits) > 5 then 9 else 5 end, '0'), 5)
from (select distinct regexp_extract(zip, '[0-9]+') as digits from received where zip is not null)
"""


def receive_zip_places(connection: duckdb.DuckDBPyConnection, zip_places: pd.DataFrame) -> None:
    """Create `zip_states` (zip, state) and `zip_names` (zip, name) of the ZIPs in `received`.

    `zip_places` has the columns zip, state and cities of reference.zip_places; a name is folded
    and its words written out, as in `city_normalised`.
    """
    import pyarrow as pa

    columns = {name: pa.array(zip_places[name], pa.string()) for name in ("zip", "state", "cities")}
    connection.register("given", pa.table(columns))
    connection.execute(
        f"create temp table wanted as select * from given where zip in ({WANTED});"
        "create temp table zip_states as select zip, any_value(state) as state from wanted "
        "group by zip;"
        f"create temp table zip_names as select distinct zip, {_written_out('name')} as name from "
        f"(select zip, {folded('name')} as name "
        "from (select zip, unnest(string_split(cities, '|')) as name from wanted)) "
        "where name is not null"
    )
    connection.unregister("given")


def normalise_places(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the table `places` from `received` and `zip_names`.

    One row a distinct city, state and ZIP, with PLACE_COLUMNS: the state's code in capitals (null
    if the text is no state), the ZIP's five digits (null if there are none; zeros that a
    spreadsheet dropped come back where the state has them) and the city in lower case, its words
    written out, in the spelling that its ZIP has for it.
    """
    lookup(connection, "codes", ("word", "code"), state_codes().items())
    lookup(connection, "lost", ("code", "zeros"), ((k, str(v)) for k, v in LOST_ZEROS.items()))
    lookup(connection, "names", ("word", "name"), CITY_NAMES.items())
    connection.execute(PLACES, {"near_city": NEAR_CITY})
