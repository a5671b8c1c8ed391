"""Rules about the type of a column, judged by the type it is stored as, without a query.

Great Expectations compares with the type names of the engine it runs on, so that a suite written
for pandas fails on Spark. Here a name of any of them is understood: numpy and pandas (`int64`,
`object`), SQL (`BIGINT`), Spark (`LongType`) and the contract's own words (`integer`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from agm_platform.quality.layout import type_of
from agm_platform.quality.plan import Plan
from agm_platform.quality.results import Judgement

if TYPE_CHECKING:
    from narwhals.dtypes import DType

    from agm_platform.contracts.model import Rule
    from agm_platform.quality.layout import Layout

WHOLE_NUMBERS = {
    nw.Int8: "int8 tinyint bytetype",
    nw.Int16: "int16 smallint short shorttype",
    nw.Int32: "int32 integertype int4",
    nw.Int64: "int64 int64dtype bigint longtype",
    nw.Int128: "int128 hugeint",
    nw.UInt8: "uint8 utinyint",
    nw.UInt16: "uint16 usmallint",
    nw.UInt32: "uint32 uinteger",
    nw.UInt64: "uint64 ubigint",
}
NAMES: dict[type[DType], str] = {
    # `int` and `integer` say nothing of the width: every one of them will do.
    **{kind: f"{names} int integer long" for kind, names in WHOLE_NUMBERS.items()},
    nw.Float32: "float32 float real floattype number",
    nw.Float64: "float64 float double double_precision doubletype number",
    nw.String: "str string string_types object object_ varchar text char stringtype stringdtype",
    nw.Boolean: "bool bool_ boolean booleantype booleandtype",
    # numpy has no days: a suite for pandas calls them moments.
    nw.Date: "date datetype datetime64 datetime64[ns] datetime64[us]",
    nw.Datetime: "datetime datetime64 datetime64[ns] datetime64[us] timestamp timestamptype"
    " timestampntztype",
}
KNOWN_NAMES = frozenset(name for names in NAMES.values() for name in names.split())


def of_type(rule: Rule, layout: Layout) -> Plan:
    """Plan the rule that a column has a type: all its values or none."""
    return _plan(rule, layout, [rule.kwargs["type_"]])


def in_type_list(rule: Rule, layout: Layout) -> Plan:
    """Plan the rule that a column has one of some types; no list at all is always satisfied."""
    return _plan(rule, layout, rule.kwargs["type_list"])


def _plan(rule: Rule, layout: Layout, names: Any) -> Plan:
    """Raise ValueError for a missing column and for a type name that no engine knows."""
    layout.type(rule.kwargs["column"])
    stored = layout.types[rule.kwargs["column"]]
    wanted = None if names is None else [str(name).lower().replace(" ", "_") for name in names]
    unknown = sorted(set(wanted or ()) - KNOWN_NAMES)
    if unknown:
        msg = f"no engine knows a type {', '.join(unknown)}"
        raise ValueError(msg)
    own = NAMES.get(stored.base_type(), "").split()
    passed = wanted is None or any(name in own for name in wanted)
    kind = type_of(stored)
    judgement = Judgement(passed, observed=str(stored) if kind is None else kind.name.lower())
    return Plan(rule, {}, lambda _: judgement)
