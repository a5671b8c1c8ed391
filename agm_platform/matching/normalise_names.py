"""People's names to comparable text, the given names they may stand for, and keys by sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agm_platform.matching.postal_words import GENERATIONS, TITLES, given_names
from agm_platform.matching.text_sql import folded, joined, lookup, soundex

if TYPE_CHECKING:
    import duckdb

FIRST_NAME_COLUMNS = ("first_name_normalised", "first_name_canonical", "first_name_candidates")
LAST_NAME_COLUMNS = ("last_name_normalised", "last_name_key", "last_name_sound")

FIRST_NAMES = f"""
create temp table first_names as
select first_name, folded as first_name_normalised,
    coalesce(whole.canonical, start.canonical, folded) as first_name_canonical,
    coalesce(whole.candidates, start.candidates, '|' || folded || '|') as first_name_candidates
from (
    select first_name,
        regexp_replace({folded("first_name")}, '^({"|".join(TITLES)}) ', '') as folded
    from (select distinct first_name from received where first_name is not null)
)
left join given_names as whole on whole.name = {joined("folded")}
left join given_names as start on start.name = split_part(folded, ' ', 1)
"""

LAST_NAMES = f"""
create temp table last_names as
select *, {soundex("last_name_key")} as last_name_sound
from (
    select last_name, name as last_name_normalised,
        {joined(f"regexp_replace(name, ' ({'|'.join(GENERATIONS)})$', '')")} as last_name_key
    from (
        select last_name, {folded("last_name")} as name
        from (select distinct last_name from received where last_name is not null)
    )
)
"""


def normalise_names(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `first_names` and `last_names` from the table `received`, one row a distinct text.

    A bare initial stays the initial that it is: `first_name_canonical` of "J." is "j". A name of
    two words is looked up joined, then by its first word. `first_name_candidates` holds, between
    bars, the name and all given names it is a nickname of; two names may be one person's if they
    share one. `last_name_key` is the name's letters joined, without Jr. and the like;
    `last_name_sound` its Soundex code.
    """
    lookup(
        connection,
        "given_names",
        ("name", "canonical", "candidates"),
        ((name, *forms) for name, forms in given_names().items()),
    )
    connection.execute(FIRST_NAMES)
    connection.execute(LAST_NAMES)
