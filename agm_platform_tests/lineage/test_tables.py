"""The committed lineage names columns that exist, and says exact only where it is."""

import dagster as dg
import duckdb
import narwhals as nw
import pandas as pd
import pytest

from agm_platform.contracts import agm, peak
from agm_platform.contracts.lineage import How, lineage
from agm_platform.contracts.registry import FEEDS, TABLES, find_table
from agm_platform.definitions import defs
from agm_platform.defs.sources.peak.orders import orders
from agm_platform.defs.table import column_lineage, declared, table
from agm_platform.lineage.tables import _unreadable, query_of
from agm_platform.warehouse.rows import records
from agm_platform.warehouse.types import create_statement

LANDED = {f"landing.{feed.source}_{feed.name}" for feed in FEEDS}


@table(agm.STORES)
def lazy(raw_stores: nw.LazyFrame) -> nw.LazyFrame:
    """Build one query."""
    return raw_stores.select(**{name: nw.col("zip") for name in agm.STORES.column_names})


@table(agm.STORES)
def looks(raw_stores: nw.LazyFrame) -> nw.LazyFrame:
    """Look at rows on the way."""
    count = len(records(raw_stores.select(rows=nw.len())))
    return raw_stores.select(**{name: nw.lit(count) for name in agm.STORES.column_names})


@table(agm.STORES)
def of_pandas(raw_stores: pd.DataFrame) -> pd.DataFrame:
    """Be no query at all."""
    return raw_stores


@table(agm.STORES)
def of_context(context: dg.AssetExecutionContext, raw_stores: nw.LazyFrame) -> nw.LazyFrame:
    """Take what only a run gives."""
    return raw_stores


@pytest.mark.parametrize(
    ("asset", "is_traced"),
    [(lazy, True), (looks, False), (of_pandas, False), (of_context, False)],
    ids=["lazy", "looks", "of_pandas", "of_context"],
)
def test_only_a_function_that_looks_at_no_row_is_one_query(
    asset: dg.AssetsDefinition, is_traced: bool
) -> None:
    told = declared(asset)
    assert told is not None
    with duckdb.connect() as connection:
        _unreadable(connection, TABLES)
        assert (query_of(told, connection) is not None) is is_traced


def test_every_table_has_a_lineage_and_every_name_in_it_exists() -> None:
    known = lineage()
    assert known.keys() == {each.full_name for each in TABLES}
    for name, entry in known.items():
        contract = find_table(*name.split("."))
        assert contract is not None
        assert set(entry.columns) <= set(contract.column_names)
        for source in {each for sources in entry.columns.values() for each in sources}:
            parent, _, column = source.rpartition(".")
            assert parent in entry.reads or parent == name, (name, source)
            of_files = parent in LANDED
            assert of_files == (entry.how is How.FILE and parent.startswith("landing."))
            if not of_files:
                read = find_table(*parent.split("."))
                assert read is not None
                assert column in read.column_names, (name, source)


def test_most_published_columns_are_traced_and_none_of_those_is_left_out() -> None:
    known = lineage()
    traced = [each for each in TABLES if known[each.full_name].how is How.TRACED]
    assert len(traced) >= 80
    for each in traced:
        assert set(known[each.full_name].columns) == set(each.column_names), each.full_name


def test_a_value_changes_nothing_but_the_columns_that_are_made_of_it() -> None:
    """The other columns are as before, whichever column of the sales is changed."""
    told = declared(orders)
    assert told is not None
    made_of = lineage()["peak.orders"].columns
    row = {
        "business_date": "2020-11-09",
        "sale_position": 1,
        "sale_id": "7",
        "order_date": "2020-11-09",
        "subtotal_usd_cents": 1000,
        "tax_usd_cents": 80,
        "total_usd_cents": 1100,
        "customer_id": "3",
        "store_id": "s1",
    }
    changed = {
        name: "2020-11-10" if "date" in name else 9999 if isinstance(value, int) else "x"
        for name, value in row.items()
    }
    before = _orders(row)
    moved = set()
    for name, value in changed.items():
        after = _orders({**row, name: value})
        for column, new in after.items():
            if new != before[column]:
                moved.add(column)
                assert f"peak.staged_orders.{name}" in made_of[column], (name, column)
    assert moved == set(made_of)


def _orders(row: dict[str, object]) -> dict[str, object]:
    told = declared(orders)
    assert told is not None
    with duckdb.connect() as connection:
        connection.execute("create schema peak")
        connection.execute(create_statement(peak.STAGED_ORDERS))
        marks = ", ".join("?" * len(row))
        connection.execute(
            f"insert into peak.staged_orders ({', '.join(row)}) values ({marks})",
            list(row.values()),
        )
        (found,) = records(
            told.function(nw.from_native(connection.table("peak.staged_orders"))).select(
                *peak.ORDERS.column_names
            )
        )
    return found


def test_dagster_is_told_of_exact_columns_only() -> None:
    told = column_lineage(peak.ORDERS)
    assert told is not None
    (net,) = told.deps_by_column["net_usd_cents"]
    assert net == dg.TableColumnDep(dg.AssetKey(["peak", "staged_orders"]), "subtotal_usd_cents")
    raw = column_lineage(peak.RAW_ORDERS)
    assert raw is not None
    assert raw.deps_by_column["sale_position"] == []
    assert raw.deps_by_column["tax"] == [
        dg.TableColumnDep(dg.AssetKey(["landing", "peak_daily_sales"]), "tax")
    ]
    assert column_lineage(peak.CLEAN_CUSTOMERS) is None
    specs = {spec.key: spec for spec in defs().resolve_all_asset_specs()}
    for spec in specs.values():
        for deps in getattr(
            spec.metadata.get("dagster/column_lineage"), "deps_by_column", {}
        ).values():
            assert {dep.asset_key for dep in deps} <= {each.asset_key for each in spec.deps} | {
                spec.key
            }, spec.key
