"""Which band a number falls into, for every insight that groups by one."""

from __future__ import annotations

import narwhals as nw

from agm_platform.contracts.bands import Bands


def banded(value: nw.Expr, bands: Bands) -> nw.Expr:
    """Return the name of the band of each value; null where there is no value."""
    name = nw.lit(bands.names[-1])
    for below, edge in reversed(list(zip(bands.names[:-1], bands.edges, strict=True))):
        is_below = value < edge if bands.edge_belongs_above else value <= edge
        name = nw.when(is_below).then(nw.lit(below)).otherwise(name)
    return nw.when(~value.is_null()).then(name)
