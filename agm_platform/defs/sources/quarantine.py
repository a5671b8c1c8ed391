"""What sources that send whole tables set aside: each bad row with its rules, file and record."""

from typing import NamedTuple

import narwhals as nw

from agm_platform.contracts import snapshots
from agm_platform.contracts.model import Type
from agm_platform.contracts.snapshots import Snapshot
from agm_platform.quality.quarantine import as_record, in_words, worded

ROW_NUMBER, RECORD = snapshots.ROW_NUMBER.name, snapshots.RECORD.name


class Judged(NamedTuple):
    """The rows of one table as received and typed."""

    snapshot: Snapshot
    raw: nw.LazyFrame
    staged: nw.LazyFrame


def set_aside(raw_files: nw.LazyFrame, *tables: Judged) -> nw.LazyFrame:
    """Return the rows that break a row rule, in the columns of the source's quarantine.

    `raw_files` says which file each feed's rows came from.
    """
    files = raw_files.select("feed", file_name=nw.coalesce("rows_from", "file_name"))
    return (
        nw.concat([_bad_rows(table) for table in tables])
        .join(files, on="feed", how="left")
        .sort("table_name", "position")
    )


def accepted(staged: nw.LazyFrame) -> nw.LazyFrame:
    """Return the rows that break no row rule."""
    return staged.filter(nw.col("failed_rule").is_null())


def _bad_rows(judged: Judged) -> nw.LazyFrame:
    received, typed = judged.snapshot.raw, judged.snapshot.staged
    bad = judged.staged.filter(~nw.col("failed_rule").is_null()).select(
        ROW_NUMBER, rule="failed_rule", rules="failed_rules"
    )
    names = [name for name in received.column_names if name not in {ROW_NUMBER, RECORD}]
    numbers = [name for name in names if received.column(name).type is Type.INTEGER]
    record = as_record(*names)
    if numbers:
        record = nw.coalesce(nw.col(RECORD), record)
    rows = judged.raw.join(bad, on=ROW_NUMBER, how="inner").with_columns(
        nw.col(name).cast(nw.String) for name in numbers
    )
    return rows.select(
        "rule",
        "rules",
        feed=nw.lit(judged.snapshot.feed.name),
        position=ROW_NUMBER,
        table_name=nw.lit(received.name),
        reason=worded("rule", in_words(typed)) if typed else nw.col("rule"),
        record=record,
    )
