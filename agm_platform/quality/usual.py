"""Is a table as full as usual? Its rows and missing values against a band of its own history.

The band is the median of earlier days (or deliveries) and WIDTH standard deviations to each side.
The deviation is the median absolute deviation, which a few wrong days cannot stretch, scaled to a
normal distribution, but never less than chance alone makes of counts: Poisson for rows, binomial
for shares. It widens with a short history, because a median of few values is uncertain itself.
Rows are compared by their square roots, which makes the chance of small and large counts alike.
Where eight days of the same weekday are known, the median is theirs; the deviation is always that
of all days, each from the median of its like. Sources: Rousseeuw and Croux, "Alternatives to the
median absolute deviation", JASA 88 (1993); Anscombe, "The transformation of Poisson, binomial and
negative-binomial data", Biometrika 35 (1948).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from agm_platform.contracts.model import OnFailure, Rule, Severity, Type
from agm_platform.quality.results import Result, State, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from agm_platform.contracts.model import Table
    from agm_platform.quality.profile import Profile

EXPECTATION = "table_usual"

MINIMUM_HISTORY = 8
"""Earlier days or deliveries without which nothing is said.

Source: a median absolute deviation of fewer values says little; eight weeks give each weekday a
band of its own.
"""

WINDOW = 56
"""Earlier days or deliveries that a band rests on at most.

Source: eight weeks: enough of each weekday, and short enough to follow a business that changes.
"""

WIDTH = 4.0
"""Half width of a band in standard deviations.

Source: measured on generated days (docs/explanation/quality.md): 3.5, the usual cut-off for
outliers (Iglewicz and Hoaglin, 1993), is wrong on 1.1 % of days without a fault, 4 on 0.3 %.
"""

LEAST_CHANGE_OF_ROWS = 0.1
"""A change of rows up to this fraction of the median is never told. Source: an assumption."""

LEAST_CHANGE_OF_SHARE = 0.05
"""A change of a column's share of missing values up to this is never told, as a fraction.

Source: an assumption; it keeps a handful of empty values in a small table from being an alarm.
"""

NORMAL = 1.4826
"""Standard deviations in one median absolute deviation of a normal distribution."""

HOLIDAYS = "the US federal holidays (5 U.S.C. 6103), as pandas knows them, with substitute days"
"""Days on which rows are not compared: a store may be closed. Missing values still are."""

MOST_TOLD = 5
WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


class Band(NamedTuple):
    """What is usual, from `low` to `high`, on `size` earlier days; `of` names these in words."""

    low: float
    high: float
    size: int
    of: str


class Verdict(NamedTuple):
    """How one day or delivery compares: None for too little history, else what is unusual.

    No band stands for a holiday, on which rows are not compared.
    """

    partition: str
    unusual: list[str] | None
    history: int
    rows: int
    band: Band | None


def usual_rule(table: Table) -> Rule:
    """Return the rule that a table is as full as usual; no suite holds it."""
    return Rule(
        f"{table.name}__usual",
        EXPECTATION,
        {"minimum_history": MINIMUM_HISTORY, "window": WINDOW, "width": WIDTH},
        "rows, and missing values of each column, lie in the band of the table's own history",
        OnFailure.WARN,
        Severity.WARNING,
        "agm_platform/quality/usual.py",
    )


def usual_result(
    table: Table,
    profiles: Sequence[Profile],
    earlier: Callable[[str | None], list[Profile]],
) -> Result:
    """Compare each profile with those before it: of the run, and what `earlier` gives.

    `earlier` gets the first partition of the run, or None for a table that has none.
    """
    if not profiles:
        rule = usual_rule(table)
        return Result(rule, State.PASSED, f"no day to judge: {words(rule)}")
    daily = table.partition_column is not None
    ordered = sorted(profiles, key=lambda profile: profile.partition)
    history = earlier(ordered[0].partition if daily else None)
    dated = daily and table.column(str(table.partition_column)).type is Type.DATE
    verdicts = []
    for profile in ordered:
        verdicts.append(verdict(profile, history[-WINDOW:], daily=daily, dated=dated))
        history = [*history, profile]
    return _told(table, verdicts, "days" if daily else "deliveries")


def verdict(profile: Profile, history: Sequence[Profile], *, daily: bool, dated: bool) -> Verdict:
    """Compare one profile with the earlier ones, with its own weekday's where these suffice."""
    rows, of = profile.rows, "days" if daily else "deliveries"
    if len(history) < MINIMUM_HISTORY:
        return Verdict(profile.partition, None, len(history), rows, None)
    holiday = dated and date.fromisoformat(profile.partition) in _holidays(profile.partition[:4])
    likes = [_weekday(one) for one in (*history, profile)] if dated else [0] * (len(history) + 1)
    if dated and likes[:-1].count(likes[-1]) >= MINIMUM_HISTORY:
        of = WEEKDAYS[likes[-1]]
    else:
        likes = [0] * len(likes)
    band = band_of_rows([one.rows for one in history], likes, of)
    unusual = []
    if not holiday and not band.low <= rows <= band.high:
        unusual.append(
            f"{rows:,} rows; usual {band.low:,.0f} to {band.high:,.0f} on {band.size} earlier {of}"
        )
    filled = [(one, like) for one, like in zip(history, likes, strict=False) if one.rows]
    if rows and len(filled) >= MINIMUM_HISTORY:
        names = dict.fromkeys(name for one in (*history, profile) for name in one.missing)
        for name in names:
            share = profile.missing.get(name, 0) / rows
            counts = [(one.missing.get(name, 0), one.rows) for one, _ in filled]
            usual = band_of_shares(counts, rows, of if of == "deliveries" else "days")
            if not usual.low <= share <= usual.high:
                unusual.append(
                    f"{name} missing in {share:.0%} of {rows:,} rows; usual"
                    f" {usual.low:.0%} to {usual.high:.0%} on {usual.size} earlier {usual.of}"
                )
    return Verdict(profile.partition, unusual, len(history), rows, None if holiday else band)


def band_of_rows(counts: Sequence[int], likes: Sequence[int], of: str = "days") -> Band:
    """Return the band of row counts, in whole rows.

    `likes` says for each count which are its like (a weekday), and at its end for the one judged.
    """
    roots = [math.sqrt(count) for count in counts]
    groups: dict[int, list[float]] = {}
    for root, like in zip(roots, likes, strict=False):
        groups.setdefault(like, []).append(root)
    middles = {like: median(values) for like, values in groups.items()}
    residuals = [root - middles[like] for root, like in zip(roots, likes, strict=False)]
    size, middle = len(groups[likes[-1]]), middles[likes[-1]]
    half = _half_width(residuals, size, chance=0.5)
    least = LEAST_CHANGE_OF_ROWS * middle**2
    low = min(max(middle - half, 0) ** 2, middle**2 - least)
    high = max((middle + half) ** 2, middle**2 + least)
    return Band(math.floor(low), math.ceil(high), size, of)


def band_of_shares(counts: Sequence[tuple[int, int]], rows: int, of: str = "days") -> Band:
    """Return the band of the share of missing values, for a table of `rows` rows.

    `counts` are missing values and rows (not 0) of earlier days.
    """
    shares = [missing / size for missing, size in counts]
    middle = median(shares)
    # One more of each: a column that was never empty may still be so once by chance.
    share = (sum(missing for missing, _ in counts) + 1) / (sum(size for _, size in counts) + 2)
    chance = math.sqrt(share * (1 - share) / rows)
    half = _half_width([value - middle for value in shares], len(shares), chance)
    half = max(half, LEAST_CHANGE_OF_SHARE)
    return Band(max(0.0, middle - half), min(1.0, middle + half), len(counts), of)


def _half_width(residuals: Sequence[float], size: int, chance: float) -> float:
    """Return WIDTH deviations round a median of `size` values; `chance` is the least deviation."""
    spread = NORMAL * median(abs(value) for value in residuals)
    # The median of n normal values has pi / 2n of one value's variance.
    return WIDTH * max(spread, chance) * math.sqrt(1 + math.pi / (2 * size))


@lru_cache(maxsize=20)
def _holidays(year: str) -> frozenset[date]:
    # pandas takes half a second to import: a run has it already, the code location need not.
    from pandas.tseries.holiday import USFederalHolidayCalendar

    first, last = (datetime.fromisoformat(f"{year}-{day}") for day in ("01-01", "12-31"))
    found = USFederalHolidayCalendar().holidays(first, last)
    return frozenset(moment.date() for moment in found)


def _weekday(profile: Profile) -> int:
    return date.fromisoformat(profile.partition).weekday()


def _told(table: Table, verdicts: Sequence[Verdict], of: str) -> Result:
    rule = usual_rule(table)
    judged = [one for one in verdicts if one.unusual is not None]
    alarms = [
        f"{one.partition}: {remark}" if one.partition else remark
        for one in judged
        for remark in one.unusual or ()
    ]
    newest = verdicts[-1]
    waiting = f"cannot tell yet ({newest.history} of {MINIMUM_HISTORY} {of})"
    if alarms:
        more = f"; and {len(alarms) - MOST_TOLD} more" if len(alarms) > MOST_TOLD else ""
        sentence = "; ".join(alarms[:MOST_TOLD]) + more
    elif not judged:
        sentence = waiting if len(verdicts) == 1 else f"{waiting} for any of {len(verdicts)} {of}"
    elif len(verdicts) > 1:
        early = len(verdicts) - len(judged)
        rest = f", cannot tell for {early} with too little history" if early else ""
        sentence = f"{len(judged)} of {len(verdicts)} {of} are as usual{rest}"
    else:
        band = newest.band
        sentence = f"{newest.rows:,} rows" + (
            f"; usual {band.low:,.0f} to {band.high:,.0f} on {band.size} earlier {band.of}"
            if band
            else " on a holiday, when a store may be closed"
        )
    return Result(
        rule,
        State.FAILED if alarms else State.PASSED,
        f"{sentence}: {words(rule)}",
        observed=f"{newest.rows} rows",
    )
