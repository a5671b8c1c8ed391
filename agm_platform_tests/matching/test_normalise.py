"""Customer records normalised: what differs only in spelling becomes equal, and nothing raises."""

from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.matching.normalise import FIELDS, NORMALISED_COLUMNS, normalised
from agm_platform.matching.normalise_contacts import parse_phone
from agm_platform.matching.normalise_streets import parse_street

PLACES = pd.DataFrame(
    {
        "zip": ["94102", "94609", "02139", "63101"],
        "state": ["CA", "CA", "MA", "MO"],
        "cities": ["|san francisco|", "|oakland|", "|cambridge|", "|st louis|saint louis|"],
    }
)


def of(field: str, values: list[Any], *columns: str) -> list[Any]:
    """The columns that normalising makes of one field's values, as tuples if several."""
    found = normalised(pd.DataFrame({field: values}))[list(columns)]
    rows = [
        tuple(None if pd.isna(value) else value for value in row)
        for row in found.itertuples(index=False)
    ]
    return [row[0] for row in rows] if len(columns) == 1 else rows


def test_names_are_folded_for_comparison_and_an_initial_stays_one() -> None:
    names = {
        "José": "jose",
        "Re\u0301my": "remy",
        " ANN-MARIE ": "ann marie",
        "Dr. Lee": "lee",
        "J.": "j",
        "Øyvind": "oyvind",
        "!!!": None,
        "": None,
    }
    assert of("first_name", list(names), "first_name_normalised") == list(names.values())


def test_short_forms_share_one_canonical_given_name() -> None:
    names = ["Bob", "Robert", "rob", "J.", "Zzyzx", "Bob Lee"]
    assert of("first_name", names, "first_name_canonical") == [
        "robert",
        "robert",
        "robert",
        "j",
        "zzyzx",
        "robert",
    ]


def test_a_name_lists_every_name_it_may_be_short_for() -> None:
    sandy, zzyzx = of("first_name", ["Sandy", "Zzyzx"], "first_name_candidates")
    assert {"sandra", "alexander", "sandy"} <= set(sandy.strip("|").split("|"))
    assert zzyzx == "|zzyzx|"


def test_last_names_that_differ_by_apostrophe_or_blank_share_a_key() -> None:
    names = ["O'Neil", "O’Neil", "Oneil", "Mc Donald", "McDonald", "Smith Jr.", "Smith"]
    assert of("last_name", names, "last_name_key") == [
        *["oneil"] * 3,
        *["mcdonald"] * 2,
        *["smith"] * 2,
    ]


def test_soundex_is_that_of_the_national_archives() -> None:
    codes = {
        "Robert": "R163",
        "Rupert": "R163",
        "Ashcraft": "A261",
        "Tymczak": "T522",
        "Pfister": "P236",
        "Honeyman": "H555",
        "Lee": "L000",
        "Иванов": None,
    }
    assert of("last_name", list(codes), "last_name_sound") == list(codes.values())


STREETS = [
    ("5 Ramsey Pl.", ("5 ramsey pl", "5", None, "ramsey", "pl", None)),
    ("5 RAMSEY PLACE", ("5 ramsey pl", "5", None, "ramsey", "pl", None)),
    ("12 North Main Street Apt 4B", ("12 n main st", "12", "n", "main", "st", "4b")),
    ("12 N. Main St., #4B", ("12 n main st", "12", "n", "main", "st", "4b")),
    ("12 Main St 4B", ("12 main st", "12", None, "main", "st", "4b")),
    ("123 North St", ("123 north st", "123", None, "north", "st", None)),
    ("12 Fifth Ave NW", ("12 5th ave nw", "12", "nw", "5th", "ave", None)),
    ("12 5 Ave", ("12 5th ave", "12", None, "5th", "ave", None)),
    ("12 Avenue E", ("12 ave e", "12", None, "ave e", None, None)),
    ("12 Highway 50", ("12 hwy 50", "12", None, "hwy 50", None, None)),
    ("12-34 56th St", ("12-34 56th st", "12-34", None, "56th", "st", None)),
    ("12 Unit Street", ("12 unit st", "12", None, "unit", "st", None)),
    ("5 Ramsey Pl, Oakland CA 94609", ("5 ramsey pl", "5", None, "ramsey", "pl", None)),
    ("5 O'Farrell Wy", ("5 ofarrell way", "5", None, "ofarrell", "way", None)),
    ("PO Box 12", ("po box 12", None, None, "po box 12", None, None)),
    ("Main St", ("main st", None, None, "main", "st", None)),
    ("#!?", (None,) * 6),
]


def test_streets_come_in_postal_form_with_their_parts() -> None:
    columns = ("normalised", "number", "direction", "name", "suffix", "unit")
    found = of("street", [line for line, _ in STREETS], *(f"street_{name}" for name in columns))
    assert found == [parts for _, parts in STREETS]


def test_split_and_joined_street_names_share_a_key() -> None:
    lines = ["5 Stone Brook Ter", "5 Stonebrook Terrace"]
    assert of("street", lines, "street_name_key") == ["stonebrook"] * 2


@pytest.mark.parametrize(
    "line", ["5 Ramsey Place Oakland", "12 Berkeley Square Oakland", "100 Broadway & 5th", "a", ""]
)
def test_the_parser_is_not_believed_where_it_would_swallow_words(line: str) -> None:
    assert parse_street(line) is None


def test_places_come_in_their_standard_forms() -> None:
    received = pd.DataFrame(
        [
            ("Oaklnad", "calif.", "94609-1234"),
            ("SanFrancisco", "California", "94102.0"),
            ("St. Louis", "mo", "63101"),
            ("Cambridge", "Massachusetts", "2139"),
            ("N. Hollywood", "CA", "2139"),
            ("SF", "XX", "12"),
            (None, "PR", "601"),
        ],
        columns=["city", "state", "zip"],
    )
    found = normalised(received, PLACES)[["city_normalised", "state_normalised", "zip_normalised"]]
    assert [
        tuple(None if pd.isna(value) else value for value in row)
        for row in found.itertuples(index=False)
    ] == [
        ("oakland", "CA", "94609"),
        ("san francisco", "CA", "94102"),
        ("saint louis", "MO", "63101"),
        ("cambridge", "MA", "02139"),
        ("north hollywood", "CA", None),
        ("san francisco", None, None),
        (None, "PR", "00601"),
    ]


def test_contacts_come_in_their_standard_forms_or_not_at_all() -> None:
    emails = {
        " Ann.Bell@Gmail.COM ": "ann.bell@gmail.com",
        "a@bücher.de": "a@bücher.de",
        "a@b": None,
        "a..b@gmail.com": None,
        "a@b.test": None,
    }
    assert of("email", list(emails), "email_normalised") == list(emails.values())
    phones = {
        "(415) 555-2671": "+14155552671",
        "1.415.555.2671": "+14155552671",
        "+44 20 7946 0958": "+442079460958",
        "555-2671": None,
        "000 000 0000": None,
    }
    assert of("phone", list(phones), "phone_normalised") == list(phones.values())
    dates = {
        "1980-01-31": "1980-01-31",
        "1/31/1980": "1980-01-31",
        "1980-01-31 00:00:00": "1980-01-31",
        "31/31/1980": None,
        "soon": None,
    }
    assert of("birth_date", list(dates), "birth_date_normalised") == list(dates.values())


def test_one_call_an_area_settles_telephone_numbers_as_the_library_would() -> None:
    numbers = [f"{area}{area % 8 + 2}{area:03}567" for area in range(150, 1000)]
    assert of("phone", numbers, "phone_normalised") == [parse_phone(number) for number in numbers]


def test_rows_keep_their_order_index_and_other_columns() -> None:
    frame = pd.DataFrame({"id": [3, 1, 2], "zip": [94609, 94102, None]}, index=[7, 7, 9])
    found = normalised(frame)
    assert list(found.index) == [7, 7, 9]
    assert list(found["id"]) == [3, 1, 2]
    assert list(found["zip_normalised"].fillna("")) == ["94609", "94102", ""]
    assert found["first_name_normalised"].isna().all()


def test_relations_of_the_engine_are_taken_too() -> None:
    relation = duckdb.sql("select 'Bob' as first_name, 1 as id")
    for frame in (relation, nw.from_native(relation)):
        assert normalised(frame)["first_name_canonical"].tolist() == ["robert"]


def test_no_records_give_no_rows_but_every_column() -> None:
    found = normalised(pd.DataFrame({"first_name": []}))
    assert len(found) == 0
    assert set(NORMALISED_COLUMNS) <= set(found)


@settings(max_examples=5)
@given(st.lists(st.fixed_dictionaries({name: st.text() for name in FIELDS}), max_size=20))
def test_what_is_normalised_once_stays_when_normalised_again(records: list[dict[str, str]]) -> None:
    once = normalised(pd.DataFrame(records, columns=list(FIELDS)))
    names = ["first_name", "last_name", "zip", "state", "email", "phone", "birth_date"]
    again = normalised(pd.DataFrame({name: once[f"{name}_normalised"] for name in names}))
    for name in names:
        column = f"{name}_normalised"
        # A title is cut off once: "Dr Mr Lee" loses one each time.
        assert name == "first_name" or list(again[column].fillna("")) == list(
            once[column].fillna("")
        )
