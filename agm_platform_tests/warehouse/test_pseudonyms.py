"""The engine's pseudonyms are those of the library, the same in every table, and kept secret."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from agm_platform.contracts.model import Column, Table, Type
from agm_platform.privacy.pseudonyms import Pads, pads, pseudonym
from agm_platform.warehouse.erasure import without_persons
from agm_platform.warehouse.pseudonyms import PseudonymCollisionError, Pseudonyms

KEY = bytes(range(32))
NUMBER = Column("number", Type.TEXT, "Number.", identity="shop")
VISITS = Table("shop", "visits", "Visits.", (NUMBER, Column("spent", Type.INTEGER, "Spent.")))
PEOPLE = Table(
    "shop",
    "people",
    "People.",
    (
        Column("row_number", Type.INTEGER, "Place."),
        NUMBER,
        Column("first_name", Type.TEXT, "First.", personal=True),
        Column("last_name", Type.TEXT, "Last.", personal=True),
        Column("street", Type.TEXT, "Street.", personal=True),
        Column("zip", Type.TEXT, "ZIP."),
    ),
    one_row_a_person=True,
    quasi_identifiers=(("zip",),),
)
ORDERS = Table("shop", "raw_people", "As received.", PEOPLE.columns, quasi_identifiers=(("zip",),))


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("create schema shop")
        opened.execute("create table shop.visits (number varchar, spent bigint)")
        opened.execute("insert into shop.visits values ('17', 1), ('é', 2), ('0', 3), (null, 4)")
        yield opened


def test_the_engine_computes_the_same_codes(connection: duckdb.DuckDBPyConnection) -> None:
    made = Pseudonyms(connection, [VISITS], pads(KEY))
    rows = made.replaced(connection.table("shop.visits"), VISITS.identities)
    assert sorted(rows.fetchall(), key=str) == sorted(
        [
            (pseudonym(KEY, "shop", "17"), 1),
            (pseudonym(KEY, "shop", "é"), 2),
            ("erased", 3),
            (None, 4),
        ],
        key=str,
    )


def test_the_key_is_forgotten(connection: duckdb.DuckDBPyConnection) -> None:
    Pseudonyms(connection, [VISITS], pads(KEY)).drop()
    found = connection.execute("select getvariable('inner_pad'), getvariable('outer_pad')")
    assert found.fetchall() == [(None, None)]
    assert connection.execute(
        "select count(*) from duckdb_tables() where temporary"
    ).fetchall() == [(0,)]


def test_a_collision_is_refused(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agm_platform.warehouse.pseudonyms.PSEUDONYM_BITS", 0)
    with pytest.raises(PseudonymCollisionError, match="of 3 numbers of shop"):
        Pseudonyms(connection, [VISITS], Pads(b"", b""))


def people(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    return connection.sql(
        "select * from (values (1, '5', 'Ann', 'Ash', '1 St', '9'), (2, '7', 'Zoë', null, '2 St',"
        " '9'), (3, '7', null, 'Z', '2 St', null), (4, '8', 'Bo', 'Oak', '3 St', '9'))"
        " t(row_number, number, first_name, last_name, street, zip)"
    )


def is_seven(source: str, number: str | None, names: tuple[str, str, str] | None) -> bool:
    assert source == "shop"
    assert names is not None
    return number == "7"


def test_in_a_table_of_persons_the_rows_go_and_the_rest_is_numbered_anew(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows, records = without_persons(PEOPLE, people(connection), is_seven)
    assert records == 2
    assert [row[:2] for row in rows.fetchall()] == [(1, "5"), (2, "8")]


def test_elsewhere_names_and_places_are_emptied_and_the_order_stays(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows, records = without_persons(ORDERS, people(connection), is_seven)
    assert records == 2
    assert rows.fetchall()[1:3] == [(2, "0", "", "", "", ""), (3, "0", "", "", "", "")]


def test_without_the_person_rows_stay_as_they_are(connection: duckdb.DuckDBPyConnection) -> None:
    given = people(connection)
    rows, records = without_persons(ORDERS, given, lambda *_: False)
    assert (rows is given, records) == (True, 0)
