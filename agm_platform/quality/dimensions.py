"""How good the data is, by dimension: fractions made from the journal's counts.

For each table, column and day: what part of the values that a rule of the dimension judged is
right. Several rules of a dimension on a column add up, each with the rows it judged.
"""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from agm_platform.quality.journal import profile_of_row
from agm_platform.quality.profile import WHOLE, Counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agm_platform.quality.journal import Journal
    from agm_platform.quality.profile import Profile

TABLE = "*"
"""Stands for the column in the score of rules about several columns or the table as a whole."""


class Dimension(StrEnum):
    """What can be right or wrong with data."""

    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    UNIQUENESS = "uniqueness"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"


DIMENSIONS: Mapping[str, Dimension] = {
    "expect_column_values_to_not_be_null": Dimension.COMPLETENESS,
    "expect_column_values_to_be_null": Dimension.VALIDITY,
    "expect_column_values_to_be_in_set": Dimension.VALIDITY,
    "expect_column_values_to_not_be_in_set": Dimension.VALIDITY,
    "expect_column_values_to_be_between": Dimension.VALIDITY,
    "expect_column_value_lengths_to_be_between": Dimension.VALIDITY,
    "expect_column_value_lengths_to_equal": Dimension.VALIDITY,
    "expect_column_values_to_match_regex": Dimension.VALIDITY,
    "expect_column_values_to_not_match_regex": Dimension.VALIDITY,
    "expect_column_values_to_match_regex_list": Dimension.VALIDITY,
    "expect_column_values_to_not_match_regex_list": Dimension.VALIDITY,
    "expect_column_values_to_be_of_type": Dimension.VALIDITY,
    "expect_column_values_to_be_in_type_list": Dimension.VALIDITY,
    "table_shape": Dimension.VALIDITY,
    "expect_column_values_to_be_unique": Dimension.UNIQUENESS,
    "expect_compound_columns_to_be_unique": Dimension.UNIQUENESS,
    "expect_select_column_values_to_be_unique_within_record": Dimension.CONSISTENCY,
    "expect_column_pair_values_to_be_equal": Dimension.CONSISTENCY,
    "expect_column_pair_values_a_to_be_greater_than_b": Dimension.CONSISTENCY,
    "expect_column_pair_values_to_be_in_set": Dimension.CONSISTENCY,
    "expect_multicolumn_sum_to_equal": Dimension.CONSISTENCY,
    "expect_multicolumn_values_to_be_equal": Dimension.CONSISTENCY,
    "unexpected_rows_expectation": Dimension.CONSISTENCY,  # references between tables
    "expect_table_row_count_to_equal_other_table": Dimension.CONSISTENCY,
}
"""The dimension of each expectation; one that is not here counts in none."""

NEWEST_STEPS = (
    "select s.*, date(s.judged_at) as judged_on from steps as s"
    " where s.source <> ? and (s.first_partition is not null or s.step_id in ("
    "   select max(step_id) from steps group by source, table_name, date(judged_at)))"
    " order by s.step_id"
)


class Score(NamedTuple):
    """`passed` of `judged` values of a column are right on a day, as one dimension sees it."""

    source: str
    table: str
    column: str
    day: str
    dimension: Dimension
    passed: int
    judged: int

    @property
    def fraction(self) -> float | None:
        """The part that is right, None where nothing was judged."""
        return self.passed / self.judged if self.judged else None


def scores(
    journal: Journal, *, leave_out: str = "", required: Mapping[tuple[str, str], Iterable[str]]
) -> list[Score]:
    """Return the scores of every table and day, in order; the newest judging of a day counts.

    The day is the partition, or the UTC date of the run for a table that has none. Completeness is
    told of the columns that a not-null rule names and of the `required` ones of `(source, table)`.
    A source to `leave_out` is not told at all.
    """
    steps = {step["step_id"]: step for step in journal.query(NEWEST_STEPS, (leave_out,))}
    results: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in journal.query(
        "select r.step_id, r.state, r.element_count, r.missing_count, r.unexpected_count,"
        " u.check_name, u.expectation, u.column_name from results as r join rules as u"
        " using (rule_id) where u.source <> ? order by r.step_id, u.check_name",
        (leave_out,),
    ):
        results[row["step_id"]].append(row)
    newest: dict[tuple[str, str, str], tuple[dict[str, Any], Profile]] = {}
    for row in journal.query("select * from profiles order by step_id"):
        step = steps.get(row.pop("step_id"))
        if step:
            profile = profile_of_row(**row)
            day = profile.partition or step["judged_on"]
            newest[step["source"], step["table_name"], day] = step, profile
    found = []
    for (source, table, day), (step, profile) in sorted(newest.items()):
        sums = _sums(profile, results[step["step_id"]], set(required.get((source, table), ())))
        found += [
            Score(source, table, column, day, dimension, *counts)
            for (column, dimension), counts in sorted(sums.items())
        ]
    return found


def _sums(
    profile: Profile, results: list[dict[str, Any]], required: set[str]
) -> dict[tuple[str, Dimension], tuple[int, int]]:
    """Return right and judged values by column and dimension, for one day."""
    sums: dict[tuple[str, Dimension], tuple[int, int]] = {}
    for result in results:
        dimension = DIMENSIONS.get(result["expectation"])
        column = result["column_name"] or TABLE
        if dimension is None or result["state"] not in {"passed", "failed"}:
            continue
        if dimension is Dimension.COMPLETENESS:
            required.add(column)
            continue
        passed, judged = _of_rule(profile, result)
        before = sums.get((column, dimension), (0, 0))
        sums[column, dimension] = before[0] + passed, before[1] + judged
    for column in required:
        right = profile.rows - profile.missing.get(column, 0)
        sums[column, Dimension.COMPLETENESS] = right, profile.rows
    return sums


def _of_rule(profile: Profile, result: Mapping[str, Any]) -> tuple[int, int]:
    """Return right and judged values of one rule on one day; a verdict on the whole counts as 1."""
    counts = profile.counts.get(result["check_name"])
    if counts is None and result["element_count"] is None:
        return int(result["state"] == "passed"), 1
    if counts is None and profile.partition != WHOLE and not result["unexpected_count"]:
        # Nothing failed on any day of the run, so this day's rows follow from its profile.
        counts = Counts(profile.rows, profile.missing.get(result["column_name"], 0), 0)
    if counts is None:
        counts = Counts(
            result["element_count"], result["missing_count"] or 0, result["unexpected_count"] or 0
        )
    judged = counts.elements - counts.missing
    return judged - counts.unexpected, judged
