"""The dashboard opens the snapshot that readers get, and draws figures from some of its rows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import narwhals as nw
import pytest

from agm_platform.dashboard.snapshot import Snapshot, current, made
from agm_platform.dashboard.tables import as_csv, narrowed
from agm_platform.reports.catalogue import chapters
from agm_platform.reports.figure import Drawn, LeftOut
from agm_platform_tests.reports.conftest import ANSWERS, ROWS
from agm_platform_tests.reports.snapshots import publish

TABLE = "peak.delivery_insights"
FIGURES = {figure.name: figure for chapter in chapters() for figure in chapter.figures}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("published"), ROWS, ANSWERS)


def test_what_is_not_whole_is_no_snapshot(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "published"
    assert current(link) is None
    link.symlink_to(tmp_path / "empty")
    assert current(link) is None
    link.unlink()
    link.symlink_to(folder)
    assert current(link) == folder.resolve()


def test_a_figure_of_all_rows_is_the_one_of_the_site(folder: Path) -> None:
    with Snapshot(folder) as snapshot:
        drawn = [
            (figure, snapshot.draw(figure), snapshot.draw_from(figure, {}))
            for figure in FIGURES.values()
        ]
    assert len([one for _, one, _ in drawn if isinstance(one, Drawn)]) > 5
    for figure, all_rows, from_all in drawn:
        assert all_rows == from_all, figure.name


def test_a_figure_follows_the_filters(folder: Path) -> None:
    figure = FIGURES["peak_meals_by_product"]
    with Snapshot(folder) as snapshot:
        rows = narrowed(snapshot.table(TABLE), {"member": ["=1+1"]})
        drawn = snapshot.draw_from(figure, {TABLE: rows})
        none = snapshot.draw_from(
            figure, {TABLE: narrowed(snapshot.table(TABLE), {"member": ["it's not there"]})}
        )
    assert isinstance(drawn, Drawn)
    assert [row[0] for row in drawn.table.rows] == ["=1+1"]
    assert isinstance(none, LeftOut)


def test_a_figure_whose_table_is_not_published_says_so(folder: Path) -> None:
    with Snapshot(folder) as snapshot:
        left_out = snapshot.draw_from(FIGURES["sales_tiers"], {})
    assert isinstance(left_out, LeftOut)
    assert "sales.tier_value is not in this snapshot" in left_out.reason


def test_nothing_can_be_written_to_a_snapshot(folder: Path) -> None:
    before = (folder / "insights.duckdb").read_bytes()
    with Snapshot(folder) as snapshot:
        with pytest.raises(duckdb.Error, match="read-only"):
            snapshot._views.execute(f"delete from snapshot.{TABLE}")
        with pytest.raises(duckdb.Error, match="read-only"):
            snapshot._db.execute(f"delete from {TABLE}")
    assert (folder / "insights.duckdb").read_bytes() == before


def test_a_download_is_made_after_the_page_has_closed_the_snapshot(folder: Path) -> None:
    chosen = {"dimension": ["product"], "member": ["=1+1"]}
    assert len(made(folder, TABLE, chosen, None, as_csv).decode().splitlines()) == 2
    with Snapshot(folder) as snapshot:
        rows = snapshot.rows(TABLE, chosen)
        assert made(folder, TABLE, chosen, None, as_csv) == as_csv(nw.to_native(rows))
    added_up = made(folder, TABLE, {}, "dimension", as_csv).decode().splitlines()
    assert added_up[0].startswith("dimension,rows")


def test_a_download_of_a_deleted_snapshot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        made(tmp_path / "gone", TABLE, {}, None, as_csv)
