"""What a snapshot is made of: the run, versions, rows, checksums, and the checks it passed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from agm_platform import __version__

NAME = "manifest.json"
LIBRARIES = ("dagster", "duckdb", "great-expectations", "narwhals", "pandas", "splink")
DIFFERS_ANYWAY = {
    NAME: "names the run",
    "insights.duckdb": "DuckDB writes its own identifiers into a file; tables are the same",
}
"""Files whose bytes differ between two runs on the same input, and why."""


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
    files = {
        str(path.relative_to(folder)): {"sha256": _sha256(path), "bytes": path.stat().st_size}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != NAME
    }
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
        "files": files,
        "differs_between_runs_on_the_same_input": DIFFERS_ANYWAY,
    }
    text = json.dumps(content, indent=1, sort_keys=True) + "\n"
    (folder / NAME).write_text(text, encoding="utf-8")
    return content


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a snapshot; empty for one that was written before there were any."""
    path = folder / NAME
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
