"""Checks that a run's tag switches off: reported as off, nothing evaluated, nothing stopped."""

from typing import Any

import dagster as dg
import duckdb
import pytest

from agm_platform.quality import checks as checks_module
from agm_platform.quality.switched_off import CHECKS_OFF, is_off, patterns_of, without_a_check
from agm_platform_tests.quality.test_checks import (
    BAD,
    NAMES,
    ORDERS,
    downstream_ran,
    metadata,
    run,
    stored,
    told,
)


def states(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    return {name: metadata(one)["state"] for name, one in told(result).items()}


def test_a_switched_off_check_says_so_and_stops_nothing():
    result = run(stored(BAD), tags={CHECKS_OFF: "shop.orders.order_id__unique"})
    assert result.success
    assert downstream_ran(result)
    assert states(result) == {
        "orders__shape": "passed",
        "order_id__unique": "off",
        "cents__positive": "failed",
        "street__not_null": "failed",
    }
    off = told(result)["order_id__unique"]
    assert (off.passed, off.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert off.description == (
        "not judged, switched off by the run's tag agm/checks_off: an order stands once"
    )
    assert metadata(off).keys() & {"rows_checked", "rows_failed", "query", "observed"} == set()


def test_without_the_tag_the_same_table_stops_the_run():
    assert not run(stored(BAD), tags={CHECKS_OFF: "peak.*, shop.orders.x"}).success


def test_several_patterns_are_separated_by_commas():
    tags = {CHECKS_OFF: "shop.*.order_id__*, shop.orders.street__not_null"}
    found = states(run(stored(BAD), tags=tags))
    assert [name for name, state in found.items() if state == "off"] == [NAMES[1], NAMES[3]]


def test_a_table_whose_checks_are_all_off_is_not_looked_at(monkeypatch):
    looked: list[str] = []
    for name in ("_shape", "evaluate_table", "rows_sql"):
        monkeypatch.setattr(checks_module, name, lambda *_, name=name: looked.append(name))
    result = run(stored(BAD), tags={CHECKS_OFF: "shop.orders.*"})
    assert result.success
    assert states(result) == dict.fromkeys(NAMES, "off")
    assert looked == []


def test_the_other_rules_of_a_wrong_shape_stay_unjudged_though_the_shape_is_off():
    connection = stored("select null, null", "(order_id varchar, day date)")
    result = run(connection, tags={CHECKS_OFF: "shop.orders.orders__shape"})
    assert not result.success
    assert states(result) == dict(zip(NAMES, ["off", *["crashed"] * 3], strict=True))


def test_patterns_are_of_whole_names():
    assert patterns_of({}) == []
    assert patterns_of({CHECKS_OFF: " a.b.c , ,d.*"}) == ["a.b.c", "d.*"]
    assert is_off(ORDERS, "order_id__unique", ["shop.orders.*"])
    assert not is_off(ORDERS, "order_id__unique", ["orders.*", "shop.orders", "Shop.orders.*"])
    assert without_a_check(["a.b.c"], ["a.*", "a.x.*"]) == ["a.x.*"]


def broken_map(path: str) -> None:
    """Write a product map in which one Peak product is two of AGM's, which no reader must get."""
    from agm_platform.contracts.peak import PRODUCT_MAP
    from agm_platform.warehouse.types import create_statement

    with duckdb.connect(path) as connection:
        connection.execute("create schema peak")
        connection.execute(create_statement(PRODUCT_MAP))
        connection.execute(
            "insert into peak.product_map values ('2020-10-03', '2020-12-31', '2', '7', 'map.csv'),"
            " ('2020-10-03', '2020-12-31', '2', '8', 'map.csv')"
        )


@pytest.mark.parametrize("tags", [{}, {CHECKS_OFF: "peak.*"}, {CHECKS_OFF: "*"}])
def test_what_is_published_is_judged_whatever_is_off(tmp_path, tags):
    from agm_platform.defs.privacy import Privacy
    from agm_platform.defs.publish.shelf import Shelf
    from agm_platform.defs.publish.snapshot import snapshot
    from agm_platform.warehouse.engine import Engine

    warehouse = str(tmp_path / "warehouse.duckdb")
    broken_map(warehouse)
    resources: dict[str, Any] = {
        "engine": Engine(database=warehouse),
        "shelf": Shelf(
            published_path=str(tmp_path / "published"), snapshots_path=str(tmp_path / "snapshots")
        ),
        "privacy": Privacy(keys_path=str(tmp_path / "keys")),
    }
    result = dg.materialize([snapshot], resources=resources, tags=tags, raise_on_error=False)
    assert not result.success
    failure = result.get_step_failure_events()[0].step_failure_data
    assert "peak.product_map peak_product_id__one_product" in str(failure.user_failure_data)
    assert not (tmp_path / "published").exists()


@pytest.mark.parametrize(("off", "published"), [("", True), ("landing.corrections.*", False)])
def test_a_blocking_rule_of_an_analyst_is_judged_before_publishing_if_its_check_was_off(
    tmp_path, monkeypatch, off, published
):
    from dataclasses import replace

    from agm_platform.contracts.landing import CORRECTIONS
    from agm_platform.contracts.model import Rule
    from agm_platform.defs.privacy import Privacy
    from agm_platform.defs.publish import snapshot as module
    from agm_platform.warehouse.engine import Engine

    by_hand = Rule("rows__some", "expect_table_row_count_to_be_between", {"min_value": 1}, "rows")
    checked = [
        replace(one, rules=(*one.rules, by_hand)) if one == CORRECTIONS else one
        for one in module.CHECKED
    ]
    monkeypatch.setattr(module, "CHECKED", checked)
    resources: dict[str, Any] = {
        "engine": Engine(database=str(tmp_path / "warehouse.duckdb")),
        "shelf": module.Shelf(
            published_path=str(tmp_path / "published"), snapshots_path=str(tmp_path / "snapshots")
        ),
        "privacy": Privacy(keys_path=str(tmp_path / "keys")),
    }
    result = dg.materialize(
        [module.snapshot], resources=resources, tags={CHECKS_OFF: off}, raise_on_error=False
    )
    assert result.success is published
    assert (tmp_path / "published").exists() is published
