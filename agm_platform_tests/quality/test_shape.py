"""The shape check: which columns and types differ from the contract."""

import narwhals as nw
import pytest

from agm_platform.contracts.model import Column, Table, Type
from agm_platform.quality.shape import shape_differences, shape_name
from agm_platform_tests.quality.frames import duckdb_frame

TABLE = Table(
    "shop",
    "things",
    "One column of each type.",
    tuple(Column(kind.name.lower(), kind, "") for kind in Type),
)


def test_a_table_made_from_the_contract_has_its_shape():
    frame = duckdb_frame({f"{kind.name.lower()} {kind.value}": [] for kind in Type})
    assert shape_differences(TABLE, frame.collect_schema()) == []


def test_the_order_of_columns_is_free():
    frame = duckdb_frame({f"{kind.name.lower()} {kind.value}": [] for kind in reversed(Type)})
    assert shape_differences(TABLE, frame.collect_schema()) == []


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"text": None}, ["column text is missing"]),
        ({"extra": nw.String()}, ["column extra is not in the contract"]),
        ({"integer": nw.Int128()}, ["column integer is Int128, the contract says Int64"]),
        ({"date": nw.Datetime("us")}, None),
        ({"timestamp": nw.Datetime("us", "UTC")}, None),
    ],
)
def test_every_difference_is_named(change, difference):
    frame = duckdb_frame({f"{kind.name.lower()} {kind.value}": [] for kind in Type})
    found = dict(frame.collect_schema()) | change
    differences = shape_differences(TABLE, {name: kind for name, kind in found.items() if kind})
    assert len(differences) == 1
    assert difference is None or differences == difference


def test_the_shape_check_is_named_after_the_table():
    assert shape_name(TABLE) == "things__shape"
