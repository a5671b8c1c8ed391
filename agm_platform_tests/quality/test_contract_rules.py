"""The rules that the contracts declare: judged by the engine, known to Great Expectations."""

import duckdb
import narwhals as nw
import pytest

from agm_platform.contracts.model import Table
from agm_platform.contracts.registry import TABLES
from agm_platform.quality.checks import checks_for
from agm_platform.quality.layout import Layout
from agm_platform.quality.measures import plan
from agm_platform.quality.predicates import split
from agm_platform.quality.shape import shape_differences
from agm_platform.quality.suites import suite

WITH_RULES = [table for table in TABLES if table.rules]


def empty(table: Table) -> nw.LazyFrame:
    columns = ", ".join(f'"{column.name}" {column.type.value}' for column in table.columns)
    connection = duckdb.connect()
    connection.execute(f"create table made ({columns})")
    return nw.from_native(connection.table("made"))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.full_name)
def test_every_rule_is_judged_by_the_engine(table):
    frame = empty(table)
    assert [plan(rule, Layout.of(frame)).rule for rule in table.rules] == list(table.rules)
    assert shape_differences(table, frame.collect_schema()) == []
    split(frame, table.quarantine_rules()).to_native().fetchall()


def test_great_expectations_knows_every_rule(great_expectations_says):
    import pandas as pd

    for table in WITH_RULES:
        frame = pd.DataFrame({column.name: pd.Series(dtype=object) for column in table.columns})
        told = great_expectations_says(frame, suite(table))
        assert set(told) == {rule.name for rule in table.rules}


def test_every_table_has_a_blocking_check_of_its_shape():
    for table in TABLES:
        shape, *rules = checks_for(table).check_specs
        assert (shape.name, shape.blocking) == (f"{table.name}__shape", True)
        assert [spec.name for spec in rules] == [rule.name for rule in table.rules]
