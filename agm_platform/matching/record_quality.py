"""How good a customer record is: a score from 0 to 1 with the reasons for what it lacks.

The score is 1 less the penalty of every reason that applies, never below 0. A penalty is the
share of records by which the fault raises failure to agree with the customer's record elsewhere,
where that could be measured; else an assumption. One fault of a field that tells people apart
costs more than one of a field that neighbours share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agm_platform.matching.normalise import FIELDS, NORMALISED_COLUMNS, as_pandas, beside, normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

SCORE_COLUMNS = ("quality_score", "quality_reasons")

MEASURED = "measured on the generated world: python -m benchmarks.customer_quality"
"""Of 6,120 accounts of AGM customers, 6.9 % without a reason did not agree exactly with AGM's file
(95 % interval 6.2 to 7.7 %), 100 % with an initial (97.6 to 100), 76 % with an abbreviated suffix
(72 to 80), 11 % with nothing but a nickname (9.5 to 13)."""
ASSUMED = "an assumption, in the order of how well the field tells people apart"

PLACEHOLDERS = (
    "test|testing|tester|asdf|asdfg|asdfgh|qwerty|n a|none|null|nil|unknown|not known|not given|"
    "x{2,}|tbd|tba|todo|dummy|sample|foo|bar|foobar|anonymous|anon|customer|guest|user|admin|"
    "no name|noname|first name|firstname|last name|lastname|name|surname|street|address|city"
)
"""Whole folded values that people type in place of their own. Null and None are family names too:
suspicious is not wrong."""

REPEATED = "|".join(letter * 3 for letter in "abcdefghjklmnopqrstuvwxyz")
"""A letter three times running, but for the Roman numeral iii."""

LONGEST_NAME = 50
"""Characters from which a name is suspicious. Source: an assumption; no name in AGM's or Peak's
files has more than 20."""

EARLIEST_BIRTH = "1900-01-02"
"""Dates of birth before it are placeholders or mistakes: no customer is that old."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One fault: its field, meaning in words, penalty with source, test in SQL, and repair.

    `applies` is over the columns of `normalised` and `suffix_in_full` (the street suffix's words
    written out), `place_state` and `place_city`: whether the ZIP list has the ZIP with that state
    (null without such a ZIP) and city.
    """

    code: str
    field: str
    words: str
    penalty: float
    applies: str
    repair: str
    source: str = ASSUMED


ASK = "ask the customer at the next order"
BY_MATCH = "take it from the matched AGM customer, else ask at the next order"
FROM_ZIP = "look it up from the ZIP (list of the package zipcodes)"
MISSING = {
    "first_name": (0.4, BY_MATCH),
    "last_name": (0.5, BY_MATCH),
    "street": (0.5, BY_MATCH),
    "city": (0.1, FROM_ZIP),
    "state": (0.05, FROM_ZIP),
    "zip": (0.2, "look it up from street, city and state in an address list, else ask"),
    "email": (0.1, ASK),
    "phone": (0.1, ASK),
    "birth_date": (0.1, ASK),
}
MALFORMED = {
    "first_name": ("has no letter or digit", 0.4, BY_MATCH),
    "last_name": ("has no letter or digit", 0.5, BY_MATCH),
    "state": ("is no US state", 0.05, FROM_ZIP),
    "zip": ("has not five digits, nor nine", 0.2, "restore zeros by the state, else ask"),
    "email": ("is no e-mail address", 0.1, "check the syntax at entry (email-validator)"),
    "phone": (
        "is no telephone number of its numbering plan",
        0.1,
        "check the number at entry (phonenumbers)",
    ),
    "birth_date": ("is no date", 0.1, "take the date from a calendar at entry"),
}


def _names(condition: str) -> str:
    """Return the condition for the first or the last name, written for {name}."""
    return " or ".join(f"({condition.format(name=name)})" for name in ("first_name", "last_name"))


REASONS = (
    *(
        Reason(f"missing_{field}", field, f"{field} is blank", penalty, f"{field} is null", repair)
        for field, (penalty, repair) in MISSING.items()
    ),
    *(
        Reason(
            f"malformed_{field}",
            field,
            f"{field} {words}",
            penalty,
            f"{field} is not null and {field}_normalised is null",
            repair,
        )
        for field, (words, penalty, repair) in MALFORMED.items()
    ),
    Reason(
        "malformed_street",
        "street",
        "street has no house number in front, or is a box",
        0.4,
        "street is not null and street_number is null",
        "parse the line (usaddress), else ask",
    ),
    Reason(
        "unknown_zip",
        "zip",
        "the ZIP is in no list",
        0.2,
        "zip_normalised is not null and place_state is null",
        "propose the nearest ZIP of the city (rapidfuzz)",
    ),
    Reason(
        "inconsistent_zip_state",
        "zip",
        "the ZIP lies in another state",
        0.15,
        "state_normalised is not null and not place_state",
        "trust ZIP and city against the state (list of the package zipcodes)",
    ),
    Reason(
        "inconsistent_zip_city",
        "city",
        "the ZIP has no city of that name",
        0.1,
        "city_normalised is not null and place_state is not null and not place_city",
        "take the ZIP's nearest city name (Jaro-Winkler), else ask",
    ),
    Reason(
        "initial_only",
        "first_name",
        "first name is a single letter",
        0.9,
        "length(first_name_normalised) = 1",
        "match the initial within last name and street",
        MEASURED,
    ),
    Reason(
        "abbreviated_suffix",
        "street",
        "the street's suffix is abbreviated",
        0.65,
        "not list_has_any(regexp_split_to_array(lower(street), '[^a-z]+'), suffix_in_full)",
        "compare the postal form (USPS Publication 28, usaddress-scourgify)",
        MEASURED,
    ),
    Reason(
        "nickname_given",
        "first_name",
        "first name is a short form of another",
        0.04,
        "first_name_canonical != first_name_normalised and length(first_name_normalised) > 1",
        "compare canonical given names (nicknames)",
        MEASURED,
    ),
    Reason(
        "suspicious_placeholder",
        "last_name",
        "a name or the street is a placeholder such as test or n/a",
        0.6,
        f"regexp_full_match(first_name_normalised, '{PLACEHOLDERS}') "
        f"or regexp_full_match(last_name_normalised, '{PLACEHOLDERS}') "
        f"or regexp_full_match(street_normalised, '{PLACEHOLDERS}')",
        ASK,
    ),
    Reason(
        "suspicious_digits",
        "last_name",
        "a name has digits",
        0.3,
        _names("regexp_matches({name}_normalised, '[0-9]')"),
        "keep digits out at entry",
    ),
    Reason(
        "suspicious_signs",
        "last_name",
        "a name has signs that no name has",
        0.2,
        _names(r"regexp_matches({name}, '[^\p{{L}}\p{{M}}\p{{N}} .,''’‘`´ʼ-]')"),
        "keep letters, blanks, apostrophes and hyphens (folding)",
    ),
    Reason(
        "suspicious_repeats",
        "last_name",
        "a name has a letter three times running",
        0.3,
        _names(f"regexp_matches({{name}}_normalised, '{REPEATED}')"),
        "compare by sound (Soundex) and edit distance (rapidfuzz)",
    ),
    Reason(
        "suspicious_one_letter",
        "last_name",
        "last name is a single letter",
        0.4,
        "length(last_name_normalised) = 1",
        BY_MATCH,
    ),
    Reason(
        "suspicious_length",
        "last_name",
        f"a name has more than {LONGEST_NAME} characters",
        0.3,
        _names(f"length({{name}}) > {LONGEST_NAME}"),
        ASK,
    ),
    Reason(
        "suspicious_capitals",
        "last_name",
        "both names are in capitals",
        0.02,
        " and ".join(
            f"length({name}) > 1 and {name} = upper({name}) and {name} != lower({name})"
            for name in ("first_name", "last_name")
        ),
        "compare in lower case",
    ),
    Reason(
        "suspicious_birth_date",
        "birth_date",
        "date of birth is before 1900 or its first day",
        0.1,
        f"birth_date_normalised < '{EARLIEST_BIRTH}'",
        ASK,
    ),
)
"""Every reason there is, in the order in which a record lists them."""


def scored(frame: Any, zip_places: Any = None, fields: Sequence[str] | None = None) -> pd.DataFrame:
    """Return what `normalised` returns, and quality_score and quality_reasons.

    `quality_score` is a float from 0 to 1; `quality_reasons` the codes of REASONS that apply,
    joined by commas, null if none does. A blank counts as missing only in `fields`: those that
    the source has; by default the columns of `frame` with any value. Without `zip_places` nothing
    is said of ZIPs that do not fit. Raises nothing because of a value.
    """
    import duckdb

    records = as_pandas(frame)
    with duckdb.connect() as connection:
        normalise(connection, records, zip_places)
        if fields is None:
            counts = ", ".join(f"count({name})" for name in FIELDS)
            row = connection.execute(f"select {counts} from received").fetchall()[0]
            fields = [name for name, count in zip(FIELDS, row, strict=True) if count]
        added = connection.execute(_query(fields, has_places=zip_places is not None)).df()
    return beside(records, added)


def _query(fields: Sequence[str], *, has_places: bool) -> str:
    """Return the query over the tables of `normalise` for the normalised columns and the score."""
    asked = [
        reason
        for reason in REASONS
        if (has_places or "place_state" not in reason.applies)
        and (not reason.code.startswith("missing_") or reason.field in fields)
    ]
    codes = ", ".join(f"case when {each.applies} then '{each.code}' end" for each in asked)
    weights = ", ".join(f"'{each.code}': {each.penalty}::double" for each in asked)
    return f"""
        with full_suffixes as (
            select short, list(word) as suffix_in_full from suffixes
            where word not in (select word || 's' from suffixes)
            group by short, length(word)
            qualify length(any_value(word)) = max(length(any_value(word))) over (partition by short)
        ), judged as (
            select normalised.*,
                list_filter([{codes}], lambda code: code is not null) as reasons
            from (
                select normalised.*, suffix_in_full,
                    zip_states.state = state_normalised
                        or (zip_states.state is not null and state_normalised is null)
                        as place_state,
                    exists (
                        select 1 from zip_names
                        where zip_names.zip = zip_normalised
                            and zip_names.name = city_normalised
                    ) as place_city
                from normalised
                left join zip_states on zip_states.zip = zip_normalised
                left join full_suffixes on short = street_suffix
            ) as normalised
        )
        select {", ".join(NORMALISED_COLUMNS)},
            round(greatest(0, 1 - coalesce(list_sum(
                list_transform(reasons, lambda code: map {{{weights}}}[code])
            ), 0)), 4) as quality_score,
            nullif(array_to_string(reasons, ','), '') as quality_reasons
        from judged order by row_number
    """
