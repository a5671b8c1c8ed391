"""Forecast and trial effect as tables and answers: what is told, and why not where it is not."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from agm_platform.contracts.forecasts import ALL_STORES, forecast_of, scores_of
from agm_platform.contracts.privacy import SMALLEST_GROUP
from agm_platform.defs.answers import forecast, peak_trial
from agm_platform.defs.insights import sales_forecast
from agm_platform.defs.insights.trial_effect import effects

FIRST = date(2020, 1, 1)
TRIAL = date(2020, 10, 3)
CHRISTMAS = {"holiday_date": date(2021, 1, 10), "is_closed": True}
Row = dict[str, Any]


def year(days: int = 366, stores: int = 3, orders: int = 40, change: float = 0.0) -> list[Row]:
    rng = np.random.default_rng(5)
    return [
        {
            "store_id": str(store),
            "order_date": FIRST + timedelta(days=day),
            "usd_cents": int(
                orders
                * 2000
                * rng.lognormal(0, 0.1)
                * (1 + change if store == 0 and FIRST + timedelta(days=day) >= TRIAL else 1)
            ),
            "orders": orders,
        }
        for store in range(stores)
        for day in range(days)
    ]


def deliveries(days: int = 91) -> list[Row]:
    return [
        {"order_date": TRIAL + timedelta(days=day), "net_usd_cents": 1000} for day in range(days)
    ]


def foretold(rows: list[Row], holidays: list[Row]) -> tuple[pd.DataFrame, pd.DataFrame]:
    days, scores = sales_forecast.foretold("pickup", rows, holidays, SMALLEST_GROUP)
    return (
        pd.DataFrame(days, columns=list(forecast_of("agm").column_names)),
        pd.DataFrame(scores, columns=list(scores_of("agm").column_names)),
    )


def rows(frame: pd.DataFrame) -> list[Row]:
    objects = frame.astype(object)
    return objects.where(objects.notna(), None).to_dict("records")


def test_every_store_and_all_of_them_are_foretold_for_thirty_days_and_holidays_are_closed() -> None:
    days, scores = foretold(year(), [CHRISTMAS])
    assert scores["store_id"].tolist() == ["0", "1", "2", ALL_STORES]
    assert days.groupby("store_id").size().tolist() == [30] * 4
    assert days["forecast_date"].min() == date(2021, 1, 1)
    closed = days[days["forecast_date"] == CHRISTMAS["holiday_date"]]
    assert (closed["expected_usd_cents"] == 0).all()
    answer = forecast.answer("agm", rows(scores), "none.")
    low, high = float(answer.low or 0), float(answer.high or 0)
    assert 0 < low < float(answer.value or 0) < high
    assert float(answer.value or 0) * 100 == pytest.approx(
        days[days["store_id"] == ALL_STORES]["expected_usd_cents"].sum()
    )
    assert "1 closed days are counted as 0" in str(answer.caveat)


def test_a_month_of_sales_gives_no_forecast_and_the_answer_says_what_is_needed() -> None:
    days, scores = foretold(year(days=30), [])
    assert days.empty
    answer = forecast.answer("agm", rows(scores), "none.")
    assert answer.value is None
    assert "30 days of sales are known and 107 are needed" in answer.answer


def test_a_store_of_few_customers_is_not_foretold() -> None:
    _, scores = foretold(year(orders=SMALLEST_GROUP - 1, stores=1), [])
    assert "too few customers" in scores["why_not"][0]
    of_nine = year(orders=SMALLEST_GROUP - 1, stores=1)
    days, _ = sales_forecast.foretold("pickup", of_nine, [], SMALLEST_GROUP - 1)
    assert len(days) == 30
    assert scores["method"].isna().all()


def test_a_store_that_sells_no_more_is_not_foretold_at_its_old_level() -> None:
    sold = [row for row in year() if row["store_id"] != "2" or row["order_date"].month < 10]
    days, scores = foretold(sold, [])
    assert "2" not in set(days["store_id"])
    assert "seems closed" in scores.set_index("store_id").loc["2", "why_not"]


def test_without_sales_the_answer_names_the_file() -> None:
    days, scores = foretold([], [])
    assert days.empty
    assert scores.empty
    assert "sales.csv" in forecast.answer("agm", [], "drop sales.csv.").answer


def test_a_store_that_lost_a_tenth_to_deliveries_is_told_with_what_they_brought() -> None:
    found = effects(year(change=-0.1), deliveries(), "0")
    assert [row["store_id"] for row in found] == ["0", "1", "2"]
    assert found[0]["low"] < -0.1 < found[0]["high"] < 0
    assert found[0]["delivery_net_usd_cents"] == 12 * 7 * 1000
    complete = [{name: row.get(name) for name in found[0]} | {"why_not": None} for row in found]
    answer = peak_trial.answer(complete, date(2021, 1, 2))
    assert "fell by" in answer.answer
    lost = next(row for row in answer.details if row["what"].startswith("pick-up"))
    # A tenth of what the weeks would have been: taken / 0.9 * 0.1.
    assert lost["value"] == pytest.approx(-found[0]["pickup_usd_cents"] / 900, rel=0.5)


def test_no_effect_is_told_as_not_told_from_chance() -> None:
    found = effects(year(), deliveries(), "0")
    complete = [{name: row.get(name) for name in found[0]} | {"why_not": None} for row in found]
    assert "No change" in peak_trial.answer(complete, None).answer


def test_a_trial_of_a_day_says_how_many_weeks_are_needed() -> None:
    (row,) = effects(year(), deliveries(days=1), "0")
    assert "6 whole weeks" in row["why_not"]
    told = peak_trial.answer([{"effect": None, **row}], None)
    assert told.value is None
    assert "39 before and 0 in it" in told.answer


def test_a_store_that_opened_later_is_left_out_of_the_comparison() -> None:
    late = [
        row
        for row in year(stores=4)
        if row["store_id"] != "3" or row["order_date"] > date(2020, 6, 1)
    ]
    assert [row["store_id"] for row in effects(late, deliveries(), "0")] == ["0", "1", "2"]


def test_who_is_on_trial_must_be_known() -> None:
    (row,) = effects(year(), deliveries(), None)
    assert "which store" in row["why_not"]
    assert effects([], deliveries(), "0") == []
    assert effects(year(), [], "0") == []
