"""Figures as charts that Excel draws itself, from the cells of the table beside them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from agm_platform.reports.axes import PALETTE
from agm_platform.reports.figure import Form, Kind
from agm_platform.reports.written import EXCEL_FORMATS

if TYPE_CHECKING:
    from agm_platform.reports.figure import Drawn

WIDTH, HEIGHT = 720, 380
TYPES = {
    Kind.LINE: {"type": "line"},
    Kind.SCATTER: {"type": "scatter"},
    Kind.INTERVAL: {"type": "bar"},
}


def add_chart(book: Any, sheet: Any, drawn: Drawn, top: int) -> None:
    """Put the chart of a figure right of its table, whose head is in row `top`.

    Intervals need two more columns, the lengths from the value to either end. A heat map is a grid
    that Excel colours, since Excel has no such chart.
    """
    beside = len(drawn.table.columns) + 1
    if drawn.figure.kind is Kind.HEAT:
        _grid(book, sheet, drawn, top, beside)
        return
    lengths = _lengths(sheet, drawn, top, beside) if drawn.figure.low else None
    chart = _chart(book, sheet.get_name(), drawn, top, lengths)
    sheet.insert_chart(
        top, beside + (3 if lengths else 0), chart, {"description": drawn.figure.title}
    )


def _chart(book: Any, name: str, drawn: Drawn, top: int, lengths: int | None) -> Any:
    figure, table = drawn.figure, drawn.table
    is_bar = figure.kind is Kind.BAR
    upright = {"type": "bar" if figure.sideways else "column"}
    chart = book.add_chart(upright if is_bar else dict(TYPES[figure.kind]))
    x, y = table.columns.index(figure.x), table.columns.index(figure.y)
    for number, (series, first, last) in enumerate(_blocks(drawn, top)):
        colour = PALETTE[number % len(PALETTE)]
        options: dict[str, Any] = {
            "name": series or figure.y,
            "categories": [name, first, x, last, x],
            "values": [name, first, y, last, y],
        }
        if figure.kind is Kind.SCATTER:
            fill = {"color": colour}
            options["marker"] = {"type": "circle", "size": 7, "fill": fill, "border": fill}
        elif figure.kind is Kind.LINE:
            options["line"] = {"color": colour, "width": 2}
        else:
            options["fill"] = {"color": colour}
        if lengths is not None:
            ends = {
                "type": "custom",
                "plus_values": f"='{name}'!{_range(first, last, lengths + 1)}",
                "minus_values": f"='{name}'!{_range(first, last, lengths)}",
            }
            options["y_error_bars"] = ends
        chart.add_series(options)
    chart.set_title({"name": figure.title, "name_font": {"size": 12}})
    numbers = {"name": figure.y, "num_format": EXCEL_FORMATS[table.form(figure.y)]}
    places: dict[str, Any] = {"name": figure.x}
    if table.form(figure.x) is Form.DATE:
        places |= {"date_axis": True, "num_format": EXCEL_FORMATS[Form.DATE]}
    if figure.kind is Kind.INTERVAL or (is_bar and figure.sideways):
        # Of bars that lie, the vertical axis is the one of categories; the first row is on top.
        chart.set_y_axis(places | {"reverse": True})
        chart.set_x_axis(numbers)
    else:
        chart.set_x_axis(places)
        chart.set_y_axis(numbers)
    if not figure.colour:
        chart.set_legend({"none": True})
    chart.set_size({"width": WIDTH, "height": HEIGHT})
    return chart


def _blocks(drawn: Drawn, top: int) -> list[tuple[str, int, int]]:
    """Return name, first and last row of each series; its rows stand together."""
    rows, colour = len(drawn.table.rows), drawn.figure.colour
    if not colour:
        return [("", top + 1, top + rows)]
    numbered = enumerate(drawn.table.column(colour), top + 1)
    blocks = []
    for series, group in groupby(numbered, key=lambda pair: pair[1]):
        places = [place for place, _ in group]
        blocks.append((str(series), places[0], places[-1]))
    return blocks


def _lengths(sheet: Any, drawn: Drawn, top: int, beside: int) -> int:
    """Write how far either end of each interval is from its value; return the first column."""
    figure, table = drawn.figure, drawn.table
    assert figure.low is not None
    assert figure.high is not None
    ends = zip(
        table.column(figure.y), table.column(figure.low), table.column(figure.high), strict=True
    )
    sheet.write_string(top, beside, "Value less lower end")
    sheet.write_string(top, beside + 1, "Upper end less value")
    for row, (value, low, high) in enumerate(ends, top + 1):
        if value is not None and low is not None and high is not None:
            sheet.write_number(row, beside, value - low)
            sheet.write_number(row, beside + 1, high - value)
    return beside


def _grid(book: Any, sheet: Any, drawn: Drawn, top: int, beside: int) -> None:
    """Write the numbers of a heat map as a grid and let Excel colour it."""
    figure, table = drawn.figure, drawn.table
    form = book.add_format({"num_format": EXCEL_FORMATS[table.form(figure.number)]})
    across = list(dict.fromkeys(table.column(figure.x)))
    down = list(dict.fromkeys(table.column(figure.y)))
    for column, label in enumerate(across, beside + 1):
        sheet.write(top, column, label)
    for row, label in enumerate(down, top + 1):
        sheet.write(row, beside, label)
    cells = zip(
        table.column(figure.x), table.column(figure.y), table.column(figure.number), strict=True
    )
    for x, y, value in cells:
        if value is not None:
            place = top + 1 + down.index(y), beside + 1 + across.index(x)
            sheet.write_number(*place, value, form)
    sheet.conditional_format(
        top + 1,
        beside + 1,
        top + len(down),
        beside + len(across),
        {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": PALETTE[0]},
    )


def _range(first: int, last: int, column: int) -> str:
    from xlsxwriter.utility import xl_range_abs

    return str(xl_range_abs(first, column, last, column))
