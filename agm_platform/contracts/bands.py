"""Ordered bands of a number: the one way in which contracts say where low ends and high begins."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bands:
    """Names from low to high and the edges between them.

    An edge belongs to the band below it, so that edges (5, 15) mean up to 5, above 5 up to 15,
    above 15; with `edge_belongs_above` they mean below 5, from 5 below 15, from 15 on. Raises
    ValueError if edges are not strictly rising or do not lie one between every two names.
    """

    names: tuple[str, ...]
    edges: tuple[float, ...]
    edge_belongs_above: bool = False

    def __post_init__(self) -> None:
        """Check names and edges."""
        rising = all(low < high for low, high in zip(self.edges, self.edges[1:], strict=False))
        if not rising or len(self.edges) != len(self.names) - 1:
            msg = f"{self.names}: one edge between two names, rising; there are {self.edges}"
            raise ValueError(msg)
