"""Rules that are SQL: rows that a query finds unexpected, and the row count of another table.

The query runs in the engine that holds the table, beside all its other tables; `{batch}` stands
for the rows under test. Only a count comes back, never a row. Both engines stand side by side;
elsewhere (pandas) Great Expectations cannot run SQL either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from agm_platform.quality.layout import NotPushedDown
from agm_platform.quality.plan import Plan
from agm_platform.quality.results import Judgement

if TYPE_CHECKING:
    from collections.abc import Mapping

    import narwhals as nw

    from agm_platform.contracts.model import Rule
    from agm_platform.quality.layout import Layout

ABOUT_THE_QUERY = frozenset(
    [
        "BinderException",
        "CatalogException",
        "ParserException",
        "AnalysisException",
        "ParseException",
    ]
)
"""Errors that speak of the query itself. The text of others may quote values of any table."""


class QueryFailedError(RuntimeError):
    """The engine could not run a rule's query; the message holds no value of the data."""


def unexpected_rows(rule: Rule, layout: Layout) -> Plan:
    """Plan the rule that a query finds no row. Raises ValueError for a stray brace in it."""
    _needs_sql(layout)
    query = rule.kwargs["unexpected_rows_query"]
    written(query, "batch")
    key = ("unexpected_rows", rule.name)
    return Plan(
        rule,
        {},
        lambda figures: Judgement(figures[key] == 0, observed=figures[key]),
        asked={key: lambda frame: _count(frame, query)},
    )


def other_table(rule: Rule, layout: Layout) -> Plan:
    """Plan the rule that the table has as many rows as another one of the same engine."""
    _needs_sql(layout)
    name = ".".join(f'"{part}"' for part in rule.kwargs["other_table_name"].split("."))
    if layout.engine.is_spark_like():
        name = name.replace('"', "`")
    own, other = ("own_rows", rule.name), ("other_rows", rule.name)

    def judge(figures: Mapping[Any, Any]) -> Judgement:
        counts = {"self": figures[own], "other": figures[other]}
        return Judgement(counts["self"] == counts["other"], observed=counts)

    return Plan(
        rule,
        {},
        judge,
        asked={
            own: lambda frame: _count(frame, "SELECT 1 FROM {batch}"),
            other: lambda frame: _count(frame, f"SELECT 1 FROM {name}"),
        },
    )


def written(query: str, batch: str) -> str:
    """Return the query with the table's name in place of `{batch}`; `{{` stands for one brace."""
    try:
        return query.rstrip("; \t\r\n\v\f").format(batch=batch)
    except (KeyError, IndexError, ValueError) as error:
        msg = f"unexpected_rows_query has a brace that is not {{batch}}: {error}"
        raise ValueError(msg) from error


def _needs_sql(layout: Layout) -> None:
    if not (layout.engine.is_duckdb() or layout.engine.is_spark_like()):
        msg = "the rule is SQL and the table is in no engine that runs it"
        raise NotPushedDown(msg)


def _count(frame: nw.LazyFrame, query: str) -> int:
    """Return how many rows the query finds; inside a count nothing but a query can stand."""
    view = f"batch_{uuid4().hex}"
    counted = f"SELECT count(*) AS found FROM ({written(query, view)}) AS unexpected"
    native: Any = frame.to_native()
    try:
        if frame.implementation.is_duckdb():
            return int(native.query(view, counted).fetchall()[0][0])
        native.createOrReplaceTempView(view)
        try:
            return int(native.sparkSession.sql(counted).collect()[0]["found"])
        finally:
            native.sparkSession.catalog.dropTempView(view)
    except Exception as error:  # noqa: BLE001  told again, without what it may quote
        name = type(error).__name__
        reason = f"{name}: {error}" if name in ABOUT_THE_QUERY else name
        raise QueryFailedError(reason.replace(view, "{batch}")) from None
