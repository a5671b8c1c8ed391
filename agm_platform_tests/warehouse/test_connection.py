"""One connection a process and file: shared, lazy, closed with its last claim; locks and kills."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from agm_platform.warehouse.connection import Claim, WarehouseLockedError
from agm_platform.warehouse.engine import Engine
from agm_platform_tests.warehouse.bench import PRICES, VISITS, Bench

DAY = "2020-10-03"
ANN = f"select date '{DAY}' as day, 'Ann' as visitor, 5::bigint as spent"

HOLD = """
import sys
from agm_platform.warehouse.connection import Claim
with Claim(sys.argv[1]) as claim:
    claim.connection.execute("create table held (i int)")
    print("open", flush=True)
    sys.stdin.read()
"""

# Where in the transaction the process kills itself: while the rows are computed, or later.
KILL = """
import os, signal, sys
from agm_platform.contracts.model import Column, Table, Type
from agm_platform.warehouse.connection import Claim
from agm_platform.warehouse.tables import replace_rows, transaction

def die(_=None):
    os.kill(os.getpid(), signal.SIGKILL)

database, place = sys.argv[1:]
columns = [("day", Type.DATE), ("visitor", Type.TEXT), ("spent", Type.INTEGER)]
columns = tuple(Column(name, type_, "") for name, type_ in columns)
table = Table("shop", "visits", "", columns, partition_column="day")
rows = "select date '2020-10-03' as day, 'Cy' as visitor, i as spent from range(300000) t(i)"
with Claim(database) as claim:
    connection = claim.connection
    if place == "after delete and insert":
        with transaction(connection):
            connection.execute("delete from shop.visits")
            connection.execute(f"insert into shop.visits {rows}")
            die()
    connection.create_function("die", die, ["BIGINT"], "BIGINT")
    fatal = connection.sql(f"from ({rows}) union all select '2020-10-03', 'Di', die(1)")
    replace_rows(connection, table, fatal, ["2020-10-03"] if place == "in a day" else None)
"""


def test_claims_on_a_file_share_one_connection_which_the_last_one_closes(tmp_path: Path) -> None:
    database = tmp_path / "new" / "folder" / "warehouse.duckdb"
    first, second = Claim(database), Claim(str(database))
    relation = first.connection.sql("select 1")
    assert first.connection is second.connection
    first.release()
    first.release()
    assert relation.fetchall() == [(1,)]
    second.release()
    with pytest.raises(duckdb.ConnectionException):
        relation.fetchall()
    with Claim(database) as again:
        assert again.connection.execute("select 2").fetchall() == [(2,)]


def test_a_claim_that_is_never_used_opens_nothing(tmp_path: Path) -> None:
    with Claim(tmp_path / "warehouse.duckdb"):
        assert list(tmp_path.iterdir()) == []


def test_the_connection_speaks_utc_keeps_row_order_and_fetches_no_extension(tmp_path: Path) -> None:
    names = [
        "timezone",
        "preserve_insertion_order",
        "autoinstall_known_extensions",
        "autoload_known_extensions",
        "temp_directory",
        "memory_limit",
    ]
    query = ", ".join(f"current_setting('{name}')" for name in names)
    database = tmp_path / "warehouse.duckdb"
    with Claim(database, memory_limit="64MiB") as claim:
        (values,) = claim.connection.cursor().execute(f"select {query}").fetchall()
    assert values == ("UTC", True, False, False, f"{database}.tmp", "64.0 MiB")


def test_two_memory_limits_for_one_file_are_refused(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    with Claim(database, "1GB") as first, Claim(database, "2GB") as second:
        assert first.connection
        with pytest.raises(ValueError, match="give all resources the same limit"):
            _ = second.connection


def test_a_file_that_is_no_database_raises_what_duckdb_says(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    database.write_text("not a database, but long enough to be looked at. " * 300)
    with pytest.raises(duckdb.IOException, match="not a valid DuckDB"):
        _ = Claim(database).connection


def test_a_file_open_in_another_process_is_named_with_its_holder_and_what_to_do(
    bench: Bench, start_python: Callable[..., Any]
) -> None:
    bench.given(PRICES, "select 'bread' as item, 3::bigint as price")
    holder = start_python(HOLD, str(bench.database))
    assert holder.stdout.readline() == "open\n"
    message = bench.refused(PRICES, "select 'bread' as item, 4::bigint as price")
    assert str(bench.database) in message
    assert f"process {holder.pid}" in message
    assert "published/insights.duckdb" in message
    with pytest.raises(WarehouseLockedError):
        _ = Claim(bench.database).connection
    holder.communicate("")
    bench.write(PRICES, "select 'bread' as item, 4::bigint as price")
    assert bench.sql("from shop.prices") == [("bread", 4)]


@pytest.mark.parametrize("place", ["in a day", "in a whole table", "after delete and insert"])
def test_sigkill_in_the_middle_of_a_write_leaves_the_old_rows(
    bench: Bench, start_python: Callable[..., Any], place: str
) -> None:
    bench.given(VISITS, ANN, [DAY])
    process = start_python(KILL, str(bench.database), place)
    assert process.wait() == -9
    assert bench.visits() == [(DAY, "Ann", 5)]
    bench.write(VISITS, ANN.replace("Ann", "Bo"), [DAY])
    assert bench.visits() == [(DAY, "Bo", 5)]


def test_a_failed_run_closes_the_file_while_its_traceback_is_alive(bench: Bench) -> None:
    @dg.asset(io_manager_key="nowhere")
    def failing(engine: Engine) -> None:
        engine.connection.execute("create table t (i int)")
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        bench.run([failing])
    assert bench.sql("select count(*) from t") == [(0,)]


def test_an_engine_used_by_hand_opens_and_gives_back_the_connection(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    engine = Engine(database=str(database))
    with Claim(database) as claim:
        assert engine.connection is claim.connection
        engine.teardown_after_execution(dg.build_init_resource_context())
        assert claim.connection.execute("select 1").fetchall() == [(1,)]
    with duckdb.connect(str(database), read_only=True) as other_configuration:
        assert other_configuration.execute("select 1").fetchall() == [(1,)]
