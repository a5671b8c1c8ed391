"""`@table(CONTRACT)`: a dagster asset whose every property comes from the table's contract."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

import dagster as dg

from agm_platform.contracts.lineage import How, lineage, origin
from agm_platform.contracts.model import Column, Table
from agm_platform.contracts.registry import find_table
from agm_platform.quality.checks import POOL
from agm_platform.warehouse.types import conform

IO_MANAGER = "io_manager"


@dataclass(frozen=True, slots=True)
class Declared:
    """What `@table` was told: the contract, the function, and the table behind each frame.

    `duckdb_only` says why the function does not run on another engine; None where it does.
    """

    contract: Table
    function: Callable[..., Any]
    frames: Mapping[str, Table]
    duckdb_only: str | None


def asset_key(contract: Table) -> dg.AssetKey:
    """Return the key `[source, table]`, which is the DuckDB `schema.table` too."""
    return dg.AssetKey([contract.source, contract.name])


def column_schema(contract: Table) -> dg.TableSchema:
    """Return the columns as the Dagster UI shows them: type, meaning, unit, constraints."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                column.type.name.lower(),
                description=_described(contract, column),
                constraints=dg.TableColumnConstraints(
                    nullable=column.nullable, unique=contract.key == (column.name,)
                ),
                tags={"personal": ""} if column.personal else None,
            )
            for column in contract.columns
        ]
    )


def column_lineage(contract: Table) -> dg.TableColumnLineage | None:
    """Return the columns, one step back, that each column is made of; None unless it is exact."""
    known = lineage().get(contract.full_name)
    if known is None or known.how is How.BY_NAME:
        return None
    return dg.TableColumnLineage(
        {
            column: [
                dg.TableColumnDep(dg.AssetKey(parent.split(".", 1)), name)
                for parent, _, name in (source.rpartition(".") for source in sources)
            ]
            for column, sources in known.columns.items()
        }
    )


def properties(
    contract: Table, partitions: dg.PartitionsDefinition | None, method: str | None = None
) -> dict[str, Any]:
    """Return what AssetSpec, AssetOut and @asset share: all that the contract can tell.

    The description is what the contract says of the table, then how it is made.
    """
    metadata: dict[str, Any] = {"dagster/column_schema": column_schema(contract)}
    if made_of := column_lineage(contract):
        metadata["dagster/column_lineage"] = made_of
    if contract.key:
        metadata["key"] = ", ".join(contract.key)
    if partitions is not None:
        metadata["partition_expr"] = contract.partition_column
    return {
        "description": "\n\n".join(filter(None, [contract.description, method])),
        "group_name": contract.group or contract.source,
        "owners": [contract.owner.value],
        "kinds": {"duckdb"},
        "tags": {
            "personal": "true" if contract.personal else "false",
            "published": "true" if contract.published_columns else "false",
        },
        "metadata": metadata,
    }


def table(
    contract: Table,
    *,
    reads: Mapping[str, Table] | None = None,
    partitions: dg.PartitionsDefinition | None = None,
    deps: list[Any] | None = None,
    tells: Callable[[Any], Mapping[str, Any]] | None = None,
    duckdb_only: str | None = None,
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Turn a function of frames into the asset that fills `contract`'s table.

    What the function returns is cut to the contract's columns and types; columns it has beyond
    them are dropped. A parameter reads the table of its own name in the same source, or the one
    that `reads` gives for it; `**frames` takes all of `reads` that no other parameter names.
    `tells` makes the materialization's metadata from the frame. `duckdb_only` says why the
    function needs DuckDB; one without it is run on Spark too by `make conformance`. Parameters that
    Dagster fills itself (`context` and resources) are left alone. Raises ValueError at import for a
    frame parameter that no contract stands behind.
    """

    def decorate(function: Callable[..., Any]) -> dg.AssetsDefinition:
        frames = {
            name: _contract_for(name, contract.source, reads or {})
            for name in _frames(function, reads or {})
        }
        ins = {name: dg.AssetIn(asset_key(read)) for name, read in frames.items()}

        @wraps(function)
        def conformed(*args: Any, **kwargs: Any) -> Any:
            frame = conform(function(*args, **kwargs), contract)
            return dg.MaterializeResult(value=frame, metadata=tells(frame)) if tells else frame

        conformed.__dict__["declared"] = Declared(contract, function, frames, duckdb_only)
        return dg.asset(
            key=asset_key(contract),
            ins=ins,
            deps=deps,
            partitions_def=partitions,
            backfill_policy=dg.BackfillPolicy.single_run() if partitions else None,
            io_manager_key=IO_MANAGER,
            pool=POOL,
            **properties(contract, partitions, inspect.getdoc(function)),
        )(conformed)

    return decorate


def declared(asset: dg.AssetsDefinition) -> Declared | None:
    """Return what `@table` was told of an asset; None for one that was made otherwise."""
    compute = getattr(asset.op.compute_fn, "decorated_fn", None) if asset.is_executable else None
    found: Declared | None = getattr(compute, "declared", None)
    return found


def table_out(
    contract: Table,
    partitions: dg.PartitionsDefinition | None = None,
    method: str | None = None,
) -> dg.AssetOut:
    """Return the output of a multi-asset that fills `contract`'s table, made by `method`."""
    return dg.AssetOut(
        key=asset_key(contract),
        io_manager_key=IO_MANAGER,
        **properties(contract, partitions, method),
    )


def _frames(function: Callable[..., Any], reads: Mapping[str, Table]) -> list[str]:
    """Return the names of the tables that a function takes as frames."""
    names = []
    for name, parameter in inspect.signature(function).parameters.items():
        if not _is_frame(parameter):
            continue
        rest = parameter.kind is inspect.Parameter.VAR_KEYWORD
        names += [other for other in reads if other not in names] if rest else [name]
    return names


def _is_frame(parameter: inspect.Parameter) -> bool:
    annotation = parameter.annotation
    return getattr(annotation, "__name__", "") in {"LazyFrame", "DataFrame"}


def _contract_for(name: str, source: str, reads: Mapping[str, Table]) -> Table:
    contract = reads.get(name) or find_table(source, name)
    if contract is None:
        msg = f"no table {source}.{name}; give reads={{{name!r}: <contract>}}"
        raise ValueError(msg)
    return contract


def _described(contract: Table, column: Column) -> str:
    notes = [f"Unit: {column.unit}."] if column.unit else []
    notes += ["Personal: never published."] if column.personal else []
    return " ".join([column.description, *notes, str(origin(contract.full_name, column.name))])
