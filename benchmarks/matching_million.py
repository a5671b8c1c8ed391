"""A list of many people with known duplicates: the platform's side and Splink's own quick start.

python -m benchmarks.matching_million SIDE --folder DIR, after the side "write".
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.form import told

if TYPE_CHECKING:
    import pandas as pd

    from agm_platform.matching.persons import Known

TWICE = 0.3  # of the people have two records, the second one misspelt in one field or two
ZIPS = 9_000
INCREMENT = 0.01
SEED = 404
# Imported before the clock starts, on every side.
HEAVY = ("splink", "scipy.sparse.csgraph", "pandas", "agm_platform.matching.persons")
RECEIVED, STATE = "received.parquet", "state"


def write_people(folder: Path, records: int) -> None:
    """Write received.parquet: record_id, person, first_name, last_name, street, city, zip."""
    import numpy as np
    import pandas as pd

    from agm_platform.world.misspellings import Details, misspell
    from agm_platform.world.names import people, streets

    rng = np.random.default_rng(SEED)
    persons = round(records / (1 + TWICE))
    first, last = people(rng, persons)
    street, place = streets(rng, persons), rng.integers(0, ZIPS, persons)
    rows = [
        Details(first[i], last[i], street[i], f"Town {place[i] % 997}", "CA", f"{90000 + place[i]}")
        for i in range(persons)
    ]
    again = rng.permutation(persons)[: records - persons]
    for i in again.tolist():
        typed = misspell(rng, rows[i])
        rows.append(rows[i]._replace(**{typed.field: typed.after}) if typed else rows[i])
    frame = pd.DataFrame(rows, columns=list(Details._fields))
    frame["person"] = np.concatenate([np.arange(persons), again])
    frame = frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)
    frame["record_id"] = [f"r{number:07d}" for number in range(len(frame))]
    frame.to_parquet(folder / RECEIVED)


class Clock:
    """Seconds and CPU seconds of the parts of a side."""

    def __init__(self) -> None:
        """Start with no part."""
        self.parts: dict[str, tuple[float, float]] = {}

    def __call__(self, part: str, work: Callable[[], Any]) -> Any:
        """Do the work and note what it took."""
        started, cpu = time.perf_counter(), time.process_time()
        result = work()
        self.parts[part] = (time.perf_counter() - started, time.process_time() - cpu)
        return result


def platform(folder: Path, clock: Clock) -> pd.DataFrame:
    """Normalise, score with the pinned model, cluster; return record_id and cluster."""
    import pandas as pd

    from agm_platform.matching.clusters import cluster
    from agm_platform.matching.linking import candidates
    from agm_platform.matching.persons import said
    from agm_platform.matching.prepare import prepare

    model = _model()
    prepared = clock("prepare", lambda: prepare(pd.read_parquet(folder / RECEIVED), "record_id"))
    pairs = clock("score", lambda: said(candidates(prepared, None, model)))
    records = prepared[["record_id"]].assign(source="list")
    labels = clock("cluster", lambda: cluster(records, pairs))
    return pd.DataFrame({"record_id": records["record_id"], "cluster": labels})


def quick_start(folder: Path, clock: Clock) -> pd.DataFrame:
    """Do as Splink's first page does, with the columns there are: train, predict, cluster."""
    import duckdb
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    connection = duckdb.connect()
    connection.execute(
        "create table people as select record_id as unique_id, * exclude (record_id, person) "
        f"from '{folder / RECEIVED}'"
    )
    api = DuckDBAPI(connection)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("first_name"),
            cl.JaroAtThresholds("last_name"),
            cl.LevenshteinAtThresholds("street"),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.ExactMatch("zip").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("first_name", "last_name"),
            block_on("last_name", "zip"),
            block_on("street"),
        ],
    )
    linker = Linker(api.register("people"), settings, log_level=None)

    def train() -> None:
        linker.training.estimate_probability_two_random_records_match(
            [block_on("first_name", "last_name", "zip"), block_on("street", "zip")], recall=0.9
        )
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on("first_name", "last_name")
        )
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("street"))

    clock("train", train)
    pairs = clock("score", lambda: linker.inference.predict(threshold_match_weight=-5))
    clusters = clock(
        "cluster",
        lambda: linker.clustering.cluster_pairwise_predictions_at_threshold(
            pairs, threshold_match_probability=0.95
        ),
    )
    return connection.sql(
        f"select unique_id as record_id, cluster_id as cluster from {clusters.physical_name}"
    ).df()


def full(folder: Path, clock: Clock) -> pd.DataFrame:
    """All records at once into persons."""
    received = _received(folder)
    start = _start(received)
    known = clock("work", lambda: _day(received, start))
    return known.members.rename(columns={"person_id": "cluster"})


def increment(folder: Path, clock: Clock) -> pd.DataFrame:
    """The last records into the persons of the others, which `write_state` left."""
    known = clock("read_state", lambda: _read_state(folder))
    received = _received(folder)
    new = received.iloc[_cut(received) :]
    known = clock("work", lambda: _day(new, known))
    return known.members.rename(columns={"person_id": "cluster"})


def write_state(folder: Path) -> None:
    """Write what is known of all records but the last."""
    received = _received(folder)
    known = _day(received.iloc[: _cut(received)], _start(received))
    (folder / STATE).mkdir(exist_ok=True)
    for each in fields(known):
        getattr(known, each.name).to_parquet(folder / STATE / f"{each.name}.parquet")


def _day(received: pd.DataFrame, known: Known) -> Known:
    from agm_platform.matching.persons import persons
    from agm_platform.matching.prepare import prepare

    prepared = prepare(received, "record_id").assign(source="list")
    return persons(prepared, known, _model(), "2020-10-04", exclusive=())


def _start(received: pd.DataFrame) -> Known:
    """Return nothing known, with the frequencies of all but the last records."""
    from agm_platform.matching.persons import nothing_known
    from agm_platform.matching.prepare import prepare

    return nothing_known(
        prepare(received.iloc[: _cut(received)], "record_id").assign(source=""), _model()
    )


def _read_state(folder: Path) -> Known:
    import pandas as pd

    from agm_platform.matching.persons import Known

    return Known(
        **{
            each.name: pd.read_parquet(
                folder / STATE / f"{each.name}.parquet", dtype_backend="pyarrow"
            )
            for each in fields(Known)
        }
    )


def _received(folder: Path) -> pd.DataFrame:
    import pandas as pd

    return pd.read_parquet(folder / RECEIVED)


def _cut(received: pd.DataFrame) -> int:
    return len(received) - round(len(received) * INCREMENT)


def _model() -> Any:
    from agm_platform.matching.customer_design import MANY_CUSTOMERS
    from agm_platform.matching.model import load_model

    return replace(load_model(), design=MANY_CUSTOMERS)


SIDES = {"platform": platform, "quick_start": quick_start, "full": full, "increment": increment}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one side, write its clusters beside the records, tell what it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching_million")
    parser.add_argument("side", choices=("write", *SIDES))
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--records", type=int, default=1_000_000, help="how many to write")
    options = parser.parse_args(arguments)
    if options.side == "write":
        write_people(options.folder, options.records)
        write_state(options.folder)
        print(told(options.records))
        return
    for module in HEAVY:
        importlib.import_module(module)
    clock = Clock()
    clusters = SIDES[options.side](options.folder, clock)
    clusters[["record_id", "cluster"]].to_parquet(options.folder / f"{options.side}.parquet")
    print(told(len(clusters), clock.parts))


if __name__ == "__main__":
    main()
