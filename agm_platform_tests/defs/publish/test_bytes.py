"""Two runs on the same files in fresh folders publish the same bytes, or the manifest says why."""

from __future__ import annotations

import hashlib
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from agm_platform.cli.run import _look
from agm_platform.contracts.model import Type
from agm_platform.contracts.registry import TABLES
from agm_platform.definitions import defs
from agm_platform.defs.publish import snapshot
from agm_platform.defs.publish.manifest import DIFFERS_ANYWAY, read_manifest
from agm_platform.settings import REPOSITORY, get_settings

FEEDS = ("stores", "products", "sales", "line_items", "customers", "zip_codes")
MADE = (
    *(f"agm/raw_{name}" for name in (*FEEDS, "holidays", "files")),
    *(f"agm/staged_{name}" for name in ("sales", "line_items", "customers")),
    *(f"agm/{name}" for name in ("stores", "products", "customers", "orders", "order_lines")),
    *("agm/quarantine", "agm/reconciliation", "agm/sales_insights", "agm/segments"),
    *("landing/ledger", "quality/quarantine_log", "quality/quarantine_summary"),
    *("answers/agm", "answers/answers", "publish/snapshot", "publish/site", "publish/workbook"),
)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What two runs published: the beginnings of AGM's sample files."""
    landing = tmp_path_factory.mktemp("landing")
    (landing / "agm").mkdir()
    for path in sorted((REPOSITORY / "data" / "samples" / "agm").iterdir()):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        (landing / "agm" / path.name).write_text("".join(lines[:150]), encoding="utf-8")
    return [_run(landing, tmp_path_factory.mktemp("data")) for _ in range(2)]


def _run(landing: Path, data: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AGM_LANDING", str(landing))
        patch.setenv("AGM_DATA", str(data))
        patch.setenv("AGM_PSEUDONYM_KEY", "5e" * 32)
        # Tables that nobody made would only be empty, and judging them takes most of the time.
        for tables in ("PUBLISHED", "CHECKED"):
            made = [t for t in getattr(snapshot, tables) if f"{t.source}/{t.name}" in MADE]
            patch.setattr(snapshot, tables, made)
        _look(Console(quiet=True), get_settings())
        definitions = defs()
        result = dg.materialize(
            [asset for asset in definitions.assets or () if isinstance(asset, dg.AssetsDefinition)],
            selection=[dg.AssetKey(name.split("/")) for name in MADE],
            resources=definitions.resources,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    assert result.success
    return data / "published"


def test_only_what_the_manifest_tells_differs(published: list[Path]) -> None:
    one, two = map(_files, published)
    assert one.keys() == two.keys()
    different = {name for name in one if one[name] != two[name]}
    told = read_manifest(published[0])["differs_between_runs_on_the_same_input"]
    assert different <= told.keys(), different - told.keys()
    assert {"manifest.json", "parquet/landing.ledger/landing.ledger.parquet"} <= different


def test_the_manifest_names_every_file_with_its_checksum(published: list[Path]) -> None:
    files = _files(published[0])
    named = read_manifest(published[0])["files"]
    assert named.keys() == files.keys() - {"manifest.json"}
    assert {"site/agm.html", "insights.xlsx"} <= named.keys()
    for name, facts in named.items():
        assert facts == {
            "sha256": hashlib.sha256(files[name]).hexdigest(),
            "bytes": len(files[name]),
        }


def test_every_table_with_moments_or_runs_is_told_to_differ() -> None:
    timed = {
        f"parquet/{table.full_name}/{table.full_name}.parquet"
        for table in TABLES
        for column in table.published_columns
        if column.type is Type.TIMESTAMP or "run" in column.name.split("_")
    }
    assert timed
    assert timed <= DIFFERS_ANYWAY.keys()


def _files(folder: Path) -> dict[str, bytes]:
    top = folder.resolve()
    return {
        str(path.relative_to(top)): path.read_bytes()
        for path in sorted(top.rglob("*"))
        if path.is_file()
    }
