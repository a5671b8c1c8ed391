"""From text of the shopping trends to every table that is made of it, without a warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import narwhals as nw
import pandas as pd

from agm_platform.contracts import shopping, shopping_insights
from agm_platform.defs.answers.shopping import answers_of_shopping
from agm_platform.defs.insights import shopping_insights as insights
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.sources.shopping.conformed import clean_customers, orders
from agm_platform.defs.sources.shopping.staging import staged_shopping_trends
from agm_platform.landing.csv_reader import CsvTable, read_csv_file
from agm_platform.settings import REPOSITORY
from agm_platform.warehouse.rows import records
from agm_platform.warehouse.types import conform, qualified_name

if TYPE_CHECKING:
    from pathlib import Path

    from agm_platform.contracts.model import Table

PRIVACY = Privacy(keys_path="not used")
Rows = list[dict[str, Any]]


def read(connection: duckdb.DuckDBPyConnection, path: Path, scratch: Path) -> CsvTable:
    """Read a file as the platform does."""
    columns = [c for c in shopping.RAW_SHOPPING_TRENDS.columns if c.name != "row_number"]
    return read_csv_file(connection, path, columns, scratch)


@dataclass
class Chain:
    """The tables made from a raw one, each computed once, in a connection of its own."""

    connection: duckdb.DuckDBPyConnection

    def rows(self, table: Table) -> Rows:
        return records(nw.from_native(self.connection.table(qualified_name(table))))

    def frame(self, table: Table) -> nw.LazyFrame:
        return nw.from_native(self.connection.table(qualified_name(table)))

    def keep(self, made: Any, table: Table) -> None:
        native = conform(made, table)
        if isinstance(native, pd.DataFrame):
            native = conform(self.connection.from_df(native), table)
        native = native.to_native() if isinstance(native, nw.LazyFrame) else native
        native.create(qualified_name(table))

    def answers(self) -> dict[str, dict[str, Any]]:
        told = answers_of_shopping(
            *(
                self.frame(each)
                for each in shopping_insights.TABLES
                if each.name != "stated_segments"
            ),
            self.frame(shopping.CLEAN_CUSTOMERS),
        )
        return {row["answer_id"]: row for row in told.value.to_dict("records")}


def chain(connection: duckdb.DuckDBPyConnection, raw: nw.LazyFrame, smallest: int = 10) -> Chain:
    """Make every table of the source from its raw one."""
    made = Chain(connection)
    connection.execute("create schema if not exists shopping")
    reviewed = connection.read_csv(str(REPOSITORY / "data" / "reference" / "synonyms.csv"))
    staging = staged_shopping_trends(raw, nw.from_native(reviewed))
    made.keep(staging, shopping.STAGED_SHOPPING_TRENDS)
    staged = made.frame(shopping.STAGED_SHOPPING_TRENDS)
    made.keep(clean_customers(staged), shopping.CLEAN_CUSTOMERS)
    made.keep(orders(staged), shopping.ORDERS)
    both = made.frame(shopping.ORDERS), made.frame(shopping.CLEAN_CUSTOMERS)
    privacy = Privacy(keys_path="not used", smallest_group=smallest)
    made.keep(insights.purchase_insights(*both, privacy), shopping_insights.PURCHASE_INSIGHTS)
    made.keep(insights.stated_segments(*both), shopping_insights.STATED_SEGMENTS)
    made.keep(insights.factors(*both), shopping_insights.FACTORS)
    made.keep(insights.flag_effect_table(*both, privacy), shopping_insights.FLAG_EFFECTS)
    made.keep(insights.anomalies(*both), shopping_insights.ANOMALIES)
    made.keep(insights.prediction(*both), shopping_insights.PREDICTION)
    return made
