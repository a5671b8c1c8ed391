"""Bands of a number."""

import narwhals as nw
import pandas as pd
import pytest

from agm_platform.contracts.bands import Bands
from agm_platform.defs.insights.bands import banded

NAMES = ("low", "mid", "high")


def names_of(bands: Bands, *values: float | None) -> list[str | None]:
    """Return the band of each value."""
    frame = nw.from_native(pd.DataFrame({"value": list(values)}, dtype="Float64"))
    found = frame.select(band=banded(nw.col("value"), bands))["band"].to_list()
    return [name if isinstance(name, str) else None for name in found]


def test_an_edge_belongs_to_the_band_below_it() -> None:
    assert names_of(Bands(NAMES, (5, 15)), 0, 5, 5.01, 15, 15.01, None) == [
        "low",
        "low",
        "mid",
        "mid",
        "high",
        None,
    ]


def test_an_edge_can_belong_to_the_band_above_it() -> None:
    assert names_of(Bands(NAMES, (5, 15), edge_belongs_above=True), 4.99, 5, 15) == [
        "low",
        "mid",
        "high",
    ]


@pytest.mark.parametrize("edges", [(5,), (15, 5), (5, 5), (1, 2, 3)])
def test_edges_that_do_not_part_the_names_are_refused(edges: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="one edge between two names"):
        Bands(NAMES, edges)
