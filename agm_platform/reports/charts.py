"""Figures as SVG: drawn by Altair, made by vl-convert without a browser, a script or a network.

Axes and words take the colour of the text around them, so one picture is read on light and dark.
"""

from __future__ import annotations

import math
import re
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any

from agm_platform.reports.axes import PALETTE, WIDTH, axis, series, shape
from agm_platform.reports.figure import Kind
from agm_platform.reports.words import in_words

if TYPE_CHECKING:
    import altair as alt

    from agm_platform.reports.figure import Drawn

INK = "#010203"
"""Stands for the colour of the text: Altair takes no currentColor, the finished SVG does."""
HEIGHT, ROW = 280, 22
MOST_BARS_LABELLED = 40
CIRCLE_STEPS = 72


def svg(drawn: Drawn, ink: str = "currentColor") -> str:
    """Return a figure as one SVG element with title and description; the same bytes each time.

    `ink` is the colour of axes and words: that of the text around, unless the picture stands alone.
    """
    import vl_convert

    # A figure's own words: many figures stand on one page, where an id can be used once.
    name = drawn.figure.name
    text = vl_convert.vegalite_to_svg(_chart(drawn).to_dict(), vl_version="6.4")
    text = text.replace(INK, ink)
    # The whole is one picture with words of its own: its parts are none, and have no words.
    text = re.sub(r' (role="graphics-[a-z]+"|aria-roledescription="[^"]*")', "", text)
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
        )
    )


def _bars(drawn: Drawn, chart: Any, fields: dict[str, str]) -> Any:
    import altair as alt

    figure, shown = drawn.figure, drawn.shown
    x = axis(figure.x, shown, fields, is_category=True, is_upright=figure.sideways)
    y = axis(figure.y, shown, fields)
    count = len(set(shown.column(figure.x)))
    mark: dict[str, Any] = {"color": PALETTE[0]}
    if x["type"] == "temporal":
        mark["size"] = max(2, min(24, 0.7 * WIDTH / _days(shown.column(figure.x))))
        # Half a bar at either end: the first one does not stand on the axis.
        x["scale"] = alt.Scale(type="utc", padding=mark["size"])
    encoding: dict[str, Any] = {}
    if figure.colour:
        encoding["color"] = series(figure.colour, shown, fields)
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
    x, y = axis(figure.x, shown, fields), axis(figure.y, shown, fields)
    encoding: dict[str, Any] = {"x": alt.X(**x)}
    shaped: dict[str, Any] = {}
    if figure.colour:
        encoding["color"] = series(figure.colour, shown, fields)
        shaped["shape"] = shape(figure.colour, shown, fields)
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
    x = axis(figure.x, shown, fields, is_category=True)
    y = axis(figure.y, shown, fields, is_category=True, is_upright=True)
    # By opacity, not by paleness: no number is as good as none on either paper.
    depth = alt.FillOpacity(
        field=fields[figure.number],
        type="quantitative",
        scale=alt.Scale(domainMin=0, range=[0.04, 1]),
        legend=None,
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
    category = axis(figure.x, shown, fields, is_category=True, is_upright=True)
    value = axis(figure.y, shown, fields)
    # An interval that touches nothing at 0 may be read at its own scale: its ends are drawn.
    value["scale"] = alt.Scale(zero=False, nice=True)
    across: dict[str, Any] = {"y": alt.Y(**category)}
    shaped: dict[str, Any] = {}
    mark: dict[str, Any] = {"color": PALETTE[0]}
    if figure.colour:
        across["color"] = series(figure.colour, shown, fields)
        if len(set(shown.column(figure.x))) < len(shown.rows):
            across["yOffset"] = alt.YOffset(fields[figure.colour], type="nominal", sort=None)
        shaped["shape"] = shape(figure.colour, shown, fields)
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
    x, y = axis(figure.x, shown, fields), axis(figure.y, shown, fields)
    height, width = 380, WIDTH
    if figure.rings:
        far = max(*figure.rings, *(abs(v) for n in (figure.x, figure.y) for v in shown.column(n)))
        x["scale"] = y["scale"] = alt.Scale(domain=[-far * 1.05, far * 1.05], nice=False)
        height = width = 420
    encoding: dict[str, Any] = {"x": alt.X(**x), "y": alt.Y(**y)}
    mark: dict[str, Any] = {"color": PALETTE[0]}
    if figure.colour:
        encoding["color"] = series(figure.colour, shown, fields)
        encoding["shape"] = shape(figure.colour, shown, fields)
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


def _days(values: list[date]) -> int:
    return (max(values) - min(values)).days + 1


def _json(value: Any) -> Any:
    return value.isoformat()[:10] if isinstance(value, date) else value
