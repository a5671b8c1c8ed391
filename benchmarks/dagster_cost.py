"""What Dagster itself costs for each asset and check: trivial ones, one run in this process."""

import argparse
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from agm_platform.cli.execution import QUIET
from agm_platform.instance import prepare_dagster_home
from benchmarks.form import told

POOL = "duckdb"


def run(home: Path, kind: str, number: int) -> str:
    """Run so many trivial definitions of a kind; tell the seconds of the run for each.

    The instance, the executor and the pool are the platform's; nothing is stored but its history.
    """
    os.environ["DAGSTER_HOME"] = str(prepare_dagster_home(home))
    definitions = dg.Definitions(**KINDS[kind](number), executor=dg.in_process_executor)
    job = definitions.resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.get() as instance:
        started, cpu = time.perf_counter(), time.process_time()
        job.execute_in_process(instance=instance, run_config=QUIET)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    return told(number, {"each": (seconds / number, cpu / number)})


def assets(number: int) -> dict[str, Any]:
    """Return assets that do nothing."""
    return {"assets": [_asset(f"asset_{place}") for place in range(number)]}


def checks(number: int) -> dict[str, Any]:
    """Return checks of one asset that always pass, each a step of its own."""

    def check(name: str) -> dg.AssetChecksDefinition:
        @dg.asset_check(name=name, asset="checked", pool=POOL)
        def passing() -> dg.AssetCheckResult:
            return dg.AssetCheckResult(passed=True)

        return passing

    made = [check(f"check_{place}") for place in range(number)]
    return {"assets": [_asset("checked")], "asset_checks": made}


def checks_of_one_step(number: int) -> dict[str, Any]:
    """Return checks of one asset that always pass, all in one step as the platform's are."""
    specs = [dg.AssetCheckSpec(f"check_{place}", asset="checked") for place in range(number)]

    @dg.multi_asset_check(specs=specs, pool=POOL)
    def passing() -> Iterator[dg.AssetCheckResult]:
        for spec in specs:
            yield dg.AssetCheckResult(passed=True, check_name=spec.name, asset_key=spec.asset_key)

    return {"assets": [_asset("checked")], "asset_checks": [passing]}


def checks_of_tables(number: int) -> dict[str, Any]:
    """Return ten checks of each table in one step, telling as much as the platform's do."""
    tables = [f"table_{place}" for place in range(number // CHECKS_OF_A_TABLE)]
    return {
        "assets": [dg.AssetSpec(table) for table in tables],
        "asset_checks": [_table_checks(table) for table in tables],
    }


def _table_checks(table: str) -> dg.AssetChecksDefinition:
    names = [f"{table}__check_{place}" for place in range(CHECKS_OF_A_TABLE)]

    @dg.multi_asset_check(
        name=f"{table}__checks",
        specs=[dg.AssetCheckSpec(name, asset=table, blocking=True) for name in names],
        can_subset=True,
        pool=POOL,
    )
    def passing() -> Iterator[dg.AssetCheckResult]:
        for name in names:
            yield dg.AssetCheckResult(
                passed=True,
                check_name=name,
                asset_key=dg.AssetKey([table]),
                description="all 1,000 rows pass: an order has a number",
                metadata=TOLD,
            )

    return passing


def _asset(name: str) -> dg.AssetsDefinition:
    @dg.asset(name=name, pool=POOL)
    def nothing() -> dg.MaterializeResult:
        return dg.MaterializeResult()

    return nothing


CHECKS_OF_A_TABLE = 10
TOLD: dict[str, Any] = {  # as agm_platform.quality.checks tells of a rule
    "state": "passed",
    "rows_checked": 1000,
    "rows_failed": 0,
    "percent_failed": 0.0,
    "expected": "expect_column_values_to_not_be_null(column='order_id')",
    "suite": "bench.orders",
    "duration_ms": 1.5,
}
KINDS: dict[str, Callable[[int], dict[str, Any]]] = {
    "asset": assets,
    "check": checks,
    "check_of_one_step": checks_of_one_step,
    "check_of_tables": checks_of_tables,
}


def main() -> None:
    """Run one kind and tell what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dagster_cost")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--number", type=int, default=50)
    parser.add_argument("--home", type=Path, required=True)
    options = parser.parse_args()
    print(run(options.home, options.kind, options.number))


if __name__ == "__main__":
    main()
