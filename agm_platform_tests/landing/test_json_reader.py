"""Peak's nested days into four tables: exact rows, and a verdict for every way to be wrong."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from agm_platform.contracts import peak
from agm_platform.landing import json_reader
from agm_platform.landing.document import PEAK_DAY
from agm_platform.landing.json_reader import DayFile, JsonTables, Verdict, read_json_files
from agm_platform_tests.landing.conftest import day, sale

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import duckdb

OCT_3 = date(2020, 10, 3)
OTHER = date(2020, 10, 9)
GOOD = day()


@pytest.fixture
def read(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> Callable[..., JsonTables]:
    """Read contents as the days from 3 October on."""

    def read_contents(*contents: str | bytes) -> JsonTables:
        files = []
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        for number, content in enumerate(contents):
            business_date = OCT_3 + timedelta(days=number)
            path = tmp_path / f"[{number}]*.json"
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            files.append(DayFile(business_date, f"peak_sales_{business_date:%Y_%m_%d}.json", path))
        return read_json_files(connection, files, PEAK_DAY, scratch)

    return read_contents


def rows(tables: JsonTables, name: str) -> list[tuple[Any, ...]]:
    return tables.relations[name].fetchall()


def everything(tables: JsonTables) -> dict[str, list[tuple[Any, ...]]]:
    return {name: relation.fetchall() for name, relation in tables.relations.items()}


def only(tables: JsonTables) -> Verdict:
    (verdict,) = tables.verdicts
    return verdict


def test_a_day_becomes_four_tables_of_text(read: Callable[..., JsonTables]) -> None:
    tables = read(GOOD)
    start = (OCT_3, "peak_sales_2020_10_03.json", 2, "5002")
    assert rows(tables, "raw_orders")[1] == (*start, "2020-10-03", "36", "0", "36")
    assert rows(tables, "raw_stores")[1] == (
        *start, "12573", "Acme Gourmet Meals", "1 Store St", "Berkeley", "CA", "94705",
    )  # fmt: skip
    assert rows(tables, "raw_customers")[1] == (
        *start, "7002", "Zebedee", "Quux", "9 Secret Ln", "Oakland", "CA", "94609",
    )  # fmt: skip
    assert rows(tables, "raw_order_lines")[2:] == [
        (*start, 1, "11", "12", "1", "N"),
        (*start, 2, "12", "12", "2", "N"),
    ]
    assert [len(rows(tables, name)) for name in tables.relations] == [2, 2, 2, 4]
    verdict = only(tables)
    assert (verdict.accepted, verdict.records, verdict.items, verdict.notes) == (True, 2, 4, ())


@pytest.mark.parametrize(
    "table", [peak.RAW_ORDERS, peak.RAW_STORES, peak.RAW_CUSTOMERS, peak.RAW_ORDER_LINES]
)
def test_the_tables_are_those_of_the_contract(read: Callable[..., JsonTables], table: Any) -> None:
    relation = read(GOOD).relations[table.name]
    assert tuple(relation.columns) == table.column_names
    assert [str(t) for t in relation.types] == [column.type.value for column in table.columns]


def test_a_good_file_is_never_read_the_slow_way(
    read: Callable[..., JsonTables], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_reader, "diagnose", None)
    tables = read(GOOD, day([], OCT_3 + timedelta(days=1)))
    assert [verdict.records for verdict in tables.verdicts] == [2, 0]


def test_order_and_repeats_are_kept_over_many_files(
    read: Callable[..., JsonTables], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_reader, "FILES_AT_ONCE", 3)
    days = [
        day([sale(9), sale(number), sale(9)], OCT_3 + timedelta(days=number)) for number in range(8)
    ]
    tables = read(*days)
    orders = rows(tables, "raw_orders")
    assert [(row[0], row[2], row[3]) for row in orders] == [
        (OCT_3 + timedelta(days=number), position, str(5000 + sale_number))
        for number in range(8)
        for position, sale_number in ((1, 9), (2, number), (3, 9))
    ]
    lines = rows(tables, "raw_order_lines")
    assert [row[2:5:2] for row in lines[:6]] == [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)]
    assert everything(read(*days)) == everything(tables)


def test_a_day_without_sales_is_a_valid_day(read: Callable[..., JsonTables]) -> None:
    tables = read(day([]))
    assert only(tables)[1:] == (0, 0, None, None, ())
    assert everything(tables) == {name: [] for name in tables.relations}


def test_no_files_make_typed_empty_tables(read: Callable[..., JsonTables]) -> None:
    tables = read()
    assert (tables.verdicts, rows(tables, "raw_orders")) == ([], [])
    assert str(tables.relations["raw_orders"].types[0]) == "DATE"


def test_own_line_numbers_are_made_whatever_the_file_says(
    read: Callable[..., JsonTables],
) -> None:
    lines = [{"line_item_id": n} | sale()["line_items"][n] for n in (0, 1)]
    tables = read(day([sale(line_items=lines)]))
    assert [row[4] for row in rows(tables, "raw_order_lines")] == [1, 2]
    assert only(tables).notes == ("unexpected field sales[].line_items[].line_item_id in 2 of 2",)


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        (GOOD + "\n", ()),
        (GOOD.replace("\n", "\r\n") + "\r\n", ()),
        (json.dumps(json.loads(GOOD), separators=(",", ":")), ()),
        (json.dumps(json.loads(GOOD), separators=(" ,", " : ")), ()),
        ("\ufeff" + GOOD, ()),
        (GOOD + "\0", ("stray bytes at the end",)),
        (GOOD + "\n\x1a\0\0", ("stray bytes at the end",)),
        ("\ufeff" + GOOD + "\x1a", ("starts with a byte order mark", "stray bytes at the end")),
        (GOOD.replace("Secret Ln", "Secret Ln: rear"), ()),
        (GOOD.replace("12573", "12573.0"), ()),
    ],
)
def test_harmless_oddities_change_no_row(
    read: Callable[..., JsonTables], content: str, notes: tuple[str, ...]
) -> None:
    tables = read(content)
    assert (only(tables).accepted, only(tables).notes) == (True, notes)
    assert len(rows(tables, "raw_order_lines")) == 4


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("three", "three"),
        ("12", "12"),
        (" 12 ", " 12 "),
        (12.5, "12.5"),
        (-1, "-1"),
        (True, "true"),
        (None, None),
        (12345678901234567890123, "12345678901234567890123"),
        (float("nan"), "NaN"),
        ("", ""),
    ],
)
def test_a_value_of_another_type_is_kept_as_text(
    read: Callable[..., JsonTables], value: object, text: str | None
) -> None:
    tables = read(day([sale(1, tax=value), sale(2)]))
    assert only(tables).accepted
    assert [row[6] for row in rows(tables, "raw_orders")] == [text, "0"]


def test_a_list_for_a_value_is_kept_as_text_and_said(read: Callable[..., JsonTables]) -> None:
    tables = read(day([sale(1, tax=[{"rate": 0}]), sale(2)]))
    assert rows(tables, "raw_orders")[0][6] == '[{"rate":0}]'
    assert only(tables).notes == ("sales[].tax is not a single value in 1 places",)


def test_a_field_missing_in_some_sales_is_null_and_said(read: Callable[..., JsonTables]) -> None:
    lacking = sale(2)
    del lacking["tax"], lacking["line_items"][0]["price"], lacking["pickup_from"]
    tables = read(day([sale(1), lacking]))
    assert only(tables).notes == (
        "no field sales[].tax in 1 of 2",
        "no field sales[].pickup_from in 1 of 2",
        "no field sales[].line_items[].price in 1 of 4",
    )
    assert rows(tables, "raw_orders")[1][6] is None
    assert rows(tables, "raw_stores")[1][4:] == (None,) * 6
    assert [row[6] for row in rows(tables, "raw_order_lines")] == ["12", "12", None, "12"]


def test_a_sale_without_lines_keeps_its_place(read: Callable[..., JsonTables]) -> None:
    tables = read(day([sale(1, line_items=[]), sale(2)]))
    assert [row[2] for row in rows(tables, "raw_orders")] == [1, 2]
    assert [row[2] for row in rows(tables, "raw_order_lines")] == [2, 2]
    assert (only(tables).records, only(tables).items) == (2, 2)


def test_a_null_among_the_sales_is_a_row_of_nulls(read: Callable[..., JsonTables]) -> None:
    tables = read(day([None, sale(2)]))
    assert [row[2:4] for row in rows(tables, "raw_orders")] == [(1, None), (2, "5002")]


def test_unexpected_fields_are_accepted_and_counted(read: Callable[..., JsonTables]) -> None:
    tables = read(day([sale(1, tip=3), sale(2)], region="west"))
    assert only(tables).notes == (
        "unexpected field region",
        "unexpected field sales[].tip in 1 of 2",
    )
    assert len(rows(tables, "raw_orders")) == 2


def without(*path: str) -> str:
    """Return the good day without a field in any sale."""
    document = json.loads(GOOD)
    for one in document["sales"]:
        place = one
        for name in path[:-1]:
            place = place[name]
        for owner in place if isinstance(place, list) else [place]:
            del owner[path[-1]]
    return json.dumps(document, indent=2)


def line_of(text: str, after: str = "") -> int:
    """Return the line of the good day that holds `text`."""
    return GOOD.count("\n", 0, GOOD.index(text, GOOD.index(after))) + 1


FIRST, TAX, NAME = line_of("{", '"sales"'), line_of('"tax"'), line_of("Quux")
SECOND = line_of("{", "\n    },")
END = GOOD.count("\n") + 1
NESTED = "[" * 100_000 + "]" * 100_000
UNREADABLE = [
    ("", "the file is empty", 1),
    (" \n\0", "the file is empty", 1),
    (GOOD[: GOOD.index('"tax"')], "the file ends in the middle (truncated)", TAX - 1),
    (GOOD[: GOOD.index("Quux") + 2], "the file ends in the middle (truncated)", NAME),
    (GOOD[: GOOD.index("}") + 1], "the file ends in the middle (truncated)", line_of("}")),
    (GOOD.replace('"tax": 0,', '"tax": 0', 1), "not valid JSON (Expecting ',' delim", TAX + 1),
    (GOOD.replace('"tax": 0,', '"tax": 012,', 1), "not valid JSON (Expecting ',' delimi", TAX),
    (GOOD.replace("Quux", "Qu\nux", 1), "not valid JSON (Invalid control character", NAME),
    (GOOD.replace("Quux", r"Qu\ud83dux", 1), "the engine cannot read this JSON", NAME),
    (GOOD + GOOD, "something follows the end of the JSON document", END),
    (GOOD + "\nTRAILER", "something follows the end of the JSON document", END + 1),
    (GOOD.replace("Quux", "Qüux").encode("latin-1"), "the file is not UTF-8", NAME),
    (GOOD.encode("utf-16"), "the file is UTF-16", 1),
    (f"[{GOOD}]", "not a JSON object but a list", 1),
    ("null", "not a JSON object but null", 1),
    ("12", "not a JSON object but a number", 1),
    (NESTED, "nested too deep", None),
    (GOOD.replace('"legal"', f'"x": {NESTED}, "legal"'), "nested too deep", None),
    (GOOD.replace('"sales"', '"Sales"'), "the field sales is missing everywhere; was it r", 1),
    (day(sales={}), "sales is not a list but an object", 1),  # type: ignore[arg-type]
    (day([]).replace("[]", "null"), "sales is not a list but null", 1),
    (day([sale(1), 5]), "sales[] is not an object but a number", SECOND),
    (day([sale(1), sale(2, deliver_to="Quux")]), "sales[].deliver_to is not an obj", SECOND),
    (day([sale(line_items={"1": {}})]), "sales[].line_items is not a list but an", FIRST),
    (day([sale(line_items=[[]])]), "sales[].line_items[] is not an object but a l", FIRST),
    (GOOD.replace('"tax"', '"tax": 0, "tax"', 1), "the field tax is there twice in", FIRST),
    (GOOD.replace('"tax"', '"x": {"a": 1, "a": 2}, "tax"', 1), "the field a is there tw", FIRST),
    (
        GOOD.replace("first_name", "firstName"),
        "the field sales[].deliver_to.first_name is missing everywhere; was it renamed to firstN",
        FIRST,
    ),
    (
        GOOD.replace('"quantity"', '"qty"'),
        "the field sales[].line_items[].quantity is missing everywhere; was it renamed to qty?",
        FIRST,
    ),
    (without("tax"), "the field sales[].tax is missing everywhere; ask", FIRST),
    (without("line_items"), "the field sales[].line_items is missing everywhere", FIRST),
    (without("line_items", "price"), "the field sales[].line_items[].price is miss", FIRST),
    (
        day([sale()], OTHER),
        "the document says that it is of 2020-10-09, the file name says 2020-10-03",
        1,
    ),
]


@pytest.mark.parametrize(("content", "reason", "line"), UNREADABLE)
def test_a_file_that_cannot_be_read_is_quarantined_and_the_others_go_on(
    read: Callable[..., JsonTables], content: str | bytes, reason: str, line: int | None
) -> None:
    days = [day(business_date=OCT_3 + timedelta(days=number)) for number in range(4)]
    tables = read(content, *days[1:])
    bad, *others = tables.verdicts
    assert bad.reason is not None
    assert bad.reason.startswith(reason)
    assert (bad.line, bad.records, bad.items) == (line, 0, 0)
    assert not any(person in bad.reason for person in ("Zebedee", "Qu", "Secret"))
    assert all(verdict.accepted and not verdict.notes for verdict in others)
    assert {row[0] for row in rows(tables, "raw_orders")} == {v.file.business_date for v in others}
    assert [len(rows(tables, name)) for name in tables.relations] == [6, 6, 6, 12]


def test_a_bad_file_between_good_ones_leaves_their_order(read: Callable[..., JsonTables]) -> None:
    days = [day(business_date=OCT_3 + timedelta(days=number)) for number in range(9)]
    days[4] = days[4].replace('"tax": 0,', '"tax": 012,')
    days[7] = days[7][:900]
    tables = read(*days)
    assert [verdict.accepted for verdict in tables.verdicts] == [n not in (4, 7) for n in range(9)]
    kept = [OCT_3 + timedelta(days=n) for n in range(9) if n not in (4, 7)]
    assert [row[0] for row in rows(tables, "raw_orders")] == [d for d in kept for _ in range(2)]


def test_a_time_before_the_day_is_said(read: Callable[..., JsonTables]) -> None:
    verdict = only(read(day(timestamp="2020-10-01 02:00:00")))
    assert verdict.notes == ("the time in the document is before its business date",)


def test_a_file_larger_than_the_engines_buffer_is_read(read: Callable[..., JsonTables]) -> None:
    tables = read(day([sale(1), sale(2)], legal="x" * (17 << 20)))
    assert (only(tables).accepted, only(tables).records) == (True, 2)


def test_progress_is_told_in_files(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_reader, "FILES_AT_ONCE", 2)
    path = tmp_path / "day.json"
    path.write_text(GOOD)
    told: list[tuple[int, int]] = []
    files = [DayFile(OCT_3, "day.json", path)] * 3
    read_json_files(connection, files, PEAK_DAY, tmp_path, lambda *counts: told.append(counts))
    assert told == [(2, 3), (3, 3)]
