"""The answer to what a source's stores will take next, with how such forecasts did before."""

from agm_platform.contracts.forecasts import ALL_STORES, HORIZON_DAYS
from agm_platform.defs.answers.answer import (
    Answer,
    Row,
    dollars,
    percent,
    sentence,
    unanswered,
)
from agm_platform.statistics.forecasting import NAIVE

WORDS = {"pickup": "Pick-up at all stores", "delivery": "Delivery"}
QUESTION = f"What will the stores take in the next {HORIZON_DAYS} days?"


def answer(source: str, scores: list[Row], missing: str) -> Answer:
    """Return the forecast of all stores' takings, by series in details."""
    name, evidence = f"{source}.forecast_next_{HORIZON_DAYS}_days", f"{source}.forecast_scores"
    if not scores:
        return unanswered(name, QUESTION, missing, evidence)
    told = [row for row in scores if row["method"]]
    whole = _whole(scores)
    if whole["method"] is None:
        return unanswered(name, QUESTION, f"{whole['why_not']}.", evidence)
    is_naive = whole["method"] == NAIVE
    beaten = (
        "No method beat repeating last week's days, so that is shown"
        if is_naive
        else "A day was missed by "
        f"{percent(1 - whole['error_usd_cents'] / whole['naive_error_usd_cents'])} less than by "
        "repeating last week's days"
    )
    return Answer(
        name,
        QUESTION,
        f"{WORDS[whole['channel']]} is expected to take {dollars(round(whole['total_usd_cents']))} "
        f"in the {HORIZON_DAYS} days after {whole['last_day']}, with 95 % confidence "
        f"{dollars(round(whole['total_low']))} to {dollars(round(whole['total_high']))}.",
        whole["total_usd_cents"] / 100,
        whole["total_low"] / 100,
        whole["total_high"] / 100,
        unit="USD",
        sample_size=whole["days_known"],
        details=[
            {
                "channel": row["channel"],
                "store": row["store_id"],
                "expected_dollars": row["total_usd_cents"] / 100,
                "low_dollars": row["total_low"] / 100,
                "high_dollars": row["total_high"] / 100,
                "method": row["method"],
                "total_missed_by": row["total_error"],
                "naive_total_missed_by": row["naive_total_error"],
            }
            for row in told
        ],
        caveat=sentence(
            f"{beaten}; tried from {whole['origins']} days of the past, whose horizons overlap.",
            "It takes for granted that nothing new happens: no other price, store or campaign; "
            "seasons within the year are not told from one year.",
            _not_told(scores),
            f"{whole['closed_days']} closed days are counted as 0."
            if whole["closed_days"]
            else None,
        ),
        evidence=evidence,
        method=f"{whole['method']}; the method with the smallest error of a day in a "
        "rolling-origin backtest, interval from the backtest's errors of totals",
        as_of=whole["last_day"],
    )


def _whole(scores: list[Row]) -> Row:
    """Return the series of all stores; of the only store where there is one."""
    return next((row for row in scores if row["store_id"] == ALL_STORES), scores[0])


def _not_told(scores: list[Row]) -> str | None:
    left = [f"{row['channel']}, store {row['store_id']}" for row in scores if not row["method"]]
    return f"Not foretold: {'; '.join(left)} (too few days or sales)." if left else None
