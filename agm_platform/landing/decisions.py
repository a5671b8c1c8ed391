"""The decisions of the landing state machine, without I/O: what to look at, and what it is."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

from agm_platform.landing.delivery import Candidate, Delivery, Kind, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from agm_platform.contracts.model import Feed
    from agm_platform.landing.zone import FileStat

DONE = ".done"
NEAREST_SHOWN = 20  # comparing a name with every pattern is slow when thousands are unknown


class Changes(NamedTuple):
    """What a listing holds compared with what is remembered.

    `fresh` are the whole files to hash, in the order in which they count: a later one of the same
    day wins. `waiting` and `ignored` are (name, reason). `left_over` whole files wait for the next
    tick.
    """

    fresh: list[FileStat]
    unchanged: int
    waiting: list[tuple[str, str]]
    ignored: list[tuple[str, str]]
    removed: list[str]
    left_over: int


def compare(
    files: Sequence[FileStat],
    remembered: Mapping[str, FileStat],
    feeds: Sequence[Feed],
    *,
    now_ns: int,
    settle_ns: int,
    max_new: int | None,
) -> Changes:
    """Find what is new or changed since it was remembered, and whole.

    A file is whole when nobody has written to it for the settle time, or when `<name>.done` lies
    beside it and is not older. A time in the future says nothing about age, so such a file is
    taken; if it was not whole it is read again when it changes.
    """
    finished = {file.name: file.modified_ns for file in files if file.name.endswith(DONE)}
    fresh: list[FileStat] = []
    waiting: list[tuple[str, str]] = []
    ignored: list[tuple[str, str]] = []
    unchanged = 0
    for file in files:
        name = file.name
        if remembered.get(name) == file:
            unchanged += 1
        elif name in finished:
            continue
        elif not any(feed.matches(name) for feed in feeds):
            nearest = _nearest(name, feeds) if len(ignored) < NEAREST_SHOWN else ""
            ignored.append((name, f"no feed has such a name{nearest}"))
        elif (
            not 0 <= now_ns - file.modified_ns < settle_ns
            or finished.get(name + DONE, -1) >= file.modified_ns
        ):
            fresh.append(file)
        else:
            waiting.append((name, "written to a moment ago; it is read when it has settled"))
    fresh.sort(key=lambda file: (file.modified_ns, file.name))
    removed = sorted(remembered.keys() - {file.name for file in files})
    taken = fresh[:max_new]
    return Changes(taken, unchanged, waiting, ignored, removed, len(fresh) - len(taken))


def identify(file: FileStat, sha256: str, feeds: Iterable[Feed]) -> Candidate:
    """Say which feed and date a whole file belongs to, and whether it can be read at all."""
    feed = next(feed for feed in feeds if feed.matches(file.name))
    day: date | None = None
    problem = None
    try:
        day = feed.business_date(file.name)
    except ValueError:
        problem = "the date in the file's name does not exist; rename the file and send it again"
    if not file.size:
        problem = "the file is empty; ask the sender for it again"
    return Candidate(file, sha256, feed.name, day, problem)


def classify(
    candidate: Candidate, in_force: Delivery | None, *, last_generation: int, seen_before: bool
) -> tuple[Kind, State, int, str | None]:
    """Say what a file is among the earlier deliveries of its feed and date.

    `in_force` is the newest of them that is accepted or waits for a run: only its bytes make a
    duplicate. Bytes that were quarantined and come again are tried again; those of an earlier
    generation (`seen_before`) are a correction like any other. Returns kind, state, generation and
    reason.
    """
    generation = last_generation + 1
    if candidate.problem:
        return Kind.UNREADABLE, State.QUARANTINED, generation, candidate.problem
    if in_force is None:
        return Kind.NEW, State.RECEIVED, generation, None
    if in_force.sha256 == candidate.sha256:
        kind = Kind.TOUCHED if in_force.file_name == candidate.file.name else Kind.DUPLICATE
        reason = f"the same bytes as delivery {in_force.delivery_id} ({in_force.file_name})"
        return kind, State.DUPLICATE, in_force.generation, reason
    return Kind.RESTORED if seen_before else Kind.CORRECTED, State.RECEIVED, generation, None


def _nearest(name: str, feeds: Sequence[Feed]) -> str:
    patterns = {feed.pattern: feed for feed in feeds}
    close = difflib.get_close_matches(name, patterns, n=1, cutoff=0.0)
    return f"; the nearest is {patterns[close[0]].name}: {close[0]}" if close else ""
