"""What a snapshot is made of: the run, versions, rows, checksums, and the checks it passed."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from agm_platform import __version__

NAME = "manifest.json"
LIBRARIES = ("dagster", "duckdb", "great-expectations", "narwhals", "pandas", "splink")
DIFFERS_ANYWAY = {
    NAME: "names the run",
    "insights.duckdb": "DuckDB writes its own identifiers into a file; tables are the same",
    "parquet/landing.ledger/landing.ledger.parquet": "names the runs that read the files, and when",
    "parquet/quality.scores/quality.scores.parquet": "has the day on which values were judged",
    "parquet/quality.quarantine_log/quality.quarantine_log.parquet": "names runs, and has moments",
    "parquet/quality.quarantine_summary/quality.quarantine_summary.parquet": "has moments",
    "site/quality.html": "shows days and runs of those; the same on one day",
    "insights.xlsx": "shows days and runs of those; the same on one day",
}
"""Files whose bytes differ between two runs on the same input with the same key, and why."""


def write_manifest(
    folder: Path,
    *,
    run_id: str,
    as_of: str | None,
    rows: Mapping[str, int],
    contracts: Mapping[str, str],
    passed: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """Write manifest.json beside the files of a finished snapshot; return its content.

    `as_of` is the last business date in the answers; `rows` the rows of each table, `contracts` a
    digest of each one's columns and rules, `passed` the blocking rules that each table was judged
    by.
    """
    content = {
        "run_id": run_id,
        "as_of": as_of,
        "versions": {"agm_platform": __version__}
        | {library: version(library) for library in LIBRARIES},
        "tables": {
            name: {
                "rows": count,
                "contract_sha256": contracts[name],
                "blocking_checks_passed": sorted(passed.get(name, ())),
            }
            for name, count in sorted(rows.items())
        },
        "files": _described(folder, folder.rglob("*")),
        "differs_between_runs_on_the_same_input": DIFFERS_ANYWAY,
    }
    _write(folder, content)
    return content


def name_in_manifest(folder: Path, part: str) -> None:
    """Enter the file or folder `part` that was put into a snapshot, with its checksums."""
    path = folder / part
    _change(folder, part, _described(folder, path.rglob("*") if path.is_dir() else [path]))


def take_out_of_manifest(folder: Path, part: str) -> None:
    """No longer name `part`: whoever replaces it does this before and enters it after.

    So at every moment each file that is named is there and has the checksum that is told.
    """
    _change(folder, part, {})


def _change(folder: Path, part: str, files: Mapping[str, Any]) -> None:
    """Replace what the manifest says of `part`, in one step.

    A snapshot that was written before there were manifests gets none.
    """
    content = read_manifest(folder)
    if content:
        others = {
            name: facts
            for name, facts in content["files"].items()
            if name != part and not name.startswith(f"{part}/")
        }
        _write(folder, {**content, "files": {**others, **files}})


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a snapshot; empty for one that was written before there were any."""
    path = folder / NAME
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _described(folder: Path, paths: Iterable[Path]) -> dict[str, dict[str, Any]]:
    """Return the checksum and size of files by their names in the folder."""
    return {
        str(path.relative_to(folder)): {"sha256": _sha256(path), "bytes": path.stat().st_size}
        for path in sorted(paths)
        if path.is_file() and path.name != NAME
    }


def _write(folder: Path, content: Mapping[str, Any]) -> None:
    aside = folder / f".{NAME}.new"
    text = json.dumps(content, indent=1, sort_keys=True) + "\n"
    aside.write_text(text, encoding="utf-8")
    aside.replace(folder / NAME)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
