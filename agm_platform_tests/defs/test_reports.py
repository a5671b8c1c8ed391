"""Site and workbook are put into the published folder whole, and leave the snapshot alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import dagster as dg
import pytest

from agm_platform.defs.publish.manifest import read_manifest
from agm_platform.defs.publish.reports import put_into, site, workbook
from agm_platform.defs.publish.shelf import Shelf, point_to
from agm_platform_tests.reports.snapshots import breakdown, publish


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A shelf with one snapshot on it, to which the readers' link leads."""
    days = [breakdown("day", "2020-11-09", 12), breakdown("day", "2020-11-10", 15)]
    target = publish(
        tmp_path / "snapshots" / "one",
        {"peak.delivery_insights": days},
        [{"answer_id": "peak.sales", "as_of": "2020-11-10"}],
    )
    point_to(tmp_path / "published", target)
    return Shelf(
        published_path=str(tmp_path / "published"), snapshots_path=str(tmp_path / "snapshots")
    )


def make(shelf: Shelf, asset: dg.AssetsDefinition) -> dg.ExecuteInProcessResult:
    return dg.materialize([asset], resources={"shelf": shelf}, raise_on_error=False)


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_both_are_put_beside_the_tables_and_say_how_large_they_are(shelf: Shelf) -> None:
    published = Path(shelf.published_path)
    before = files_of(published.resolve())
    for asset in (site, workbook):
        result = make(shelf, asset)
        assert result.success
        (event,) = result.asset_materializations_for_node(asset.node_def.name)
        assert int(str(event.metadata["bytes"].value)) > 1000
    after = files_of(published.resolve())
    unnamed = before.keys() - {"manifest.json"}
    assert {name: after[name] for name in unnamed} == {name: before[name] for name in unnamed}
    assert set(read_manifest(published)["files"]) == {
        name for name in after if name.startswith("site/") or name == "insights.xlsx"
    }
    assert {"site/index.html", "site/peak.html", "insights.xlsx"} <= after.keys() - before.keys()
    assert not [name for name in after if name.startswith(".")]


def test_a_site_that_is_made_again_is_the_same(shelf: Shelf) -> None:
    pages = Path(shelf.published_path) / "site"
    assert make(shelf, site).success
    first = files_of(pages)
    (pages / "left_over.html").write_text("old")
    assert make(shelf, site).success
    assert files_of(pages) == first


@pytest.mark.parametrize("asset", [site, workbook], ids=["site", "workbook"])
def test_one_that_fails_leaves_everything_as_it_was(
    shelf: Shelf, asset: dg.AssetsDefinition
) -> None:
    published = Path(shelf.published_path).resolve()
    assert make(shelf, asset).success
    (published / "answers.json").write_text("{ not json", encoding="utf-8")
    before = files_of(published)
    assert not make(shelf, asset).success
    assert files_of(published) == before


def test_what_a_run_that_died_left_is_in_nobodys_way(shelf: Shelf) -> None:
    published = Path(shelf.published_path).resolve()
    (published / ".new.site").mkdir()
    (published / ".new.site" / "half.html").write_text("half")
    (published / ".new.insights.xlsx").write_text("half")
    assert make(shelf, site).success
    assert make(shelf, workbook).success
    assert not [name for name in files_of(published) if "new" in name or "half" in name]


def test_a_part_replaced_holds_only_what_is_new_and_is_named_with_its_checksum(
    tmp_path: Path,
) -> None:
    manifest = {"run_id": "r", "files": {"answers.json": {}, "site/old.html": {}, "sites": {}}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "old.html").write_text("old")
    assert put_into(tmp_path, "site", write_one_page) == 3
    assert files_of(tmp_path).keys() == {"manifest.json", "site/new.html"}
    files = read_manifest(tmp_path)["files"]
    assert files.keys() == {"answers.json", "sites", "site/new.html"}
    assert files["site/new.html"]["sha256"] == hashlib.sha256(b"new").hexdigest()


def write_one_page(aside: Path) -> int:
    aside.mkdir()
    return (aside / "new.html").write_text("new")
