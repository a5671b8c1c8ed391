"""The engines to test on, and Great Expectations itself, imported once for all who compare."""

from collections.abc import Callable
from typing import Any

import pytest

from agm_platform_tests.quality.frames import Make, duckdb_frame, pandas_frame

Validate = Callable[[Any, dict[str, Any]], dict[str, dict[str, Any]]]


@pytest.fixture(params=[duckdb_frame, pandas_frame], ids=["duckdb", "pandas"])
def frame(request: pytest.FixtureRequest) -> Make:
    """Make the same frame on each engine."""
    return request.param


@pytest.fixture(scope="session")
def great_expectations_says() -> Validate:
    """Run a suite in JSON form on a pandas frame; return its results by `meta.name`."""
    import great_expectations as gx
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    definition = asset.add_batch_definition_whole_dataframe("whole")

    def validate(frame: Any, suite: dict[str, Any]) -> dict[str, dict[str, Any]]:
        loaded = gx.ExpectationSuite(
            name=suite["name"],
            expectations=[ExpectationConfiguration(**entry) for entry in suite["expectations"]],
            meta=suite.get("meta"),
        )
        batch = definition.get_batch({"dataframe": frame})
        summary = {"result_format": "SUMMARY", "partial_unexpected_count": 0}
        results = batch.validate(loaded, result_format=summary).to_json_dict()["results"]
        return {result["expectation_config"]["meta"]["name"]: result for result in results}

    return validate
