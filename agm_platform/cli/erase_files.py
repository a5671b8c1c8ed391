"""Taking persons out of the files in the landing zone, and telling the ledger."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from agm_platform.contracts import peak
from agm_platform.contracts.registry import FEEDS, find_table
from agm_platform.landing.csv_header import HeaderError, read_header
from agm_platform.landing.csv_reader import START_BYTES
from agm_platform.landing.decisions import identify
from agm_platform.landing.document import PEAK_DAY
from agm_platform.privacy.redact import Redacted, decoded, redact_csv, redact_json
from agm_platform.privacy.tombstones import NAME_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agm_platform.contracts.model import Feed, Table
    from agm_platform.landing.ledger import Ledger
    from agm_platform.landing.zone import FileStat, LandingZone
    from agm_platform.warehouse.erasure import IsPerson

CUSTOMER = next(part for part in PEAK_DAY.objects if part.table == peak.RAW_CUSTOMERS.name)


class Rewritten(NamedTuple):
    """One file that held the person: its old and new SHA-256, and in how many records."""

    name: str
    before: str
    after: str
    records: int


def files_of_persons(zone: LandingZone) -> Iterator[tuple[FileStat, Feed]]:
    """Yield the files of all feeds that tell customer numbers."""
    for source in zone.sources():
        for file in zone.list(source).files:
            feed = next((f for f in FEEDS if f.source == source and f.matches(file.name)), None)
            if feed is not None and (feed == peak.DAILY_SALES or _table(feed) is not None):
                yield file, feed


def redacted(content: bytes, feed: Feed, is_person: IsPerson) -> Redacted:
    """Return a file's bytes without the persons; a file without a usable header as it is."""

    def is_theirs(number: str | None, names: tuple[str, str, str] | None) -> bool:
        return is_person(feed.source, number, names)

    if feed == peak.DAILY_SALES:
        others = [name for name in CUSTOMER.fields if name not in {"customer_id", *NAME_FIELDS}]
        return redact_json(content, CUSTOMER.name, "customer_id", NAME_FIELDS, others, is_theirs)
    table = _table(feed)
    assert table is not None
    columns = [column for column in table.columns if column.name != "row_number"]
    try:
        header = read_header(decoded(content[:START_BYTES]), columns)
    except (HeaderError, ValueError):
        return Redacted(content, 0)
    return redact_csv(
        content,
        header.places,
        header.delimiter,
        next(iter(table.identities)),
        [name for name in NAME_FIELDS if name in table.column_names],
        is_theirs,
        drops_line=table.one_row_a_person,
    )


def rewrite_files(
    zone: LandingZone,
    ledger: Ledger,
    is_person: IsPerson,
    is_suspect: Callable[[bytes], bool],
) -> list[Rewritten]:
    """Take the persons out of every file; the ledger hears of each before the next is touched."""
    done = []
    for file, feed in files_of_persons(zone):
        content = zone.read_bytes(file)
        if not is_suspect(content):
            continue
        result = redacted(content, feed, is_person)
        if not result.records:
            continue
        before = hashlib.sha256(content).hexdigest()
        after = hashlib.sha256(result.content).hexdigest()
        now = zone.replace(file, result.content)
        ledger.record_erasure(
            before,
            identify(now, after, FEEDS),
            result.records,
            result.lines_removed,
            moment=datetime.now(UTC),
        )
        done.append(Rewritten(f"{file.source}/{file.name}", before, after, result.records))
    return done


def _table(feed: Feed) -> Table | None:
    """Return the raw table of a feed with numbers of customers."""
    table = find_table(feed.source, f"raw_{feed.name}")
    return table if table is not None and table.identities else None
