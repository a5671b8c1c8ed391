"""What becomes of rows that were set aside: the log so far and what a run judged, made one."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import NamedTuple

import narwhals as nw

from agm_platform.contracts.quarantine_log import (
    QUARANTINE_LOG,
    RECLASSIFIED,
    RELEASED,
    SUPERSEDED,
    WAITING,
)
from agm_platform.warehouse.types import NARWHALS_TYPES

KEY = QUARANTINE_LOG.key
# What a row is, whichever rule keeps it out.
ROW = [name for name in KEY if name != "rule"]
ENTERED = ("first_seen", "last_seen", "times_seen", "state", "state_since", "last_run")
RELEASE = ("releases", "released_at", "released_in_run")
MINUTES_A_DAY = 24 * 60
NO_DATE = date(1, 1, 1)


class Moment(NamedTuple):
    """The run that writes the log, and its clock: UTC without a zone, as the warehouse keeps it."""

    run_id: str
    now: datetime


def set_aside(quarantines: Mapping[str, nw.LazyFrame], ledger: nw.LazyFrame) -> nw.LazyFrame:
    """Return the rows that wait, of all sources (name to quarantine table), named by their file.

    Columns: the key of the log and `file_name`. The file is known by the SHA-256 that the ledger
    has for its name; null where no delivery of that name is in force.
    """
    names = [name for name in (*KEY, "file_name") if name not in {"source", "file_sha256"}]
    parts = []
    for source, frame in quarantines.items():
        given = frame.collect_schema().names()
        parts.append(
            frame.select(
                nw.lit(source).alias("source"),
                *(nw.col(name) if name in given else _null(name) for name in names),
            )
        )
    files = (
        ledger.filter(nw.col("state") == "accepted")
        .group_by("source", "file_name")
        .agg(file_sha256=nw.col("file_sha256").max())
    )
    return nw.concat(parts).join(files, on=["source", "file_name"], how="left")


def written_on(
    log: nw.LazyFrame,
    waiting: nw.LazyFrame,
    ledger: nw.LazyFrame,
    judged: Mapping[str, Collection[date] | None],
    moment: Moment,
) -> nw.LazyFrame:
    """Return the log after a run that judged the sources and business dates in `judged`.

    `log` has the contract's columns, `waiting` is from `set_aside`. The dates None stand for all of
    a source. Only what was judged changes: a row in `waiting` waits; one of the log that is missing
    there was released, or its file is no longer in force (superseded), or another rule keeps it out
    (reclassified). The same run twice changes nothing.
    """
    in_scope = _scope(judged)
    rows = waiting.filter(in_scope)
    met = (
        nw.concat([_known(log), _met(rows)])
        .group_by(*KEY)
        .agg(*(nw.col(name).max() for name in ("file_name", *ENTERED, *RELEASE, "is_here")))
    )
    joined = (
        met.with_columns(date_or_none=nw.col("business_date").fill_null(NO_DATE))
        .join(_in_force(ledger), on=["source", "file_sha256", "date_or_none"], how="left")
        .with_columns(rules_now=nw.col("is_here").max().over(*ROW))
    )
    here = ~nw.col("is_here").is_null()
    known = ~nw.col("first_seen").is_null()
    was_waiting = nw.col("state") == WAITING
    in_force = nw.col("file_sha256").is_null() | ~nw.col("is_in_force").is_null()
    gone = known & ~here & in_scope
    released = (
        gone
        & in_force
        & nw.col("rules_now").is_null()
        & (was_waiting | (nw.col("state") == SUPERSEDED))
    )
    state = (
        nw.when(here)
        .then(nw.lit(WAITING))
        .when(released)
        .then(nw.lit(RELEASED))
        .when(gone & was_waiting & ~in_force)
        .then(nw.lit(SUPERSEDED))
        .when(gone & was_waiting)
        .then(nw.lit(RECLASSIFIED))
        .otherwise(nw.col("state"))
    )
    now, run = nw.lit(moment.now), nw.lit(moment.run_id)
    times = nw.col("times_seen").fill_null(0)
    is_new_run = nw.col("last_run").is_null() | (nw.col("last_run") != moment.run_id)
    releases = nw.col("releases").fill_null(0)
    written = joined.with_columns(
        state=state,
        state_before=nw.col("state"),
        first_seen=nw.coalesce(nw.col("first_seen"), now),
        last_seen=nw.when(here & is_new_run).then(now).otherwise(nw.col("last_seen")),
        times_seen=nw.when(here & is_new_run).then(times + 1).otherwise(times),
        last_run=nw.when(here).then(run).otherwise(nw.col("last_run")),
        releases=nw.when(released).then(releases + 1).otherwise(releases),
        released_at=nw.when(released).then(now).otherwise(nw.col("released_at")),
        released_in_run=nw.when(released).then(run).otherwise(nw.col("released_in_run")),
    )
    changed = nw.col("state_before").is_null() | (nw.col("state_before") != nw.col("state"))
    since = nw.when(changed).then(now).otherwise(nw.col("state_since"))
    days = (now - nw.col("state_since")).dt.total_minutes() // MINUTES_A_DAY
    return (
        written.with_columns(state_since=since)
        .with_columns(waiting_days=nw.when(nw.col("state") == WAITING).then(days))
        .select(*QUARANTINE_LOG.column_names)
        .sort(*KEY)
    )


def summed_up(log: nw.LazyFrame) -> nw.LazyFrame:
    """Count the rows of the log in each state by sender, table, file, business date and rule."""

    def count(state: str) -> nw.Expr:
        return nw.when(nw.col("state") == state).then(nw.lit(1)).otherwise(nw.lit(0)).sum()

    by = ["source", "table_name", "file_name", "business_date", "rule"]
    return (
        log.group_by(*by)
        .agg(
            waiting=count(WAITING),
            released=count(RELEASED),
            superseded=count(SUPERSEDED),
            reclassified=count(RECLASSIFIED),
            first_seen=nw.col("first_seen").min(),
            waiting_days=nw.col("waiting_days").max(),
        )
        .sort(*by)
    )


def _known(log: nw.LazyFrame) -> nw.LazyFrame:
    """Return what the log knows of its rows."""
    return log.select(*KEY, "file_name", *ENTERED, *RELEASE, is_here=nw.lit(None, dtype=nw.Int64))


def _met(rows: nw.LazyFrame) -> nw.LazyFrame:
    """Return the rows that a run set aside in the columns of `_known`."""
    one = nw.lit(1).cast(nw.Int64)
    return rows.select(*KEY, "file_name", *map(_null, (*ENTERED, *RELEASE)), is_here=one)


def _in_force(ledger: nw.LazyFrame) -> nw.LazyFrame:
    """Return the files in force, one row a sender, content and business date."""
    return (
        ledger.filter(nw.col("state") == "accepted")
        .select("source", "file_sha256", date_or_none=nw.col("business_date").fill_null(NO_DATE))
        .unique()
        .with_columns(is_in_force=nw.lit(value=True))
    )


def _scope(judged: Mapping[str, Collection[date] | None]) -> nw.Expr:
    """Return the condition that a row is of what was judged."""
    condition = nw.col("source").is_null()  # true for none: every row has a sender
    for source, days in judged.items():
        of_source = nw.col("source") == source
        if days is None:
            condition |= of_source
        elif days:
            among = nw.col("business_date").is_in(sorted(days))
            condition |= of_source & ~nw.col("business_date").is_null() & among
    return condition


def _null(name: str) -> nw.Expr:
    return nw.lit(None, dtype=NARWHALS_TYPES[QUARANTINE_LOG.column(name).type]).alias(name)
