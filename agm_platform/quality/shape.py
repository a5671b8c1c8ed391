"""The shape of a table: are columns and types those of the contract? Judged before any row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from agm_platform.contracts.model import Table, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from narwhals.dtypes import DType

STORED_AS: dict[Type, DType] = {
    Type.TEXT: nw.String(),
    Type.INTEGER: nw.Int64(),
    Type.NUMBER: nw.Float64(),
    Type.BOOLEAN: nw.Boolean(),
    Type.DATE: nw.Date(),
    Type.TIMESTAMP: nw.Datetime("us"),
}


def shape_name(table: Table) -> str:
    """Return the name of the check of the shape of `table`."""
    return f"{table.name}__shape"


def shape_differences(table: Table, found: Mapping[str, DType]) -> list[str]:
    """Return in words how the columns `found` differ from the contract; their order is free."""
    wanted = {column.name: STORED_AS[column.type] for column in table.columns}
    missing = [f"column {name} is missing" for name in wanted if name not in found]
    unknown = [f"column {name} is not in the contract" for name in found if name not in wanted]
    retyped = [
        f"column {name} is {found[name]}, the contract says {kind}"
        for name, kind in wanted.items()
        if name in found and found[name] != kind
    ]
    return [*missing, *unknown, *retyped]
