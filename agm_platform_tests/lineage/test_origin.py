"""Where a column comes from in the end, and how sure that is."""

import json

import pytest

from agm_platform.contracts.lineage import Origin, _origin, parsed

KNOWN = parsed(
    json.dumps(
        {
            "a.raw_sales": {
                "how": "file",
                "reads": ["landing.a_sales"],
                "columns": {
                    "price": ["landing.a_sales.price"],
                    "tax": ["landing.a_sales.tax"],
                    "row_number": [],
                },
            },
            "a.orders": {
                "how": "traced",
                "reads": ["a.raw_sales"],
                "columns": {
                    "paid": ["a.raw_sales.price", "a.raw_sales.tax"],
                    "place": ["a.raw_sales.row_number"],
                    "lines": [],
                },
            },
            "a.model": {
                "how": "by name",
                "reads": ["a.orders"],
                "columns": {"paid": ["a.orders.paid"]},
            },
            "a.answers": {
                "how": "traced",
                "reads": ["a.model", "a.orders"],
                "columns": {
                    "paid": ["a.orders.paid", "a.model.score"],
                    "likely": ["a.model.paid"],
                },
            },
            "a.log": {
                "how": "traced",
                "reads": ["a.orders"],
                "columns": {"paid": ["a.log.paid", "a.orders.paid"]},
            },
        }
    )
)
BOTH = ("a_sales.price", "a_sales.tax")


@pytest.mark.parametrize(
    ("column", "wanted", "sentence"),
    [
        ("a.orders.paid", Origin(BOTH, (), True), "From a_sales.price, a_sales.tax."),
        ("a.orders.place", Origin((), (), True), "Counts rows, or is a constant."),
        ("a.orders.lines", Origin((), (), True), "Counts rows, or is a constant."),
        ("a.model.paid", Origin(BOTH, (), False), "From a_sales.price, a_sales.tax (by name)."),
        ("a.model.score", Origin((), ("a.orders",), False), "Computed in Python from a.orders."),
        (
            "a.answers.paid",
            Origin(BOTH, ("a.orders",), False),
            "Computed in Python from a.orders; also a_sales.price, a_sales.tax.",
        ),
        ("a.answers.likely", Origin(BOTH, (), False), "From a_sales.price, a_sales.tax (by name)."),
        ("a.log.paid", Origin(BOTH, (), True), "From a_sales.price, a_sales.tax."),
        ("b.unknown.x", Origin((), ("b.unknown",), False), "Computed in Python from b.unknown."),
    ],
)
def test_a_column_comes_from_fields_of_files_or_from_tables(
    column: str, wanted: Origin, sentence: str
) -> None:
    table, _, name = column.rpartition(".")
    found = _origin(table, name, KNOWN, frozenset())
    assert found == wanted
    assert str(found) == sentence


def test_of_many_fields_only_their_files_are_named() -> None:
    fields = tuple(f"a_sales.f{number}" for number in range(5))
    assert str(Origin(fields, (), True)) == "From 5 fields of a_sales."
    tables = tuple(f"a.t{number}" for number in range(5))
    assert str(Origin((), tables, False)) == "Computed in Python from a.t0, a.t1, a.t2 and 2 more."
