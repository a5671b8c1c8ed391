"""Contracts of what is foretold of takings, and of what the delivery trial did to them."""

from __future__ import annotations

from agm_platform.contracts.model import Column, Owner, Rule, Table, Type
from agm_platform.contracts.rules import in_set, unique

TEXT, INTEGER, NUMBER, DATE = Type.TEXT, Type.INTEGER, Type.NUMBER, Type.DATE

FORECAST, SCORES = "sales_forecast", "forecast_scores"
ALL_STORES = "all"
CHANNELS = {"agm": "pickup", "peak": "delivery"}
"""How the orders of each source reach the customer."""
HORIZON_DAYS = 30
"""Days that are foretold. Source: the question of AGM's executives, the next 30 days."""

CHANNEL = Column("channel", TEXT, "pickup or delivery.", nullable=False, harmless=True)
STORE = Column("store_id", TEXT, "Store number, or all.", nullable=False)


def _cents(name: str, description: str) -> Column:
    return Column(name, NUMBER, description, unit="USD cents")


def _share(name: str, description: str) -> Column:
    return Column(name, NUMBER, description)


def forecast_of(source: str) -> Table:
    """Return the contract of `source.sales_forecast`, made from `source.orders`."""
    return Table(
        source,
        FORECAST,
        "Takings foretold by store, channel and day, with 95 % intervals from the backtest.",
        (
            CHANNEL,
            STORE,
            Column("forecast_date", DATE, "The day foretold.", nullable=False),
            Column("days_ahead", INTEGER, "Days after the last day with sales.", unit="days"),
            _cents("expected_usd_cents", "Takings foretold; 0 when the stores are closed."),
            _cents("low", "Lower end of the interval."),
            _cents("high", "Upper end of the interval."),
            Column("method", TEXT, "Method that did best in the backtest."),
        ),
        key=("channel", "store_id", "forecast_date"),
        rules=(
            Rule(
                "channel__store_date_unique",
                "expect_compound_columns_to_be_unique",
                {"column_list": ["channel", "store_id", "forecast_date"]},
                "one row a series and day",
            ),
            in_set(
                "channel__known", list(CHANNELS.values()), "every sale is picked up or delivered"
            ),
        ),
        owner=Owner.ANALYTICS,
    )


def scores_of(source: str) -> Table:
    """Return the contract of `source.forecast_scores`, made with the forecast."""
    return Table(
        source,
        SCORES,
        "How each series' forecast did in a rolling-origin backtest beside last week's days, and "
        "its total; or why nothing is foretold.",
        (
            CHANNEL,
            STORE,
            Column("last_day", DATE, "Last day with sales."),
            Column("days_known", INTEGER, "Days from the first sale to the last.", unit="days"),
            Column("days_needed", INTEGER, "Days that a forecast needs.", unit="days"),
            Column("method", TEXT, "Method shown: the one with the smaller error; null if none."),
            Column("origins", INTEGER, "Days from which the backtest looked ahead."),
            _cents("error_usd_cents", "Mean absolute error of a day, level and weekday."),
            _cents("naive_error_usd_cents", "The same, last week's days repeated."),
            _share("total_error", "Mean absolute error of a total, a fraction, level and weekday."),
            _share("naive_total_error", "The same, last week's days repeated."),
            _share(
                "bias", "Mean error over the mean day of the method shown; above 0 foretells much."
            ),
            _share("coverage", "Share of backtest days within the 95 % interval."),
            _cents("total_usd_cents", "Total foretold of all days ahead."),
            _cents("total_low", "Lower end of its interval."),
            _cents("total_high", "Upper end of its interval."),
            Column("closed_days", INTEGER, "Days ahead on which the stores are closed."),
            Column("why_not", TEXT, "Why nothing is foretold; null where it is."),
        ),
        key=("channel", "store_id"),
        rules=(
            in_set(
                "channel__known", list(CHANNELS.values()), "every sale is picked up or delivered"
            ),
            Rule(
                "channel__store_unique",
                "expect_compound_columns_to_be_unique",
                {"column_list": ["channel", "store_id"]},
                "one row a series",
            ),
        ),
        owner=Owner.ANALYTICS,
    )


TRIAL_EFFECT = Table(
    "peak",
    "trial_effect",
    "Weekly pick-up takings of the store on trial before and in the trial, against the other "
    "stores; the same for each other store as if the trial had been there.",
    (
        STORE,
        Column("is_on_trial", Type.BOOLEAN, "Whether the trial was at this store.", nullable=False),
        _share("effect", "Change of takings beyond the other stores', a fraction."),
        _share("low", "Lower end of the interval; null for stores without the trial."),
        _share("high", "Upper end of the interval; null for stores without the trial."),
        _share("p_value", "Of no effect; null for stores without the trial."),
        _share("placebo_p", "Share of all stores with an effect as far from 0."),
        Column("weeks_before", INTEGER, "Whole weeks before the trial.", unit="weeks"),
        Column("weeks_during", INTEGER, "Whole weeks in the trial.", unit="weeks"),
        Column("pickup_usd_cents", INTEGER, "Pick-up takings in those weeks.", unit="USD cents"),
        Column(
            "delivery_net_usd_cents",
            INTEGER,
            "AGM's part of deliveries in those weeks.",
            unit="USD cents",
        ),
        Column("why_not", TEXT, "Why no effect is told; null where it is."),
    ),
    key=("store_id",),
    rules=(unique("store_id", "one row a store"),),
    owner=Owner.ANALYTICS,
)

TABLES = (
    *(contract_of(source) for source in CHANNELS for contract_of in (forecast_of, scores_of)),
    TRIAL_EFFECT,
)
