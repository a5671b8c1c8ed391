"""What the code server loads: every table as an asset with its checks, and nothing unguarded."""

import subprocess
import sys
from typing import Any

import dagster as dg
import pytest

from agm_platform.contracts.registry import FEEDS, TABLES, find_table
from agm_platform.definitions import defs
from agm_platform.defs.sources.peak.partitions import PEAK_DAYS

POOL = "duckdb"
WATCHED = {
    *(("peak", f"raw_{name}") for name in ("customers", "order_lines", "orders", "stores")),
    *((feed.source, f"raw_{feed.name}") for feed in FEEDS if feed.source != "peak"),
}


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return defs()


def test_every_contract_is_an_asset_and_every_asset_has_a_contract(
    definitions: dg.Definitions,
) -> None:
    keys = {tuple(spec.key.path) for spec in definitions.resolve_all_asset_specs()}
    files = {("landing", f"{feed.source}_{feed.name}") for feed in FEEDS}
    tables = {(table.source, table.name) for table in TABLES}
    for_readers = {("publish", name) for name in ("snapshot", "site", "workbook")}
    assert keys == tables | files | for_readers


def test_every_asset_says_what_it_is_and_who_owns_it(definitions: dg.Definitions) -> None:
    for spec in definitions.resolve_all_asset_specs():
        assert spec.description, spec.key
        assert spec.group_name, spec.key
        assert spec.group_name != "default", spec.key
        assert spec.owners, spec.key
        assert spec.kinds, spec.key
        assert spec.tags.get("published") in {"true", "false"}, spec.key
        table = find_table(*spec.key.path)
        if table:
            columns = spec.metadata["dagster/column_schema"].columns
            assert [column.name for column in columns] == list(table.column_names)
            assert all(column.description for column in columns)


def test_a_tag_says_which_tables_hold_personal_data(definitions: dg.Definitions) -> None:
    marked = {
        spec.key.to_user_string()
        for spec in definitions.resolve_all_asset_specs()
        if spec.tags.get("personal") == "true"
    }
    assert marked == {f"{table.source}/{table.name}" for table in TABLES if table.personal}


def test_every_rule_is_a_check_and_only_blocking_rules_block(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    found = {
        (*key.asset_key.path, key.name): graph.get_check_spec(key).blocking
        for key in graph.asset_check_keys
    }
    wanted = {
        (table.source, table.name, rule.name): rule.on_failure == "block"
        for table in TABLES
        for rule in table.rules
    }
    shapes = {(table.source, table.name, f"{table.name}__shape"): True for table in TABLES}
    usual = {(*name, f"{name[1]}__usual"): False for name in WATCHED}
    assert found == wanted | shapes | usual


def test_what_is_told_of_quality_waits_for_every_check_of_the_other_tables(
    definitions: dg.Definitions,
) -> None:
    graph = definitions.resolve_job_def("refresh").graph.dependencies
    waits_for = {
        node.name: {source.node for given in inputs.values() for source in sources(given)}
        for node, inputs in graph.items()
    }
    checks = {
        f"{table.source}__{table.name}__checks" for table in TABLES if table.source != "quality"
    }
    for name in ("check_results", "scores"):
        assert waits_for[f"quality__{name}"] >= checks


def sources(given: Any) -> list[Any]:
    """Return the nodes' outputs behind one input: a table alone, or with its blocking checks."""
    return given.get_node_dependencies()


def test_whatever_touches_the_warehouse_waits_for_the_one_writer(
    definitions: dg.Definitions,
) -> None:
    job = definitions.resolve_job_def("refresh")
    assert {node.pool for node in job.all_node_defs} == {POOL}
    assert job.executor_def is dg.in_process_executor


def test_the_tables_of_days_are_partitioned_by_days_and_no_others(
    definitions: dg.Definitions,
) -> None:
    partitioned = {
        tuple(spec.key.path)
        for spec in definitions.resolve_all_asset_specs()
        if spec.partitions_def is not None
    }
    assert partitioned == {(table.source, table.name) for table in TABLES if table.partition_column}
    assert all(
        spec.partitions_def == PEAK_DAYS
        for spec in definitions.resolve_all_asset_specs()
        if spec.partitions_def is not None
    )


@pytest.mark.parametrize(
    ("job", "has_raw_days", "has_raw_tables"),
    [
        ("refresh", True, True),
        ("refresh_days", True, False),
        ("refresh_tables", False, True),
        ("replay_days", False, True),
        ("refresh_agm", False, True),
        ("refresh_peak", False, False),
    ],
)
def test_each_job_reads_the_files_that_it_is_for_and_ends_with_the_snapshot(
    definitions: dg.Definitions, job: str, has_raw_days: bool, has_raw_tables: bool
) -> None:
    keys = definitions.resolve_job_def(job).asset_layer.executable_asset_keys
    assert (dg.AssetKey(["peak", "raw_orders"]) in keys) is has_raw_days
    assert (dg.AssetKey(["agm", "raw_sales"]) in keys) is has_raw_tables
    assert dg.AssetKey(["publish", "snapshot"]) in keys


def test_a_sender_s_job_leaves_what_is_made_of_others_files_alone(
    definitions: dg.Definitions,
) -> None:
    def tables(job: str) -> set[str]:
        keys = definitions.resolve_job_def(job).asset_layer.executable_asset_keys
        return {".".join(key.path) for key in keys}

    of_agm, of_peak, of_days = map(tables, ("refresh_agm", "refresh_peak", "refresh_days"))
    assert {"agm.raw_files", "agm.orders", "agm.quarantine", "agm.reconciliation"} <= of_agm
    assert not {"peak.raw_product_map", "peak.product_map", "peak.reconciliation"} & of_agm
    # Who Peak's customers are is looked up among AGM's.
    assert "peak.customer_accuracy" in of_agm
    assert {"peak.raw_product_map", "peak.product_map", "peak.reconciliation"} <= of_peak
    assert {name for name in of_peak | of_days if name.startswith("agm.")} == set()
    for job in (of_agm, of_peak, of_days):
        assert {"landing.ledger", "quality.quarantine_log", "answers.answers"} <= job


def test_loading_the_definitions_imports_no_heavy_library() -> None:
    heavy = "'great_expectations', 'sklearn', 'scipy', 'pyspark', 'usaddress', 'phonenumbers',"
    heavy += " 'altair', 'vl_convert', 'xlsxwriter'"
    script = (
        "import sys; from agm_platform.definitions import defs; defs();"
        f"print(sorted(set(sys.modules) & {{{heavy}}}))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_no_personal_column_is_published() -> None:
    names = {
        column.name
        for table in TABLES
        for column in table.published_columns
        if column.personal or column.name in {"first_name", "last_name", "email", "phone"}
    }
    assert names == set()
