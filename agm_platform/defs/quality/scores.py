"""How good each table and column is, by day and dimension: from the journal and the ledger."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from agm_platform.contracts import quality as contracts
from agm_platform.contracts.business import PEAK_FILE_DUE_HOUR, PEAK_FILE_GRACE_HOURS
from agm_platform.contracts.model import Delivery as Kind
from agm_platform.contracts.registry import FEEDS, TABLES
from agm_platform.defs.automation.when_to_publish import TRIAL_TIME_ZONE
from agm_platform.defs.check_history import CheckHistory
from agm_platform.defs.landing_resource import Landing
from agm_platform.defs.quality.check_results import REPORTED
from agm_platform.defs.table import table
from agm_platform.landing.delivery import Delivery
from agm_platform.quality.dimensions import TABLE, Dimension, Score
from agm_platform.quality.dimensions import scores as all_scores

REQUIRED = {
    (contract.source, contract.name): [
        column.name for column in contract.columns if not column.nullable
    ]
    for contract in TABLES
}


@table(contracts.SCORES, deps=REPORTED)
def scores(check_history: CheckHistory, landing: Landing) -> pd.DataFrame:
    """Made once every other table of the run has been judged; the newest judging of a day counts.

    Timeliness is told of raw tables kept by day: a day's first file in time or not.
    """
    told = all_scores(
        check_history.journal(), leave_out=contracts.SOURCE, required=REQUIRED
    ) + timeliness(landing.ledger().history())
    rows: dict[tuple[str, ...], dict[str, object]] = {}
    for score in told:
        key = (score.source, score.table, score.column, score.day)
        row = rows.setdefault(
            key,
            dict(zip(contracts.SCORES.key, (*key[:3], date.fromisoformat(score.day)), strict=True)),
        )
        name = score.dimension.value
        row |= {
            name: score.fraction,
            f"{name}_passed": score.passed,
            f"{name}_judged": score.judged,
        }
    frame = pd.DataFrame(
        [rows[key] for key in sorted(rows)], columns=list(contracts.SCORES.column_names)
    )
    counts = [name for name in frame.columns if name.endswith(("_passed", "_judged"))]
    return frame.astype(dict.fromkeys(counts, "Int64"))


def timeliness(history: Iterable[Delivery]) -> list[Score]:
    """Return for each day of a daily feed whether its first file came in time.

    What lay there when the platform first looked at a sender cannot be told: nobody saw it come.
    """
    first: dict[tuple[str, str, date], datetime] = {}
    looked: dict[str, datetime] = {}
    daily = {(feed.source, feed.name) for feed in FEEDS if feed.delivery is Kind.DAILY}
    for delivery in sorted(history, key=lambda one: one.received_at):
        looked.setdefault(delivery.source, delivery.received_at)
        if delivery.business_date and (delivery.source, delivery.feed) in daily:
            subject = (delivery.source, delivery.feed, delivery.business_date)
            first.setdefault(subject, delivery.received_at)
    return [
        Score(
            source,
            contract.name,
            TABLE,
            day.isoformat(),
            Dimension.TIMELINESS,
            int(received <= due(day) + timedelta(hours=PEAK_FILE_GRACE_HOURS)),
            1,
        )
        for (source, _, day), received in sorted(first.items())
        if received != looked[source]
        for contract in TABLES
        if contract.source == source
        and contract.partition_column
        and contract.name.startswith("raw_")
    ]


def due(day: date) -> datetime:
    """Return when the file of a business date is due: at night of the next day, local time."""
    at = time(PEAK_FILE_DUE_HOUR, tzinfo=ZoneInfo(TRIAL_TIME_ZONE))
    return datetime.combine(day + timedelta(days=1), at)
