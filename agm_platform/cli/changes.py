"""`python -m agm_platform changes`: what changed between two published snapshots."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.console import Console

from agm_platform.defs.publish.manifest import read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from agm_platform.settings import Settings


def changes(settings: Settings, before: str | None, after: str | None) -> int:
    """Print which tables and answers differ; the newest two snapshots by default.

    Returns 0, or 2 if there are no two snapshots or one of the names is unknown.
    """
    console = Console(highlight=False, markup=False, soft_wrap=True)
    kept = snapshots(settings.snapshots_path)
    if len(kept) < 2:
        console.print(f"There are no two snapshots in {settings.snapshots_path} to compare.")
        return 2
    names = [before or kept[-2].name, after or kept[-1].name]
    known = {path.name: path for path in kept}
    unknown = [name for name in names if name not in known]
    if unknown:
        console.print(f"There is no snapshot {unknown[0]}; there are: {', '.join(known)}")
        return 2
    old, new = (known[name] for name in names)
    console.print(f"{old.name} -> {new.name}")
    for line in [*changed_tables(old, new), *changed_answers(old, new)] or ["Nothing differs."]:
        console.print(line)
    return 0


def snapshots(folder: Path) -> list[Path]:
    """Return the snapshots that are kept, oldest first."""
    found = [path for path in folder.glob("*") if (path / "answers.json").exists()]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)


def changed_tables(old: Path, new: Path) -> list[str]:
    """Say of each table whose rows differ how many there were and are."""
    before, after = read_manifest(old), read_manifest(new)
    said = []
    for name in sorted({*before.get("tables", {}), *after.get("tables", {})}):
        rows = [each.get("tables", {}).get(name, {}).get("rows") for each in (before, after)]
        digests = [
            each.get("files", {}).get(f"parquet/{name}/{name}.parquet", {}).get("sha256")
            for each in (before, after)
        ]
        if digests[0] != digests[1]:
            told = [f"{count:,}" if count is not None else "none" for count in rows]
            said.append(f"table {name}: {told[0]} -> {told[1]} rows")
    return said


def changed_answers(old: Path, new: Path) -> list[str]:
    """Say of each answer that differs what its figure, or else its sentence, was and is."""
    before, after = (_answers(folder) for folder in (old, new))
    said = []
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        if one == other:
            continue
        told = [
            "none" if each is None else each["answer"] if each["value"] is None else each["value"]
            for each in (one, other)
        ]
        said.append(f"answer {name}: {told[0]} -> {told[1]}")
    return said


def _answers(folder: Path) -> dict[str, dict[str, Any]]:
    rows = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    return {row["answer_id"]: row for row in rows}
