"""Every figure of the catalogue is whole, and its query fits the contracts of its tables."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from agm_platform.reports.catalogue import chapters
from agm_platform.reports.figure import Figure, Kind, LeftOut
from agm_platform.reports.published import Published
from agm_platform_tests.reports.snapshots import PUBLISHED, publish

FIGURES = [figure for chapter in chapters() for figure in chapter.figures]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published folder with every table and no row."""
    return publish(tmp_path_factory.mktemp("empty"), {}, tables=PUBLISHED)


def test_no_two_figures_share_a_name() -> None:
    assert [name for name, count in Counter(f.name for f in FIGURES).items() if count > 1] == []


def test_a_figure_is_called_after_its_source() -> None:
    for chapter in chapters():
        for figure in chapter.figures:
            assert figure.name.startswith(f"{chapter.source}_")


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_the_query_of_a_figure_fits_the_published_tables(figure: Figure, empty: Path) -> None:
    with Published(empty) as tables:
        columns = tables.query(figure.sql).columns
        assert set(figure.drawn) | {*figure.dollars, *figure.rates} <= set(columns)
        assert len(set(columns)) == len(columns)
        assert all(tables.has(name) for name in figure.evidence)
        result = tables.draw(figure)
    assert isinstance(result, LeftOut)
    assert "has no rows" in result.reason


def test_an_interval_without_ends_is_refused() -> None:
    with pytest.raises(ValueError, match="two ends"):
        Figure("a", "A", "A?", ("a.b",), "select 1", Kind.INTERVAL, "x", "y", low="From")


def test_a_heat_map_without_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="colours"):
        Figure("a", "A", "A?", ("a.b",), "select 1", Kind.HEAT, "x", "y")


def test_a_name_that_is_no_anchor_is_refused() -> None:
    with pytest.raises(ValueError, match="lower case"):
        Figure("A b", "A", "A?", ("a.b",), "select 1", Kind.BAR, "x", "y")
