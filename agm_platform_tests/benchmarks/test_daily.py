"""The bare script that the platform is measured against, on a tiny world whose truth is known."""

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from agm_platform.contracts import peak
from agm_platform.world import WorldSize, generate, write
from benchmarks.bare_daily import RAW, TABLES, load
from benchmarks.daily import compare
from benchmarks.form import REPOSITORY
from benchmarks.platform_job import run

STORES = REPOSITORY / "data" / "reference" / "agm" / "stores.csv"
CONTRACTS = {contract.name: contract for contract in peak.TABLES}
TINY = WorldSize(customers=600, pickup_sales=0, peak_days=3, peak_sales_per_day=20)


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    write(generate(TINY, 1), folder)
    return folder


@pytest.fixture
def bare(landing: Path, tmp_path: Path) -> Path:
    database = tmp_path / "bare.duckdb"
    load(landing, STORES, database)
    return database


def test_the_bare_tables_have_the_columns_of_the_contracts(bare: Path) -> None:
    with duckdb.connect(str(bare), read_only=True) as connection:
        for name in TABLES:
            rows = connection.execute(f"describe peak.{name}").fetchall()
            expected = {column.name: column.type.value for column in CONTRACTS[name].columns}
            assert {row[0]: row[1] for row in rows} == expected, name


def test_the_bare_tables_say_what_the_generator_knows(bare: Path) -> None:
    world = generate(TINY, 1)
    days = dict(world.truth["peak_days"].select("sale_date", "sales").fetchall())
    with duckdb.connect(str(bare), read_only=True) as connection:
        counted = connection.execute(
            "select business_date, count(*) from peak.orders group by all"
        ).fetchall()
    assert dict(counted) == days
    assert min(days) == date(2020, 11, 9)


def test_equal_databases_compare_as_equal_and_one_changed_value_is_named(
    bare: Path, landing: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.duckdb"
    load(landing, STORES, other)
    compare(other, bare)
    with duckdb.connect(str(other)) as connection:
        connection.execute(
            "update peak.orders set tax_usd_cents = 1 where order_id = "
            "(select min(order_id) from peak.orders)"
        )
    with pytest.raises(RuntimeError, match=r"peak\.orders differs"):
        compare(other, bare)


def test_the_bare_script_sets_aside_a_sale_whose_money_does_not_add_up(
    landing: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "landing"
    (folder / "peak").mkdir(parents=True)
    for file in (landing / "peak").iterdir():
        (folder / "peak" / file.name).write_bytes(file.read_bytes())
    day = min((folder / "peak").glob("*.json"))
    day.write_text(day.read_text().replace('"tax": 0', '"tax": 1', 1))
    load(folder, STORES, tmp_path / "bare.duckdb")
    with duckdb.connect(str(tmp_path / "bare.duckdb"), read_only=True) as connection:
        rules = connection.execute(
            "select table_name, rule, count(*) > 0 from peak.quarantine group by all order by 1"
        ).fetchall()
    assert rules == [
        ("raw_order_lines", "sale__set_aside", True),
        ("raw_orders", "tip_usd_cents__none", True),
    ]


def test_the_platform_reads_the_same_rows(
    bare: Path, landing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AGM_LANDING", "AGM_DATA", "DAGSTER_HOME"):
        monkeypatch.setenv(name, str(tmp_path))  # restored afterwards, whatever the job sets
    told = json.loads(run(landing, tmp_path / "data", "days"))
    compare(tmp_path / "data" / "warehouse" / "warehouse.duckdb", bare, RAW)
    assert told["rows"] == 0, "no product map has been read: everything is set aside"
    assert sorted(told["parts"]) == ["checks", "job", "rules", "scan", "tables"]
