"""The contracts mark what publishing replaces or hides; a new table that forgets is noticed."""

from __future__ import annotations

import pytest

from agm_platform.contracts.model import Column, Table, Type
from agm_platform.contracts.registry import TABLES

PUBLISHED = [table for table in TABLES if table.published_columns]
NUMBERS = ("customer_id", "order_id", "sale_id")
PLACES = {"zip", "zip_normalised", "city", "city_normalised"}


def names_of(table: Table) -> set[str]:
    return {column.name for column in table.published_columns}


@pytest.mark.parametrize("table", PUBLISHED, ids=lambda table: table.full_name)
def test_a_published_number_of_a_customer_or_order_is_an_identity(table: Table) -> None:
    numbers = {name for name in names_of(table) if name.endswith(NUMBERS)}
    assert numbers <= set(table.identities)


@pytest.mark.parametrize("table", PUBLISHED, ids=lambda table: table.full_name)
def test_a_published_table_of_persons_with_places_names_its_quasi_identifiers(
    table: Table,
) -> None:
    if table.one_row_a_person:
        told = {name for level in table.quasi_identifiers for name in level}
        assert names_of(table) & PLACES <= told


@pytest.mark.parametrize("table", PUBLISHED, ids=lambda table: table.full_name)
def test_a_flag_of_small_groups_is_published_and_hides_no_key(table: Table) -> None:
    for groups in table.small_groups:
        assert table.column(groups.flag).type is Type.BOOLEAN
        assert groups.flag not in groups.figures
        assert not set(groups.figures) & set(table.key)


def test_an_identity_is_never_harmless() -> None:
    with pytest.raises(ValueError, match="never harmless"):
        Column("customer_id", Type.TEXT, "Number.", identity="peak", harmless=True)


@pytest.mark.parametrize(
    "wrong", [{"quasi_identifiers": (("zip",),)}, {"one_row_a_person": True, "key": ("zip",)}]
)
def test_a_mark_on_a_column_that_is_not_there_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no such column: zip"):
        Table("shop", "people", "People.", (Column("n", Type.TEXT, "N."),), **wrong)
