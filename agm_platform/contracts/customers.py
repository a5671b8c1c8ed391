"""The columns that clean customers of every source share: normalised values, score and reasons."""

from __future__ import annotations

from agm_platform.contracts.model import Column, Rule, Type


def _personal(name: str, description: str) -> Column:
    return Column(name, Type.TEXT, description, personal=True)


NORMALISED = (
    _personal("first_name_normalised", "First name folded: lower case, no accents, no title."),
    _personal(
        "first_name_canonical", "The given name it is short for (Bob: robert); itself if none."
    ),
    _personal("first_name_candidates", "The name and all it may be short for, between bars."),
    _personal("last_name_normalised", "Last name folded: lower case, no accents, no apostrophe."),
    _personal("last_name_key", "Its letters joined, without Jr. and the like."),
    _personal("last_name_sound", "Soundex code of last_name_key."),
    _personal("street_normalised", "Number, direction, name and suffix in postal form, no unit."),
    _personal("street_number", "House number."),
    _personal("street_direction", "Postal direction such as n or sw."),
    _personal("street_name", "Name of the street; what could not be told apart stays in it."),
    _personal("street_suffix", "Postal suffix such as st or ter."),
    _personal("street_unit", "Identifier of the flat or suite."),
    _personal("street_name_key", "Letters and digits of street_name joined."),
    _personal("street_name_sound", "Soundex code of street_name_key."),
    Column("city_normalised", Type.TEXT, "City in lower case, spelled as its ZIP has it."),
    Column("state_normalised", Type.TEXT, "State code in capitals; null if it is no state."),
    Column(
        "zip_normalised", Type.TEXT, "Five digits, lost zeros restored; null if there are none."
    ),
)

QUALITY = (
    Column(
        "quality_score",
        Type.NUMBER,
        "1 less the penalties of the reasons, at least 0.",
        unit="fraction",
        nullable=False,
    ),
    Column(
        "quality_reasons",
        Type.TEXT,
        "Codes of what is wrong or missing, joined by commas; null if nothing is.",
    ),
)

SCORED = Rule(
    "quality_score__zero_to_one",
    "expect_column_values_to_be_between",
    {"column": "quality_score", "min_value": 0, "max_value": 1},
    "every customer is scored from 0 to 1",
)
