"""Street lines to their postal form and parts, by simple rules first, by a parser if they fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agm_platform.matching.postal_words import DIRECTIONS, ORDINALS, street_suffixes
from agm_platform.matching.text_sql import LONGEST, folded, joined, lookup, plain, soundex

if TYPE_CHECKING:
    import duckdb

STREET_COLUMNS = (
    "street_normalised",
    "street_number",
    "street_direction",
    "street_name",
    "street_suffix",
    "street_unit",
    "street_name_key",
    "street_name_sound",
)

UNIT_WORDS = (
    r"#|apartment|apt|unit|suite|ste|floor|fl|room|rm|building|bldg|lot|trailer|trlr|space|spc"
)
# An identifier is a letter or has a digit, so that "12 Unit Street" keeps its name.
UNIT = rf"[\s,]+(?:{UNIT_WORDS})[\s.#]*([0-9]+-?[a-z]?|[a-z]-?[0-9]*)\s*$"
NUMBER = r"^\s*([0-9]+(?:-[0-9]+)?[a-z]?)(?:\s+[1-3]/[2-4])?[\s.,]+(.*)$"
# What the simple rules do not settle: signs that part a line, a box, a word with a digit at the
# end (a unit without its word), or no number in front although there is one.
HARD = r"[,&@;#/]|\bbox\b|\s[0-9]+[a-z]?\s*$|[a-z][0-9]+\s*$"

PARTS = f"""
create or replace temp table parts as
with units as (
    select typed, regexp_replace(line, $unit, '') as line,
        nullif(regexp_extract(line, $unit, 1), '') as unit
    from (select typed, {plain("line")} as line from lines)
), numbers as (
    select typed, unit, line, nullif(regexp_extract(line, $number, 1), '') as number,
        string_split(
            {
    folded(
        "case when regexp_matches(line, $number) "
        "then regexp_extract(line, $number, 2) else line end"
    )
}, ' '
        ) as words
    from units
), directed as (
    select numbers.*, before.short as direction, after.short as direction_after,
        words[1 + (before.short is not null)::int : len(words) - (after.short is not null)::int]
            as rest
    from numbers
    left join directions as before on len(words) > 1 and words[1] = before.word
        and not (len(words) = 2 and words[2] in (select word from suffixes))
    left join directions as after on len(words) > 2 and words[-1] = after.word
        and words[-2] in (select word from suffixes)
), suffixed as (
    select directed.*, suffixes.short as suffix, kind.short as type_in_front,
        rest[1 : len(rest) - (suffixes.short is not null)::int] as name_words
    from directed
    left join suffixes on len(rest) > 1 and rest[-1] = suffixes.word
    left join suffixes as kind
        on suffixes.short is null and len(rest) > 1 and rest[1] = kind.word
), named as (
    select suffixed.*,
        case
            when type_in_front is not null
                then type_in_front || ' ' || array_to_string(name_words[2:], ' ')
            when len(name_words) > 1 then array_to_string(name_words, ' ')
            when ordinals.short is not null then ordinals.short
            when suffix is not null and regexp_matches(name_words[1], '^[0-9]{{1,4}}$')
                then name_words[1] || case
                    when regexp_matches(name_words[1], '1[1-3]$') then 'th'
                    when name_words[1] like '%1' then 'st'
                    when name_words[1] like '%2' then 'nd'
                    when name_words[1] like '%3' then 'rd'
                    else 'th'
                end
            else name_words[1]
        end as name
    from suffixed
    left join ordinals on len(name_words) = 1 and name_words[1] = ordinals.word
)
select
    typed,
    nullif(
        concat_ws(' ', number, direction, name, suffix, direction_after), ''
    ) as street_normalised,
    number as street_number,
    nullif(concat_ws(' ', direction, direction_after), '') as street_direction,
    nullif(name, '') as street_name,
    suffix as street_suffix,
    unit as street_unit,
    line
from named
"""

KEYED = f"""
select typed, {", ".join(STREET_COLUMNS[:6])}, street_name_key,
    {soundex("street_name_key")} as street_name_sound
from (select *, {joined("street_name")} as street_name_key from parts)
"""


def normalise_streets(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the table `streets` from the column `street` of the table `received`.

    One row a distinct text, its columns `street` and STREET_COLUMNS. `street_normalised` is
    number, direction, name, suffix and direction after it in lower-case postal abbreviations,
    without the unit; null where the text has neither letter nor digit. What cannot be told apart
    stays in `street_name`, so no word is lost.
    """
    lookup(connection, "suffixes", ("word", "short"), street_suffixes().items())
    short_forms = [(short, short) for short in DIRECTIONS.values()]
    lookup(connection, "directions", ("word", "short"), [*DIRECTIONS.items(), *short_forms])
    lookup(connection, "ordinals", ("word", "short"), ORDINALS.items())
    connection.execute(
        "create temp table lines as select distinct street as typed, street as line "
        "from received where street is not null"
    )
    patterns = {"unit": UNIT, "number": NUMBER}
    connection.execute(PARTS, patterns)
    hard = connection.execute(
        "select typed from parts where length(typed) <= $longest and regexp_matches(typed, '[0-9]')"
        " and regexp_matches(typed, '[A-Za-z]{2}')"
        " and (street_number is null or regexp_matches(line, $hard)) order by typed",
        {"hard": HARD, "longest": LONGEST},
    ).fetchall()
    parsed = [(typed, *found) for (typed,) in hard if (found := parse_street(typed))]
    connection.execute(f"create temp table streets as {KEYED}")
    if parsed:
        lookup(connection, "parsed", ("typed", "line", "unit"), parsed)
        connection.execute("create or replace temp table lines as select typed, line from parsed")
        connection.execute(PARTS, patterns)
        connection.execute(
            "delete from streets where typed in (select typed from parts);"
            f"insert into streets by name select keyed.* replace (coalesce("
            f"{joined(folded('parsed.unit'))}, street_unit) as street_unit) "
            f"from ({KEYED}) as keyed join parsed using (typed)"
        )
    connection.execute("alter table streets rename typed to street")


def parse_street(line: str) -> tuple[str, str | None] | None:
    """Return the line in postal form and its unit's identifier, as the trained parser finds them.

    None where the parser gives up or cannot be trusted: it raises on odd input, and it may take a
    part of the street for a city, which only a comma makes believable.
    """
    from scourgify.normalize import normalize_addr_str

    try:
        address = normalize_addr_str(line)
    except Exception:  # noqa: BLE001, usaddress and scourgify raise whatever comes
        return None
    first, second = address["address_line_1"], address["address_line_2"]
    is_place = address["city"] or address["state"] or address["postal_code"]
    if not first or not first[:1].isdigit() or (is_place and "," not in line):
        return None
    if second is None:
        return first, None
    identifier = second.split()[-1].lstrip("#")
    is_code = len(identifier) == 1 or any(letter.isdigit() for letter in identifier)
    # "UNIT OAKLAND" is a city taken for a unit, "UNIT & 5TH" the other street of a corner.
    if "&" in second or not is_code:
        return None
    return first, identifier.lower() or None
