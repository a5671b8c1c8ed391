"""Row conditions: which rows a rule is about, from Great Expectations' forms to an expression.

Understood are the condition dictionaries that Great Expectations writes and simple strings:
`col("x") > 1`, `x > 1 and y == "a"`, `x in [1, 2]`, `x.notnull()`, `d >= date("2020-10-03")`. As in
pandas a missing value is unequal to everything. Other strings are left to Great Expectations.
"""

from __future__ import annotations

import ast
import operator
from functools import reduce
from typing import TYPE_CHECKING, Any

import narwhals as nw

from agm_platform.contracts.model import Type
from agm_platform.quality.layout import IN_TIME, NUMERIC, Layout, NotPushedDown, bound, members

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

COMPARISONS: dict[str, Callable[[Any, Any], nw.Expr]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
IN_PYTHON: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "IN",
    ast.NotIn: "NOT_IN",
}
JOINS: dict[type[ast.AST], Callable[[Any, Any], nw.Expr]] = {
    ast.And: operator.and_,
    ast.BitAnd: operator.and_,
    ast.Or: operator.or_,
    ast.BitOr: operator.or_,
}
NULLITY = {"isnull": True, "isna": True, "notnull": False, "notna": False}


def row_condition(kwargs: Mapping[str, Any], layout: Layout) -> nw.Expr | None:
    """Return where a rule with these arguments applies (never null), None if everywhere.

    Raises NotPushedDown for a form that is not understood.
    """
    condition = kwargs.get("row_condition")
    if condition is None or condition == "":
        return None
    return (
        _dictionary(condition, layout) if isinstance(condition, dict) else _text(condition, layout)
    )


def _dictionary(condition: Mapping[str, Any], layout: Layout) -> nw.Expr:
    match condition:
        case {"type": "comparison", "column": {"name": name}, "operator": sign, "parameter": value}:
            return _compared(name, sign, value, layout)
        case {"type": "nullity", "column": {"name": name}, "is_null": is_null}:
            missing = layout.missing(name)
            return missing if is_null else ~missing
        case {"type": "and" | "or" as joined, "conditions": [_, *_] as parts}:
            join = operator.and_ if joined == "and" else operator.or_
            return reduce(join, [_dictionary(part, layout) for part in parts])
        case {"type": "pass_through", "pass_through_filter": text}:
            return _text(text, layout)
    raise _not_understood(condition)


def _text(condition: Any, layout: Layout) -> nw.Expr:
    try:
        tree = ast.parse(condition.strip(), mode="eval").body
    except (SyntaxError, ValueError, AttributeError) as error:
        raise _not_understood(condition) from error
    return _node(tree, layout)


def _node(node: ast.expr, layout: Layout) -> nw.Expr:
    match node:
        case ast.BoolOp(op=joined, values=parts):
            return reduce(JOINS[type(joined)], [_node(part, layout) for part in parts])
        case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr() as joined, right=right):
            return JOINS[type(joined)](_node(left, layout), _node(right, layout))
        case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=part):
            return ~_node(part, layout)
        case ast.Call(func=ast.Attribute(value=value, attr=test), args=[]) if test in NULLITY:
            missing = layout.missing(_column(value))
            return missing if NULLITY[test] else ~missing
        case ast.Name(id=name) if layout.type(name) is Type.BOOLEAN:
            return ~layout.missing(name) & nw.col(name)
        case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in IN_PYTHON:
            return _comparison(left, IN_PYTHON[type(sign)], right, layout)
    raise _not_understood(ast.unparse(node))


def _comparison(left: ast.expr, sign: str, right: ast.expr, layout: Layout) -> nw.Expr:
    name = _column(left)
    try:
        other = _column(right)
    except NotPushedDown:
        return _compared(name, sign, _constant(right), layout)
    kinds = (layout.type(name), layout.type(other))
    if sign not in COMPARISONS or not comparable(*kinds):
        raise _not_understood(ast.unparse(right))
    missing = layout.missing(name) | layout.missing(other)
    holds = COMPARISONS[sign](layout.value(name), layout.value(other))
    return missing | holds if sign == "!=" else ~missing & holds


def _compared(name: str, sign: str, value: Any, layout: Layout) -> nw.Expr:
    kind, missing = layout.type(name), layout.missing(name)
    if sign in {"IN", "NOT_IN"} and isinstance(value, list | tuple):
        found = members(value, kind)
        holds = ~missing & layout.value(name).is_in(found) if found else ~missing & missing
        return ~holds if sign == "NOT_IN" else holds
    if sign not in COMPARISONS:
        raise _not_understood(sign)
    if isinstance(value, bool):
        (limit,) = members([value], kind) or [None]
        if limit is None:
            raise _not_understood(value)
    else:
        limit = bound(value, kind)
    holds = COMPARISONS[sign](layout.value(name), limit)
    return missing | holds if sign == "!=" else ~missing & holds


def comparable(left: Any, right: Any) -> bool:
    """Whether two columns of these types compare: the same, both numbers, or both in time."""
    both = {left, right}
    return left is not None and (len(both) == 1 or both <= {*NUMERIC} or both <= {*IN_TIME})


def _column(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Call(func=ast.Name(id="col"), args=[ast.Constant(value=str(name))]):
            return name
    raise _not_understood(ast.unparse(node))


def _constant(node: ast.expr) -> Any:
    match node:
        case ast.Call(func=ast.Name(id="date"), args=[ast.Constant(value=str(text))]):
            return text
    try:
        return ast.literal_eval(node)
    except ValueError as error:
        raise _not_understood(ast.unparse(node)) from error


def _not_understood(condition: object) -> NotPushedDown:
    return NotPushedDown(f"row condition {condition!r} is left to Great Expectations")
