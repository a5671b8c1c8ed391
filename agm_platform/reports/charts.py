"""Figures as SVG: drawn by Altair, made by vl-convert without a browser, a script or a network.

Axes and words take the colour of the text around them, so one picture is read on light and dark.
"""

from __future__ import annotations

import math
import re
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any

from agm_platform.reports.figure import Form, Kind, Rows
from agm_platform.reports.words import in_words

if TYPE_CHECKING:
    import altair as alt

    from agm_platform.reports.figure import Drawn

INK = "#010203"
"""Stands for the colour of the text: Altair takes no currentColor, the finished SVG does."""
PALETTE = ("#2f7fc1", "#c8641b", "#2a9471", "#a35fc0", "#8a7a2e", "#7b838c")
"""Series colours: at least 3 to 1 against both papers, told apart by colour-blind readers."""
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
WIDTH, HEIGHT, ROW = 640, 260, 22
MOST_BARS_LABELLED = 40
CIRCLE_STEPS = 72
_AXIS_FORMATS = {Form.PERCENT: ".0%", Form.DOLLARS: "$,.0f", Form.INTEGER: ",.0f"}


def svg(drawn: Drawn) -> str:
    """Return a figure as one SVG element with title and description; the same bytes each time."""
    import vl_convert

    # A figure's own words: many figures stand on one page, where an id can be used once.
    name = drawn.figure.name
    text = vl_convert.vegalite_to_svg(_chart(drawn).to_dict(), vl_version="6.4")
    text = text.replace(INK, "currentColor")
    text = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{name}-", text)
    start = re.match(r"<svg[^>]*>", text)
    assert start is not None
    size = re.search(r'viewBox="([^"]*)"', start.group())
    assert size is not None
    title, words = escape(drawn.figure.title), escape(in_words(drawn))
    width = math.ceil(float(size[1].split()[2]))
    return (
        f'<svg role="img" aria-labelledby="{name}-title {name}-words" viewBox="{size[1]}"'
        f' width="{width}"><title id="{name}-title">{title}</title>'
        f'<desc id="{name}-words">{words}</desc>{text[start.end() :]}'
    )


def _chart(drawn: Drawn) -> alt.TopLevelMixin:
    import altair as alt

    shown, figure = drawn.shown, drawn.figure
    # Names of columns are words, which a chart's grammar would take apart at dots and brackets.
    fields = {name: f"c{place}" for place, name in enumerate(shown.columns)}
    data = alt.Data(
        values=[dict(zip(fields.values(), map(_json, row), strict=True)) for row in shown.rows]
    )
    draw = {
        Kind.BAR: _bars,
        Kind.LINE: _lines,
        Kind.HEAT: _heat,
        Kind.INTERVAL: _intervals,
        Kind.SCATTER: _points,
    }[figure.kind]
    chart = draw(drawn, alt.Chart(data), fields)
    return (
        chart.configure(background="transparent", font="sans-serif", aria=False)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK,
            titleColor=INK,
            domainColor=INK,
            tickColor=INK,
            gridColor=INK,
            gridOpacity=0.15,
            domainOpacity=0.5,
            tickOpacity=0.5,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            labelLimit=260,
        )
        .configure_legend(
            orient="top",
            labelColor=INK,
            titleColor=INK,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            labelLimit=300,
            symbolLimit=0,
        )
    )


def _bars(drawn: Drawn, chart: Any, fields: dict[str, str]) -> Any:
    import altair as alt

    figure, shown = drawn.figure, drawn.shown
    x = _axis(figure.x, shown, fields, is_category=True, is_upright=figure.sideways)
    y = _axis(figure.y, shown, fields)
    count = len(set(shown.column(figure.x)))
    mark: dict[str, Any] = {"color": PALETTE[0]}
    if x["type"] == "temporal":
        mark["size"] = max(2, min(24, 0.7 * WIDTH / _days(shown.column(figure.x))))
    encoding: dict[str, Any] = {}
    if figure.colour:
        encoding["color"] = _series(figure.colour, shown, fields)
        offset = alt.YOffset if figure.sideways else alt.XOffset
        key = "yOffset" if figure.sideways else "xOffset"
        encoding[key] = offset(fields[figure.colour], type="nominal", sort=None)
    if figure.sideways:
        bars = max(count, len(shown.rows))
        return (
            chart.mark_bar(**mark)
            .encode(y=alt.Y(**x), x=alt.X(**y), **encoding)
            .properties(width=WIDTH - 160, height=ROW * bars)
        )
    if count > MOST_BARS_LABELLED and x["type"] != "temporal":
        x["axis"].labelOverlap = True
    return (
        chart.mark_bar(**mark)
        .encode(x=alt.X(**x), y=alt.Y(**y), **encoding)
        .properties(width=WIDTH, height=HEIGHT)
    )


def _lines(drawn: Drawn, chart: Any, fields: dict[str, str]) -> Any:
    import altair as alt

    figure, shown = drawn.figure, drawn.shown
    x, y = _axis(figure.x, shown, fields), _axis(figure.y, shown, fields)
    encoding: dict[str, Any] = {"x": alt.X(**x)}
    shaped: dict[str, Any] = {}
    if figure.colour:
        encoding["color"] = _series(figure.colour, shown, fields)
        shaped["shape"] = _shape(figure.colour, shown, fields)
    mark = {} if figure.colour else {"color": PALETTE[0]}
    layers = []
    if figure.low and figure.high:
        y_low = alt.Y(**{**y, "field": fields[figure.low]})
        layers.append(
            chart.mark_area(opacity=0.22, **mark).encode(
                y=y_low, y2=alt.Y2(fields[figure.high]), **encoding
            )
        )
    layers.append(chart.mark_line(strokeWidth=2, **mark).encode(y=alt.Y(**y), **encoding))
    layers.append(
        chart.mark_point(filled=True, size=36, opacity=1, **mark).encode(
            y=alt.Y(**y), **encoding, **shaped
        )
    )
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


def _heat(drawn: Drawn, chart: Any, fields: dict[str, str]) -> Any:
    import altair as alt

    figure, shown = drawn.figure, drawn.shown
    x = _axis(figure.x, shown, fields, is_category=True)
    y = _axis(figure.y, shown, fields, is_category=True, is_upright=True)
    form = _AXIS_FORMATS.get(shown.form(figure.number), "")
    # By opacity, not by paleness: no number is as good as none on either paper.
    depth = alt.FillOpacity(
        field=fields[figure.number],
        type="quantitative",
        scale=alt.Scale(domainMin=0, range=[0.04, 1]),
        legend=alt.Legend(
            title=figure.number,
            format=form,
            symbolType="square",
            symbolFillColor=PALETTE[0],
            symbolStrokeWidth=0,
            orient="top",
        ),
    )
    rows = len(set(shown.column(figure.y)))
    return (
        chart.mark_rect(fill=PALETTE[0])
        .encode(x=alt.X(**x), y=alt.Y(**y), fillOpacity=depth)
        .properties(width=WIDTH, height=max(3, rows) * (ROW + 4))
    )


def _intervals(drawn: Drawn, chart: Any, fields: dict[str, str]) -> Any:
    import altair as alt

    figure, shown = drawn.figure, drawn.shown
    assert figure.low is not None
    assert figure.high is not None
    category = _axis(figure.x, shown, fields, is_category=True, is_upright=True)
    value = _axis(figure.y, shown, fields)
    # An interval that touches nothing at 0 may be read at its own scale: its ends are drawn.
    value["scale"] = alt.Scale(zero=False, nice=True)
    across: dict[str, Any] = {"y": alt.Y(**category)}
    shaped: dict[str, Any] = {}
    mark: dict[str, Any] = {"color": PALETTE[0]}
    if figure.colour:
        across["color"] = _series(figure.colour, shown, fields)
        across["yOffset"] = alt.YOffset(fields[figure.colour], type="nominal", sort=None)
        shaped["shape"] = _shape(figure.colour, shown, fields)
        mark = {}
    rule = chart.mark_rule(strokeWidth=2, **mark).encode(
        x=alt.X(**{**value, "field": fields[figure.low]}), x2=alt.X2(fields[figure.high]), **across
    )
    point = chart.mark_point(filled=True, size=70, opacity=1, **mark).encode(
        x=alt.X(**value), **across, **shaped
    )
    return alt.layer(rule, point).properties(
        width=WIDTH - 160, height=ROW * max(2, len(shown.rows))
    )


def _points(drawn: Drawn, chart: Any, fields: dict[str, str]) -> Any:
    import altair as alt

    figure, shown = drawn.figure, drawn.shown
    x, y = _axis(figure.x, shown, fields), _axis(figure.y, shown, fields)
    height, width = 380, WIDTH
    if figure.rings:
        far = max(*figure.rings, *(abs(v) for n in (figure.x, figure.y) for v in shown.column(n)))
        x["scale"] = y["scale"] = alt.Scale(domain=[-far * 1.05, far * 1.05], nice=False)
        height = width = 420
    encoding: dict[str, Any] = {"x": alt.X(**x), "y": alt.Y(**y)}
    mark: dict[str, Any] = {"color": PALETTE[0]}
    if figure.colour:
        encoding["color"] = _series(figure.colour, shown, fields)
        encoding["shape"] = _shape(figure.colour, shown, fields)
        mark = {}
    layers = [chart.mark_point(filled=True, size=80, opacity=0.9, **mark).encode(**encoding)]
    for radius in figure.rings:
        turns = [2 * math.pi * step / CIRCLE_STEPS for step in range(CIRCLE_STEPS + 1)]
        ring = [
            {"n": n, "x": round(radius * math.cos(turn), 4), "y": round(radius * math.sin(turn), 4)}
            for n, turn in enumerate(turns)
        ]
        layers.append(
            alt.Chart(alt.Data(values=ring))
            .mark_line(color=INK, opacity=0.6, strokeDash=[5, 4])
            .encode(x="x:Q", y="y:Q", order="n:Q")
        )
    return alt.layer(*layers).properties(width=width, height=height)


def _axis(
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
    axis: dict[str, Any] = {"title": name}
    if form is Form.DATE:
        # UTC: a date is a date, whatever zone the machine is in.
        return {
            "field": fields[name],
            "type": "temporal",
            "scale": alt.Scale(type="utc"),
            "axis": alt.Axis(**axis, format="%d %b %Y", labelOverlap=True, tickCount=8),
        }
    if is_category or form is Form.TEXT:
        angle = _angle(shown.column(name))
        return {
            "field": fields[name],
            "type": "ordinal",
            "sort": None,
            "axis": alt.Axis(**axis, labelAngle=0 if is_upright else angle, grid=False),
        }
    if form in _AXIS_FORMATS:
        axis["format"] = _AXIS_FORMATS[form]
    if form is Form.INTEGER:
        axis["tickMinStep"] = 1
    return {"field": fields[name], "type": "quantitative", "axis": alt.Axis(**axis)}


def _series(name: str, shown: Rows, fields: dict[str, str]) -> Any:
    import altair as alt

    members = list(dict.fromkeys(shown.column(name)))
    colours = [PALETTE[place % len(PALETTE)] for place in range(len(members))]
    return alt.Color(
        field=fields[name],
        type="nominal",
        scale=alt.Scale(domain=members, range=colours),
        legend=alt.Legend(title=name),
    )


def _shape(name: str, shown: Rows, fields: dict[str, str]) -> Any:
    """Series differ by shape as well: colour is never the only sign."""
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
    return 0 if len(names) * (max(map(len, names)) + 1) * 7 <= WIDTH else -40


def _days(values: list[date]) -> int:
    return (max(values) - min(values)).days + 1


def _json(value: Any) -> Any:
    return value.isoformat()[:10] if isinstance(value, date) else value
