"""`make bench-matching`: how right matching is where the truth is known, and what it costs.

Worlds and thresholds are fixed beforehand; the seeds here are neither those of training nor those
that development looked at.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from benchmarks import matching_million, matching_references
from benchmarks.form import Goal, Report, Side, measure

if TYPE_CHECKING:
    import pandas as pd

SEEDS = (301, 302, 303)
GOALS = {
    "febrl4_f1_plain": Goal(0.998, at_least=True),
    "febrl4_blocking_recall": Goal(0.999, at_least=True),
    "world_blocking_recall": Goal(0.999, at_least=True),
    "world_precision": Goal(0.995, at_least=True),
    "world_recall": Goal(0.97, at_least=True),
    "world_calibration_error": Goal(0.02),
    "increment_vs_full": Goal(0.05),
}


def bench(
    folder: Path,
    linkage: Path | None,
    seeds: Sequence[int],
    records: int,
    runs: int,
    console: Console,
) -> Report:
    """Measure everything with files written into the empty `folder`.

    `linkage` holds the reference sets; figures of one that is not there are left out.
    The increment and the full run are compared without start-up, that is without imports.
    """
    report = Report("matching", settings={"seeds": len(seeds), "records": records, "runs": runs})
    if records:
        arguments = ("--folder", str(folder))
        # In processes of their own: what this one once needed would count for every side.
        write = Side(
            "write",
            "benchmarks.matching_million",
            ("write", *arguments, "--records", str(records)),
        )
        sides = [
            Side(name, "benchmarks.matching_million", (name, *arguments))
            for name in matching_million.SIDES
        ]
        with console.status("writing the people and what is known of them") as status:
            measure([write], 1)
            report.cases = measure(sides, runs, status.update)
        report.ratio("increment_vs_full", "increment.work", "full.work")
        report.ratio("increment_vs_full_with_start", "increment", "full")
        report.ratio("platform_vs_quick_start", "platform", "quick_start")
        report.ratio("memory_platform_vs_quick_start", "platform", "quick_start", measure="peak_mb")
        _same_clusters(folder, "full", "increment")
        for side in ("platform", "quick_start"):
            report.ratios[f"million_f1_{side}"] = round(_cluster_f1(folder, side), 4)
    with console.status("worlds"):
        report.ratios |= _worlds(seeds)
    with console.status("reference sets"):
        report.ratios |= _references(linkage)
    report.goals = {name: goal for name, goal in GOALS.items() if name in report.ratios}
    return report


def _worlds(seeds: Sequence[int]) -> dict[str, float]:
    """Return the figures over all worlds together, with and without AGM's places."""
    import pandas as pd

    from agm_platform.matching.customer_design import CUSTOMERS
    from agm_platform.matching.evaluation import blocking_recall, evaluate
    from agm_platform.matching.linking import link
    from benchmarks.matching_worlds import lists, without_place

    worlds = [lists(seed) for seed in seeds]
    figures: dict[str, float] = {}
    for name in ("world", "world_without_place"):
        links, matches, blocked = [], [], []
        for number, world in enumerate(worlds):
            right = world.right if name == "world" else without_place(world.right)
            found = link(world.left, right)
            links.append(found.assign(left_id=f"{number}:" + found["left_id"]))
            matches.append(world.matches.assign(left_id=f"{number}:" + world.matches["left_id"]))
            blocked.append(blocking_recall(world.left, right, world.matches, CUSTOMERS))
        quality = evaluate(pd.concat(links), pd.concat(matches))
        figures |= {
            f"{name}_blocking_recall": min(each.value for each in blocked),
            f"{name}_precision": quality.precision.value,
            f"{name}_precision_low": quality.precision.low,
            f"{name}_recall": quality.recall.value,
            f"{name}_recall_low": quality.recall.low,
            f"{name}_calibration_error": quality.calibration_error,
            f"{name}_links": float(quality.precision.sample_size),
        }
    return {key: round(value, 5) for key, value in figures.items()}


def _references(linkage: Path | None) -> dict[str, float]:
    """Return the F1 of the reference sets that are there."""
    from agm_platform.matching.clusters import cluster
    from agm_platform.matching.evaluation import blocking_recall
    from agm_platform.matching.linking import candidates

    figures: dict[str, float] = {}
    if linkage is None:
        return figures
    if (linkage / "dataset4a.csv").exists() and (linkage / "dataset4b.csv").exists():
        lists = matching_references.febrl(linkage)
        chosen = matching_references.febrl_links(lists)
        figures["febrl4_f1_plain"] = _f1(chosen, lists.matches)
        blocked = blocking_recall(lists.left, lists.right, lists.matches, matching_references.FEBRL)
        figures["febrl4_blocking_recall"] = blocked.value
        figures |= _private(linkage)
    if (linkage / "fake_1000.csv").exists():
        lists = matching_references.fake(linkage)
        model = matching_references.fake_model(lists)
        likely = matching_references.likely(candidates(lists.left, None, model), "pair_probability")
        records = lists.left[["record_id"]].assign(source="list")
        labels = cluster(records, likely.assign(says="join"))
        figures["fake_1000_f1"] = _f1(_pairs_of(records["record_id"], labels), lists.matches)
    return {key: round(value, 5) for key, value in figures.items()}


def _private(linkage: Path) -> dict[str, float]:
    """Return the F1 of linking FEBRL 4 by encodings, where that is part of the platform."""
    try:
        from benchmarks.private_linkage import febrl4_f1  # type: ignore[import-not-found]
    except ImportError:
        return {}
    return {"febrl4_f1_private": float(febrl4_f1(linkage))}


def _f1(pairs: pd.DataFrame, matches: pd.DataFrame) -> float:
    from agm_platform.matching.training import is_match

    hits = int(is_match(pairs, matches).sum())
    return 2 * hits / (len(pairs) + len(matches))


def _pairs_of(records: pd.Series[str], labels: pd.Series[str]) -> pd.DataFrame:
    """Return all pairs of records with one label."""
    import pandas as pd

    frame = pd.DataFrame({"record_id": records, "label": labels})
    both = frame.merge(frame, on="label")
    both = both[both["record_id_x"] < both["record_id_y"]]
    return both.rename(columns={"record_id_x": "left_id", "record_id_y": "right_id"})


def _cluster_f1(folder: Path, side: str) -> float:
    """Return the pairwise F1 of a side's clusters."""
    import pandas as pd

    people = pd.read_parquet(folder / matching_million.RECEIVED)
    found = pd.read_parquet(folder / f"{side}.parquet")
    found["record_id"] = found["record_id"].astype(str)
    both = people[["record_id", "person"]].merge(found, on="record_id")

    def pairs(by: list[str]) -> int:
        sizes = both.groupby(by).size()
        return int((sizes * (sizes - 1) // 2).sum())

    hits = pairs(["person", "cluster"])
    return 2 * hits / (pairs(["person"]) + pairs(["cluster"]))


def _same_clusters(folder: Path, one: str, other: str) -> None:
    """Raise RuntimeError unless both sides put the same records together."""
    import pandas as pd

    first, second = (pd.read_parquet(folder / f"{side}.parquet") for side in (one, other))
    both = first.merge(second, on="record_id", how="outer", suffixes=("_one", "_other"))
    pairs = both[["cluster_one", "cluster_other"]].drop_duplicates()
    if pairs.isna().any(axis=None) or any(pairs[name].duplicated().any() for name in pairs):
        msg = f"{one} and {other} put other records together"
        raise RuntimeError(msg)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write `<DATA>/benchmarks/matching.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"), help="where the report goes")
    parser.add_argument("--linkage", type=Path, help="folder of dataset4a, dataset4b, fake_1000")
    parser.add_argument("--seeds", type=int, nargs="*", default=SEEDS, help="worlds to judge on")
    parser.add_argument("--records", type=int, default=1_000_000, help="0: no million")
    parser.add_argument("--runs", type=int, default=1, help="runs of each side")
    options = parser.parse_args(arguments)
    console = Console()
    reports = options.data.resolve() / "benchmarks"
    reports.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="matching_", dir=reports) as folder:
        report = bench(
            Path(folder), options.linkage, options.seeds, options.records, options.runs, console
        )
    report.write(reports / f"{report.name}.json")
    report.show(console)


if __name__ == "__main__":
    main()
