"""The platform's side: the checks of order lines as one Dagster run with the platform's parts."""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.dagster_cost import CHECKS_OF_A_TABLE
from benchmarks.form import told
from benchmarks.order_lines import ORDER_LINES, Verdict, generate, write_verdicts

if TYPE_CHECKING:
    from collections.abc import Iterable

    import dagster as dg

    from agm_platform.contracts.model import Table

SET = "channel__all_there"  # observed is a sentence; the verdict is enough


def many(home: Path, number: int) -> str:
    """Run ten checks of each of `number` tables, half of them failing; tell the seconds a check."""
    import duckdb

    home.mkdir(parents=True, exist_ok=True)
    database = home / "many.duckdb"
    names = [f"order_lines_{place}" for place in range(number)]
    generate(database, 1000)
    with duckdb.connect(str(database)) as connection:
        for name in names:
            connection.execute(f"create table bench.{name} as from bench.order_lines")
    rules = ORDER_LINES.rules[:CHECKS_OF_A_TABLE]
    tables = [replace(ORDER_LINES, name=name, rules=rules) for name in names]
    evaluations, (seconds, cpu) = checked(tables, database, home)
    number = len(evaluations)
    return told(number, {"each": (seconds / number, cpu / number)})


def run(database: Path, home: Path, told_in: Path) -> str:
    """Run the checks, write the verdicts; tell the seconds of the run alone as the part `job`.

    Raises RuntimeError if Great Expectations, or pandas, was imported: no rule here is left to
    them.
    """
    evaluations, job = checked([ORDER_LINES], database, home)
    if loaded := {"great_expectations", "pandas"} & set(sys.modules):
        msg = f"{sorted(loaded)} imported for rules that the engine judges"
        raise RuntimeError(msg)
    verdicts = {one.check_name: _verdict(one) for one in evaluations}
    write_verdicts(told_in, verdicts)
    return told(int(verdicts["order_lines__number"][2] or 0), {"job": job})


def checked(
    tables: Iterable[Table], database: Path, home: Path
) -> tuple[list[dg.AssetCheckEvaluation], tuple[float, float]]:
    """Run all checks of tables of a database; return what was found, seconds and CPU seconds.

    Executor, storage, pool and I/O manager are the platform's; only the contracts are not.
    """
    os.environ["DAGSTER_HOME"] = str(home)
    import dagster as dg

    from agm_platform.cli.execution import QUIET
    from agm_platform.instance import prepare_dagster_home
    from agm_platform.quality.checks import checks_for
    from agm_platform.warehouse.io_manager import Warehouse

    contracts = {(table.source, table.name): table for table in tables}

    class BenchWarehouse(Warehouse):
        """The platform's, with the contracts of a benchmark."""

        @staticmethod
        def contract(source: str, name: str) -> Table | None:
            return contracts.get((source, name))

    prepare_dagster_home(home)
    definitions = dg.Definitions(
        assets=[dg.AssetSpec([*key]) for key in contracts],
        asset_checks=[checks_for(table) for table in contracts.values()],
        resources={"io_manager": BenchWarehouse(database=str(database))},
        executor=dg.in_process_executor,
        jobs=[dg.define_asset_job("checks", dg.AssetSelection.all_asset_checks())],
    )
    job = definitions.resolve_job_def("checks")
    with dg.DagsterInstance.get() as instance:
        started, cpu = time.perf_counter(), time.process_time()
        result = job.execute_in_process(instance=instance, run_config=QUIET)
        spent = time.perf_counter() - started, time.process_time() - cpu
    return result.get_asset_check_evaluations(), spent


def _verdict(evaluation: dg.AssetCheckEvaluation) -> Verdict:
    told_of = {name: value.value for name, value in evaluation.metadata.items()}
    failed: Any = told_of.get("rows_failed")
    about_rows = failed is not None or evaluation.check_name == SET
    observed: Any = None if about_rows else told_of.get("observed")
    return evaluation.passed, failed, None if observed is None else float(observed)


def main() -> None:
    """Run and tell what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checks_job")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--database", type=Path, help="with the order lines")
    parser.add_argument("--verdicts", type=Path, help="where to write them")
    parser.add_argument("--tables", type=int, help="check so many small tables instead")
    options = parser.parse_args()
    if options.tables:
        print(many(options.home, options.tables))
    else:
        print(run(options.database, options.home, options.verdicts))


if __name__ == "__main__":
    main()
