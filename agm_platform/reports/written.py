"""How numbers are written for people: in pages, in words, and as formats of the workbook."""

from __future__ import annotations

import re
from typing import Any

from agm_platform.reports.figure import Form

NOTHING = "–"
"""What stands where there is no value."""
EXCEL_FORMATS = {
    Form.TEXT: "@",
    Form.DATE: "yyyy-mm-dd",
    Form.INTEGER: "#,##0",
    Form.DECIMAL: "#,##0.00##",
    Form.DOLLARS: "$#,##0.00",
    Form.PERCENT: "0.0%",
}
SHARE = re.compile(r"\b(share|shares|fraction)\b")
"""Units of answers with one of these words are fractions."""


def written(value: Any, form: Form) -> str:
    """Return a value as people read it: 0.2268 of form percent is 22.7 %."""
    if value is None:
        return NOTHING
    match form:
        case Form.INTEGER:
            text = f"{value:,.0f}"
        case Form.DECIMAL:
            text = f"{value:,.2f}" if value == 0 or abs(value) >= 0.1 else f"{value:.3g}"
        case Form.DOLLARS:
            text = f"{'-' if value < 0 else ''}${abs(value):,.2f}"
        case Form.PERCENT:
            text = f"{100 * value:.1f} %"
        case Form.DATE:
            text = value.isoformat()[:10]
        case _:
            text = str(value)
    return text


def form_of_unit(unit: str | None, value: float | None) -> Form:
    """Return how an answer with that unit is written."""
    if unit and SHARE.search(unit):
        return Form.PERCENT
    if unit and re.match(r"USD(?! cents)", unit):
        return Form.DOLLARS
    return Form.INTEGER if value is not None and float(value).is_integer() else Form.DECIMAL


def after_number(unit: str | None) -> str:
    """Return what of a unit is said after its number: 51.1 % of Peak customers, $3.20 a buyer."""
    return re.sub(r"^(USD(?! cents)|(share|fraction)(?= of))\W*", "", unit or "")
