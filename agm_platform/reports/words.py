"""What a chart shows in words, made from its rows: for those who cannot see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agm_platform.reports.figure import Form, Kind
from agm_platform.reports.written import written

if TYPE_CHECKING:
    from agm_platform.reports.figure import Drawn

CALLED = {
    Kind.BAR: "Bar chart",
    Kind.LINE: "Line chart",
    Kind.HEAT: "Heat map",
    Kind.INTERVAL: "Values with their intervals",
    Kind.SCATTER: "Scatter plot",
}


def in_words(drawn: Drawn) -> str:
    """Return the kind of chart, how many values, and the highest and the lowest."""
    figure, shown = drawn.figure, drawn.shown
    name = figure.number
    place = shown.columns.index(name)
    form = shown.form(name)
    highest = max(shown.rows, key=lambda row: row[place])
    lowest = min(shown.rows, key=lambda row: row[place])

    def at(row: tuple[Any, ...]) -> str:
        wheres = [figure.x, *([figure.y] if figure.kind is Kind.HEAT else [])]
        if figure.colour and figure.colour != name:
            wheres.append(figure.colour)
        told = []
        for where in wheres:
            text = written(row[shown.columns.index(where)], shown.form(where))
            told.append(text if shown.form(where) is Form.TEXT else f"{where} {text}")
        value = written(row[place], form)
        if figure.low and figure.high:
            ends = [shown.columns.index(end) for end in (figure.low, figure.high)]
            if all(row[end] is not None for end in ends):
                value += f" (interval {' to '.join(written(row[end], form) for end in ends)})"
        return f"{value} at {', '.join(told)}"

    sentences = [f"{CALLED[figure.kind]} of {name}, {_counted(len(shown.rows), 'value')}"]
    if len(shown.rows) == 1:
        sentences.append(at(highest))
    elif highest[place] == lowest[place]:
        sentences.append(f"All are {written(highest[place], form)}")
    else:
        sentences += [f"Highest: {at(highest)}", f"Lowest: {at(lowest)}"]
    if drawn.hidden:
        sentences.append(f"{_counted(drawn.hidden, 'row')} without a figure")
    return ". ".join(sentences) + "."


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
