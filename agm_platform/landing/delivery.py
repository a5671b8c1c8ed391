"""One delivery of a file and what may become of it: the words that the ledger keeps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date, datetime

    from agm_platform.landing.difference import Difference
    from agm_platform.landing.zone import FileStat


class State(StrEnum):
    """Where a delivery stands. Only `received` is waiting for a run."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    QUARANTINED = "quarantined"
    SUPERSEDED = "superseded"
    DUPLICATE = "duplicate"


class Kind(StrEnum):
    """Why a file was entered in the ledger, or why not."""

    NEW = "new"
    CORRECTED = "corrected"
    RESTORED = "restored"  # the bytes of an earlier generation again, after others in between
    DUPLICATE = "duplicate"  # the same bytes under another name, or after a removal
    TOUCHED = "touched"  # the same bytes written again under the same name
    UNREADABLE = "unreadable"  # nothing to read (empty) or no day to read it for


class Candidate(NamedTuple):
    """A whole, hashed file of a known feed, as a scan hands it to the ledger.

    `problem` is the reason to quarantine it without reading.
    """

    file: FileStat
    sha256: str
    feed: str
    business_date: date | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the ledger. `generation` counts the different contents of one feed and date.

    `rows_received` and `lines_received` count what the file held; `line` is where reading failed,
    from 1. `run_key` and `attempts` belong to the run that was last asked for.
    """

    delivery_id: int
    source: str
    feed: str
    file_name: str
    business_date: date | None
    sha256: str
    size_bytes: int
    received_at: datetime
    generation: int
    state: State
    rows_received: int | None = None
    lines_received: int | None = None
    reason: str | None = None
    line: int | None = None
    run_id: str | None = None
    run_key: str | None = None
    attempts: int = 0
    superseded_by: int | None = None

    @property
    def subject(self) -> tuple[str, str, date | None]:
        """What a later delivery of the same subject replaces."""
        return self.source, self.feed, self.business_date


class Arrival(NamedTuple):
    """What a scan entered in the ledger, and why."""

    kind: Kind
    delivery: Delivery


class Outcome(NamedTuple):
    """What a run says of one delivery: its counts, or the reason it was quarantined whole."""

    delivery_id: int
    rows: int | None = None
    lines: int | None = None
    reason: str | None = None
    line: int | None = None


class Correction(NamedTuple):
    """How the rows of one table differ between a delivery and the one it replaced."""

    delivery_id: int
    replaced_id: int
    table: str
    difference: Difference
