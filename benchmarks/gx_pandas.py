"""Great Expectations' side: the same suite file, read and validated on a pandas frame."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from benchmarks.form import told
from benchmarks.order_lines import ORDER_LINES, Verdict, write_verdicts


def run(database: Path, suite: Path, told_in: Path) -> str:
    """Read the table, make the batch, validate; tell these, and as `work` all but the import.

    `first` is the work with the import, as the first validation in a process has it.

    Results hold counts, no lists of failing values, as the platform's do.
    """
    clock, whole = _Clock(), _Clock()
    import duckdb
    import great_expectations as gx

    parts = {"import": clock.lap()}
    working = _Clock()
    with duckdb.connect(str(database), read_only=True) as connection:
        frame = connection.table(ORDER_LINES.full_name).df()
    parts["read"] = clock.lap()
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": frame})
    parts["batch"] = clock.lap()
    loaded = gx.ExpectationSuite(**json.loads(suite.read_text(encoding="utf-8")))
    wanted = {"result_format": "SUMMARY", "partial_unexpected_count": 0}
    results = batch.validate(loaded, result_format=wanted).results
    parts |= {"validate": clock.lap(), "work": working.lap(), "first": whole.lap()}
    write_verdicts(told_in, dict(map(_verdict, results)))
    return told(len(frame), parts)


def _verdict(result: Any) -> tuple[str, Verdict]:
    from agm_platform.quality.results import plain

    found = result.result
    of_rows = "element_count" in found
    observed = None if of_rows else plain(found.get("observed_value"))  # NumPy's numbers as ours
    return result.expectation_config.meta["name"], (
        bool(result.success),
        found["unexpected_count"] if of_rows else None,
        float(observed) if isinstance(observed, int | float) else None,
    )


class _Clock:
    """Seconds and CPU seconds of this process from one reading to the next."""

    def __init__(self) -> None:
        self._started = time.perf_counter(), time.process_time()

    def lap(self) -> tuple[float, float]:
        now = time.perf_counter(), time.process_time()
        spent = now[0] - self._started[0], now[1] - self._started[1]
        self._started = now
        return spent


def main() -> None:
    """Validate and tell what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gx_pandas")
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--suite", type=Path, required=True)
    parser.add_argument("--verdicts", type=Path, required=True)
    options = parser.parse_args()
    print(run(options.database, options.suite, options.verdicts))


if __name__ == "__main__":
    main()
