"""The design for AGM's and Peak's customers: name, street line, and place where there is one."""

from __future__ import annotations

from dataclasses import replace

from agm_platform.matching.design import Comparison, Design, Level, missing, other, same

# Spelled as it sounds: one letter, or a few that leave the sound as it is. Short names differ by
# a letter without being the same name (Ann, Dan), so they must at least begin alike.
ALIKE = (
    "(levenshtein({0}_l, {0}_r) <= 1 and length({0}_l) > 3 and length({0}_r) > 3) "
    "or ({1}_l = {1}_r and levenshtein({0}_l, {0}_r) <= {2}) "
    "or (length({0}_l) > 5 and length({0}_r) > 5 and levenshtein({0}_l, {0}_r) <= 2)"
)

FIRST_NAME = Comparison(
    "first_name",
    (
        missing("first_name"),
        same("first_name", "same first name"),
        Level(
            "short_form",
            "arrays_overlap(first_names_l, first_names_r)",
            "first name {left} and first name {right} are forms of one name",
        ),
        Level(
            "initial",
            "(length(first_name_l) = 1 or length(first_name_r) = 1) "
            "and left(first_name_l, 1) = left(first_name_r, 1)",
            "first name {left} and first name {right}: one is only the initial of the other",
        ),
        Level(
            "alike",
            ALIKE.format("first_name", "first_sound", 2),
            "first name {left} is spelled nearly as {right}",
        ),
        Level(
            "begins",
            "least(length(first_name_l), length(first_name_r)) >= 3 and "
            "left(first_name_l, least(length(first_name_l), length(first_name_r))) = "
            "left(first_name_r, least(length(first_name_l), length(first_name_r)))",
            "one of the first names {left} and {right} is the beginning of the other",
        ),
        other("another first name ({left}, {right})", conflict=True),
    ),
    shown="first_name",
)

LAST_NAME = Comparison(
    "last_name",
    (
        missing("last_name"),
        same("last_name", "same last name"),
        Level(
            "alike",
            ALIKE.format("last_name", "last_sound", 3),
            "last name {left} is spelled nearly as {right}",
        ),
        other("another last name ({left}, {right})"),
    ),
    shown="last_name",
)

SAME_NUMBER = "street_number_l = street_number_r"
SAME_HOUSE = f"{SAME_NUMBER} and street_name_l = street_name_r"
STREET = Comparison(
    "street",
    (
        missing("street_name"),
        Level(
            "other_unit",
            f"{SAME_HOUSE} and street_unit_l <> street_unit_r",
            "same house but another unit",
        ),
        Level(
            "same",
            f"{SAME_HOUSE} and coalesce(street_suffix_l, '') = coalesce(street_suffix_r, '')",
            "same street and number",
        ),
        Level(
            "other_suffix", SAME_HOUSE, "same street name and number, the kind of street differs"
        ),
        Level(
            "alike",
            f"{SAME_NUMBER} and (street_sound_l = street_sound_r "
            "or levenshtein(street_name_l, street_name_r) <= 2)",
            "same number, street {left} is spelled nearly as {right}",
        ),
        Level(
            "other_number",
            "street_name_l = street_name_r",
            "same street name, another number",
        ),
        Level("number_only", SAME_NUMBER, "same number in another street", elsewhere=True),
        other("another street ({left}, {right})", elsewhere=True),
    ),
    shown="street",
)

NO_ZIP = "(zip_l is null or zip_r is null)"
PLACE = Comparison(
    "place",
    (
        Level(
            "missing",
            f"{NO_ZIP} and (city_l is null or city_r is null)",
            "",
            is_null=True,
        ),
        same("zip", "same ZIP"),
        Level("same_city_only", f"{NO_ZIP} and city_l = city_r", "same city"),
        Level("same_city", "city_l = city_r", "ZIP differs in the same city", elsewhere=True),
        other("ZIP and city differ", elsewhere=True),
    ),
    shown="zip",
)

CUSTOMERS = Design(
    name="customers",
    comparisons=(FIRST_NAME, LAST_NAME, STREET, PLACE),
    # Each misspelt field leaves another rule; without city and ZIP all but the last still work.
    blocking=(
        ("street_number", "street_sound"),
        ("last_name", "first_canonical"),
        ("last_sound", "street_number"),
        ("last_sound", "first_initial"),
        ("zip", "street_number", "first_initial"),
    ),
    columns=(
        "first_name",
        "first_names",
        "first_canonical",
        "first_initial",
        "first_sound",
        "last_name",
        "last_sound",
        "street",
        "street_number",
        "street_name",
        "street_sound",
        "street_suffix",
        "street_unit",
        "city",
        "zip",
    ),
    lists=("first_names",),
)

# For lists of hundreds of thousands: surname and initial alone would compare tens of millions.
MANY_CUSTOMERS = replace(
    CUSTOMERS,
    blocking=(
        ("street_number", "street_sound"),
        ("last_name", "first_canonical"),
        ("last_sound", "street_number"),
        ("last_sound", "first_initial", "zip"),
        ("zip", "street_number", "first_initial"),
    ),
)
