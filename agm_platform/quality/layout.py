"""What a rule must know of a frame before it runs: column types, engine, and comparable values."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import narwhals as nw

from agm_platform.contracts.model import Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from narwhals.dtypes import DType

NUMERIC = (Type.INTEGER, Type.NUMBER)
IN_TIME = (Type.DATE, Type.TIMESTAMP)


class NotPushedDown(Exception):  # noqa: N818  a way out to Great Expectations, not an error
    """The engine cannot judge this rule with the same verdict; Great Expectations must."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The column types of a frame, the engine it lives in, and the order of its rows if it has one.

    `order` names the columns by which the rows are in order; none where no order is known.
    """

    types: Mapping[str, DType]
    engine: nw.Implementation
    order: tuple[str, ...] = ()

    @classmethod
    def of(cls, frame: nw.LazyFrame, order: Sequence[str] = ()) -> Layout:
        """Look at `frame` without running it."""
        return cls(dict(frame.collect_schema()), frame.implementation, tuple(order))

    def type(self, column: str) -> Type | None:
        """Return the contract's word for a column's type, None for any other type.

        Raises ValueError when there is no such column.
        """
        if column not in self.types:
            msg = f"the table has no column {column!r}"
            raise ValueError(msg)
        return type_of(self.types[column])

    def missing(self, column: str) -> nw.Expr:
        """Return where `column` has no value: null, and NaN too in a column of numbers."""
        null = nw.col(column).is_null()
        return null | nw.col(column).is_nan() if self.type(column) is Type.NUMBER else null

    def value(self, column: str) -> nw.Expr:
        """Return `column` for comparisons; what stands for a missing value does not matter."""
        if self.type(column) is Type.TEXT and self.engine.is_pandas_like():
            return nw.col(column).fill_null("")  # pandas cannot compare None with text
        return nw.col(column)

    def text(self, column: str) -> nw.Expr:
        """Return `column` as text, as Great Expectations' lengths and patterns see it."""
        if self.type(column) is Type.TEXT:
            return self.value(column)
        if self.type(column) is Type.INTEGER:
            return nw.col(column).cast(nw.String)
        msg = f"{column!r} is neither text nor a whole number"
        raise NotPushedDown(msg)


def type_of(dtype: DType) -> Type | None:
    """Return the contract's word for a Narwhals type, whatever its width."""
    if dtype == nw.String:
        return Type.TEXT
    if dtype.is_integer():
        return Type.INTEGER
    if dtype.is_float():
        return Type.NUMBER
    return {nw.Boolean: Type.BOOLEAN, nw.Date: Type.DATE, nw.Datetime: Type.TIMESTAMP}.get(
        dtype.base_type()
    )


def bound(value: Any, kind: Type | None) -> Any:
    """Return a limit that can be compared with a column of type `kind`; dates may be ISO text."""
    if kind in NUMERIC and isinstance(value, int | float) and not isinstance(value, bool):
        if math.isfinite(value):
            return value
    elif kind is Type.TEXT and isinstance(value, str):
        return value
    elif kind in IN_TIME and isinstance(value, str | date):
        return _moment(value, kind)
    msg = f"{value!r} cannot be compared with a column of type {kind and kind.name}"
    raise NotPushedDown(msg)


def members(values: Iterable[Any], kind: Type | None) -> list[Any]:
    """Return those of `values` that a column of type `kind` can hold at all, in its own type."""
    if kind is None:
        msg = "the column has a type that no contract knows"
        raise NotPushedDown(msg)
    found = [_member(value, kind) for value in values]
    return [value for value in found if value is not None]


def _member(value: Any, kind: Type) -> Any:
    if kind is Type.TEXT:
        return value if isinstance(value, str) else None
    if kind in IN_TIME:
        with contextlib.suppress(NotPushedDown):
            moment = _moment(value, kind)
            return moment if isinstance(moment, datetime) == (kind is Type.TIMESTAMP) else None
    elif isinstance(value, int | float) and math.isfinite(value):
        return _number(value, kind)
    return None


def _number(value: float, kind: Type) -> Any:
    if kind is Type.BOOLEAN:
        return bool(value) if value in (0, 1) else None
    if kind is Type.NUMBER:
        return float(value)
    return int(value) if value == int(value) and abs(value) < 2**63 else None


def _moment(value: Any, kind: Type | None) -> date:
    """Return a date, or a datetime where the column is one or the value has a time of day."""
    try:
        moment = value if isinstance(value, date) else datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        msg = f"{value!r} is not an ISO date"
        raise NotPushedDown(msg) from error
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    if moment.tzinfo is not None:
        msg = f"{value!r} has a time zone; the columns have none"
        raise NotPushedDown(msg)
    return moment.date() if kind is Type.DATE and moment.time() == time() else moment
