"""One landing folder and one data folder, run by the command line and looked at afterwards."""

from __future__ import annotations

import io
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import dagster as dg
import duckdb
from dagster import DagsterEventType

from agm_platform.cli.main import main
from agm_platform.contracts.registry import SENDERS

Rows = list[tuple[Any, ...]]


class Evaluation(NamedTuple):
    """What one check said in one run."""

    run_id: str
    check: str  # "peak.orders order_id__unique"
    passed: bool
    rows_failed: int


@dataclass
class Platform:
    """A platform of its own: nothing of it is shared with another one but the landing folder."""

    landing: Path
    data: Path
    output: list[str] = field(default_factory=list)
    reports: bool = False  # site and workbook cost seconds a run

    def run(self, command: str = "run") -> int:
        """Do what `python -m agm_platform run` (or `replay`) does; return its exit status.

        The tables of senders that no file is there of would only cost time.
        """
        said = io.StringIO()
        senders = [name for name in SENDERS if (self.landing / name).is_dir()]
        only = ["--only", ",".join(senders)] if command in {"run", "replay"} else []
        places = ["--landing", str(self.landing), "--data", str(self.data)]
        with self.environment(), redirect_stdout(said), redirect_stderr(said):
            status = main([command, *places, *only])
        self.output.append(said.getvalue())
        return status

    @contextmanager
    def environment(self) -> Iterator[None]:
        """See no setting of whoever starts the tests, and leave none behind."""
        with patch.dict(os.environ):
            for name in list(os.environ):
                if name.upper().startswith(("AGM_", "DAGSTER_")):
                    del os.environ[name]
            os.environ["AGM_REPORTS"] = str(self.reports)
            os.environ["DAGSTER_HOME"] = str(self.data / "dagster")
            yield

    @property
    def published(self) -> Path:
        return self.data / "published"

    def query(self, sql: str, *, published: bool = False) -> Rows:
        """Read from the warehouse, or from what readers get."""
        path = self.published / "insights.duckdb" if published else self.warehouse
        with duckdb.connect(str(path), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def tables(self, *, published: bool = False) -> dict[str, Rows]:
        """Return every table, its rows sorted."""
        names = self.query(
            "select table_schema || '.' || table_name from information_schema.tables"
            " where table_type = 'BASE TABLE'",
            published=published,
        )
        return {
            name: sorted(self.query(f"from {name}", published=published), key=repr)
            for (name,) in names
        }

    def ledger(self) -> list[dict[str, Any]]:
        """Return every delivery in order of arrival."""
        with sqlite3.connect(self.data / "ledger" / "ledger.sqlite") as db:
            db.row_factory = sqlite3.Row
            rows = db.execute("select * from deliveries order by delivery_id")
            return [dict(row) for row in rows]

    def evaluations(self) -> list[Evaluation]:
        """Return what every check said in every run, from Dagster's event log."""
        found = []
        with self.environment(), dg.DagsterInstance.get() as instance:
            for run in reversed(instance.get_runs()):
                for record in instance.all_logs(
                    run.run_id, of_type=DagsterEventType.ASSET_CHECK_EVALUATION
                ):
                    told = record.get_dagster_event().asset_check_evaluation_data
                    name = f"{told.asset_key.to_user_string()} {told.check_name}"
                    rows = told.metadata.get("rows_failed")
                    found.append(
                        Evaluation(
                            run.run_id,
                            name.replace("/", ".", 1),
                            told.passed,
                            rows.value if rows else 0,
                        )
                    )
        return found

    def failed_checks(self) -> set[str]:
        """Return the checks that did not pass in at least one run."""
        return {each.check for each in self.evaluations() if not each.passed}

    @property
    def warehouse(self) -> Path:
        return self.data / "warehouse" / "warehouse.duckdb"
