"""Axes, colours and shapes that the charts of every kind share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agm_platform.reports.figure import Form

if TYPE_CHECKING:
    from agm_platform.reports.figure import Rows

WIDTH = 760
"""Of a chart, in pixels."""
LETTER = 7
"""Width of a letter of a label, in pixels."""
PALETTE = ("#2f7fc1", "#c8641b", "#2a9471", "#a35fc0", "#8a7a2e", "#7b838c")
"""Series colours: at least 3 to 1 against both papers, told apart by colour-blind readers."""
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
FORMATS = {Form.PERCENT: ".0%", Form.DOLLARS: "$,.0f", Form.INTEGER: ",.0f"}


def axis(
    name: str,
    shown: Rows,
    fields: dict[str, str],
    *,
    is_category: bool = False,
    is_upright: bool = False,
) -> dict[str, Any]:
    """Return field, type, title and axis of one column; `is_upright` for categories on y."""
    import altair as alt

    form = shown.form(name)
    told: dict[str, Any] = {"title": name}
    if form is Form.DATE:
        # UTC: a date is a date, whatever zone the machine is in.
        return {
            "field": fields[name],
            "type": "temporal",
            "scale": alt.Scale(type="utc"),
            "axis": alt.Axis(**told, format="%d %b %Y", labelOverlap=True, tickCount=8),
        }
    if is_category or form is Form.TEXT:
        angle = _angle(shown.column(name))
        return {
            "field": fields[name],
            "type": "ordinal",
            "sort": "ascending" if form is Form.INTEGER else None,
            "axis": alt.Axis(**told, labelAngle=0 if is_upright else angle, grid=False),
        }
    if form in FORMATS:
        told["format"] = FORMATS[form]
    if form is Form.INTEGER:
        told["tickMinStep"] = 1
    return {"field": fields[name], "type": "quantitative", "axis": alt.Axis(**told)}


def series(name: str, shown: Rows, fields: dict[str, str]) -> Any:
    """Return the colour that tells series apart."""
    import altair as alt

    members = list(dict.fromkeys(shown.column(name)))
    colours = [PALETTE[place % len(PALETTE)] for place in range(len(members))]
    return alt.Color(
        field=fields[name],
        type="nominal",
        scale=alt.Scale(domain=members, range=colours),
        legend=alt.Legend(title=name),
    )


def shape(name: str, shown: Rows, fields: dict[str, str]) -> Any:
    """Return the shape that tells series apart as well: colour is never the only sign."""
    import altair as alt

    members = list(dict.fromkeys(shown.column(name)))
    shapes = [SHAPES[place % len(SHAPES)] for place in range(len(members))]
    return alt.Shape(
        field=fields[name],
        type="nominal",
        scale=alt.Scale(domain=members, range=shapes),
        legend=alt.Legend(title=name),
    )


def _angle(values: list[Any]) -> int:
    """Return 0 if labels fit side by side under a chart of the usual width, else a slant."""
    names = [str(value) for value in dict.fromkeys(values)]
    return 0 if len(names) * (max(map(len, names)) + 1) * LETTER <= WIDTH else -40
