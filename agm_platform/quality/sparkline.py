"""A trend as a small SVG picture, and the same in words for those who cannot see it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BAR, GAP, HEIGHT = 5, 2, 18
LEAST = 4
"""Height of a bar that stands for no failing row, so that it can be seen at all."""


def sparkline(states: Sequence[str], shares: Sequence[float]) -> str:
    """Return an SVG with one bar a result, oldest first.

    A wrong result has a bar of half the height and more, by its share of failing rows (0 to 1), a
    passed one a low bar: state shows without colour too. Colours are the page's classes.
    """
    bars = []
    for number, (state, share) in enumerate(zip(states, shares, strict=True)):
        height: float = LEAST
        if state in {"failed", "crashed"}:
            height = round(HEIGHT / 2 + HEIGHT / 2 * (1.0 if state == "crashed" else share), 1)
        left = number * (BAR + GAP)
        bars.append(
            f'<rect class="{state if state.isalpha() else "off"}" x="{left}"'
            f' y="{HEIGHT - height:g}" width="{BAR}" height="{height:g}"/>'
        )
    width = max(len(states) * (BAR + GAP) - GAP, BAR)
    return (
        f'<svg role="img" aria-label="{states_in_words(states)}" width="{width}"'
        f' height="{HEIGHT}" viewBox="0 0 {width} {HEIGHT}">{"".join(bars)}</svg>'
    )


def states_in_words(states: Sequence[str]) -> str:
    """Return what the picture shows: "last 5 runs: 3 passed, 2 failed; newest failed"."""
    counts = Counter(state for state in states if state.isalpha())
    told = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    runs = "run" if len(states) == 1 else f"{len(states)} runs"
    return f"last {runs}: {told or 'nothing'}; newest {states[-1] if states else 'none'}"
