"""State, ZIP and city to their standard forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agm_platform.matching.postal_words import CITY_NAMES, CITY_WORDS, LOST_ZEROS, state_codes
from agm_platform.matching.text_sql import folded, joined, lookup

if TYPE_CHECKING:
    import duckdb

PLACE_COLUMNS = ("city_normalised", "state_normalised", "zip_normalised")

NEAR_CITY = 0.92
"""Jaro-Winkler similarity from which a city counts as a misspelt name of its own ZIP.

An assumption: one letter dropped, doubled or swapped in a name of six letters or more passes,
Oakland and Orinda do not.
"""

# 94609.0 is a ZIP that went through a spreadsheet; nine digits are ZIP+4 without its dash.
PLACES = f"""
create temp table places as
with distinct_places as (
    select distinct city, state, zip from received
    where city is not null or state is not null or zip is not null
), folded_places as (
    select *, {folded("city")} as city_folded, {folded("state")} as state_folded,
        regexp_extract(zip, '^\\s*([0-9]{{3,9}})(?:\\.0+|-[0-9]{{4}}|-)?\\s*$', 1) as digits
    from distinct_places
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
    select coded.* exclude (city_folded, digits), coalesce(
        names.name,
        array_to_string(
            list_transform(string_split(city_folded, ' '), lambda word, place: case
                when length(word) > 2 or place = 1 or word in ('st', 'mt', 'ft', 'pt')
                    then coalesce(city_words.words[word], word) else word end), ' ')
    ) as spelled
    from coded
    cross join city_words
    left join names on names.word = city_folded
)
select spelled.* exclude (spelled), coalesce(near.name, spelled) as city_normalised
from spelled
left join lateral (
    select name from zip_names
    where zip_names.zip = spelled.zip_normalised and (
        {joined("name")} = {joined("spelled.spelled")}
        or jaro_winkler_similarity(name, spelled.spelled) >= $near_city
    )
    order by jaro_winkler_similarity(name, spelled.spelled) desc, name limit 1
) as near on true
"""


def normalise_places(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the table `places` from `received` and `zip_names` (zip, name: folded city names).

    One row a distinct city, state and ZIP, with PLACE_COLUMNS: the state's code in capitals (null
    if the text is no state), the ZIP's five digits (null if there are none; zeros that a
    spreadsheet dropped come back where the state has them) and the city in lower case, its words
    written out, in the spelling that its ZIP has for it.
    """
    lookup(connection, "codes", ("word", "code"), state_codes().items())
    lookup(connection, "lost", ("code", "zeros"), ((k, str(v)) for k, v in LOST_ZEROS.items()))
    lookup(connection, "names", ("word", "name"), CITY_NAMES.items())
    entries = ", ".join(f"'{word}': '{full}'" for word, full in CITY_WORDS.items())
    connection.execute(f"create temp table city_words as select map {{{entries}}} as words")
    connection.execute(PLACES, {"near_city": NEAR_CITY})
