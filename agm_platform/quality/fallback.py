"""Great Expectations itself, on pandas, for the rules that no engine judges alike.

The only importer of great_expectations, and only at the moment of need: the import alone costs
seconds. The number of rows it is given is bounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from agm_platform.quality.results import Judgement
from agm_platform.quality.suites import expectation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agm_platform.contracts.model import Rule

MOST_ROWS = 500_000  # about six seconds and 400 MB for a dozen expectations


def judge(
    frame: nw.LazyFrame, rules: Sequence[Rule], most_rows: int = MOST_ROWS
) -> dict[str, Judgement | Exception]:
    """Return what Great Expectations says of each rule by name; an exception where it crashed.

    At most `most_rows` rows are looked at; how many were left out is in the judgement.
    """
    import great_expectations as gx
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    found: dict[str, Judgement | Exception] = {}
    expectations = []
    for rule in rules:
        try:
            entry = ExpectationConfiguration(**expectation(rule))
            entry.to_domain_obj()
        except Exception as error:  # noqa: BLE001  this rule makes no sense to it; others may
            found[rule.name] = error
        else:
            expectations.append(entry)
    if expectations:
        data, left_out = _pandas(frame, rules, most_rows)
        context: Any = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
        batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": data})
        suite = gx.ExpectationSuite(name="fallback", expectations=expectations)
        # Without the count its results hold twenty values of the data.
        wanted = {"result_format": "SUMMARY", "partial_unexpected_count": 0}
        for result in batch.validate(suite, result_format=wanted).results:
            told: Any = result  # in another order than the suite: go by name
            found[told.expectation_config.meta["name"]] = _judgement(told, left_out)
    return found


def _pandas(frame: nw.LazyFrame, rules: Sequence[Rule], most_rows: int) -> tuple[Any, int]:
    """Return the columns that the rules name as pandas, and the number of rows left out."""
    rows = frame.select(nw.len().alias("rows")).collect("pandas").item()
    data = frame.select(_columns(frame, rules)).head(most_rows).collect("pandas").to_native()
    for name in data.select_dtypes("datetime").columns:
        data[name] = data[name].astype("datetime64[ns]")  # it parses limits for this unit only
    return data, max(0, int(rows) - most_rows)


def _columns(frame: nw.LazyFrame, rules: Sequence[Rule]) -> list[str]:
    every = frame.collect_schema().names()
    named: set[str] = set()
    for rule in rules:
        kwargs = rule.kwargs
        columns = {kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs}
        columns |= set(kwargs.get("column_list", ()))
        if kwargs.get("row_condition") or not columns:
            return every  # a condition may name any column
        named |= columns
    return [name for name in every if name in named]


def _judgement(result: Any, left_out: int) -> Judgement | Exception:
    reason = _exception(result.exception_info)
    if reason is not None:
        return RuntimeError(reason)
    found = result.result
    return Judgement(
        bool(result.success),
        found.get("element_count"),
        found.get("missing_count"),
        found.get("unexpected_count") if "element_count" in found else None,
        found.get("observed_value"),
        left_out,
    )


def _exception(info: dict[str, Any]) -> str | None:
    """Return why it crashed: told at the top, or below the id of each metric that failed."""
    for told in (info, *info.values()):
        if isinstance(told, dict) and told.get("raised_exception"):
            return str(told.get("exception_message"))
    return None
