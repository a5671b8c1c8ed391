"""Our results in Great Expectations' own hands: loaded, and shown by its own renderers."""

import logging
from typing import Any

import pytest

from agm_platform.contracts.model import Rule
from agm_platform.quality.evaluate import evaluate
from agm_platform.quality.measures import TABLE_RULES
from agm_platform.quality.predicates import ROW_RULES
from agm_platform.quality.results import State, to_gx_json
from agm_platform_tests.quality.frames import duckdb_frame
from agm_platform_tests.quality.test_parity import ONLY_GAPS, RULES, frame_of

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

IN_SQL = [
    Rule(
        "sql__none",
        "unexpected_rows_expectation",
        {"unexpected_rows_query": "SELECT * FROM {batch} WHERE k > 1"},
        "",
    ),
    Rule(
        "sql__count",
        "expect_table_row_count_to_equal_other_table",
        {"other_table_name": "frame"},
        "",
    ),
    Rule("gone__crash", "expect_column_values_to_not_be_null", {"column": "gone"}, ""),
]
ROWS = [
    *ONLY_GAPS,
    (0.5, 1.0, 2, 12, "é", "u1", None, None, True),
    (0.5, None, 2, 0, "a", "u1", None, None, False),
]


@pytest.fixture(scope="module")
def results(great_expectations_says: Any) -> list[Any]:
    """Results of every expectation that an engine judges, as objects of Great Expectations."""
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    loaded = []
    for result in evaluate(duckdb_frame(frame_of(ROWS)), [*RULES, *IN_SQL], order=["o"]):
        form = to_gx_json(result)
        config = ExpectationConfiguration(**form.pop("expectation_config"))
        loaded.append(ExpectationValidationResult(**form, expectation_config=config))
    return loaded


def test_every_expectation_that_an_engine_judges_is_rendered(results):
    types = {result.expectation_config.type for result in results}
    assert types == {*ROW_RULES, *TABLE_RULES}
    assert {result.success for result in results} == {True, False}


def test_its_inline_renderer_shows_each_result(results, caplog):
    from great_expectations.render.renderer.inline_renderer import InlineRenderer

    for result in results:
        names = [str(content.name) for content in InlineRenderer(result).get_rendered_content()]
        assert names
        assert not [name for name in names if "failed" in name], result.expectation_config.type
    assert [one.message for one in caplog.records if one.levelno >= logging.ERROR] == []


def test_its_page_of_validation_results_shows_them_all(results, caplog):
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    passed = sum(bool(result.success) for result in results)
    whole = ExpectationSuiteValidationResult(
        success=passed == len(results),
        results=results,
        suite_name="shop.frame",
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": passed,
            "unsuccessful_expectations": len(results) - passed,
            "success_percent": 100 * passed / len(results),
        },
        meta={"run_id": {"run_name": "a run", "run_time": "2026-11-24T05:00:00+00:00"}},
    )
    page = DefaultJinjaPageView().render(ValidationResultsPageRenderer().render(whole))
    assert "SELECT * FROM {batch} WHERE k &gt; 1" in page or "WHERE k > 1" in page
    assert [one.message for one in caplog.records if one.levelno >= logging.WARNING] == []


def test_a_crash_and_a_check_that_is_off_have_no_figures():
    (crash,) = evaluate(duckdb_frame(frame_of(ROWS)), IN_SQL[2:])
    assert crash.state is State.CRASHED
    assert to_gx_json(crash)["result"] == {}
