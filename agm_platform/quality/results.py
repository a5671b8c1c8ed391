"""What an evaluated rule found: three states, counts, a sentence, and Great Expectations' form."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from agm_platform.quality.suites import expectation

if TYPE_CHECKING:
    from agm_platform.contracts.model import Rule

LONGEST_REASON = 300


class State(StrEnum):
    """A rule holds, does not hold, could not be judged, or was not to be judged in this run."""

    PASSED = "passed"
    FAILED = "failed"
    CRASHED = "crashed"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was measured for one rule; a None was not measured.

    `element_count` rows are the rule's business; of these `missing_count` have no value and are not
    judged and `unexpected_count` fail. `observed` is the measured figure of a rule about a table.
    `rows_left_out` are rows of the table that were not even looked at.
    """

    passed: bool
    element_count: int | None = None
    missing_count: int | None = None
    unexpected_count: int | None = None
    observed: Any = None
    rows_left_out: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict on one rule. `duration_ms` is the query's, shared by rules judged in one pass."""

    rule: Rule
    state: State
    description: str
    element_count: int | None = None
    missing_count: int | None = None
    unexpected_count: int | None = None
    observed: Any = None
    duration_ms: float = 0.0

    @property
    def name(self) -> str:
        """The name of the rule, which is the name of its check."""
        return self.rule.name

    @property
    def unexpected_percent(self) -> float | None:
        """Failing rows in percent of the rows judged, None where there are none."""
        if self.unexpected_count is None or not self.element_count:
            return None
        judged = self.element_count - (self.missing_count or 0)
        return 100 * self.unexpected_count / judged if judged else None


def judged(rule: Rule, judgement: Judgement, duration_ms: float = 0.0) -> Result:
    """Return the result of a rule that could be judged."""
    return Result(
        rule,
        State.PASSED if judgement.passed else State.FAILED,
        _sentence(rule, judgement),
        judgement.element_count,
        judgement.missing_count,
        judgement.unexpected_count,
        plain(judgement.observed),
        duration_ms,
    )


def crashed(rule: Rule, reason: str, duration_ms: float = 0.0) -> Result:
    """Return the result of a rule that could not be judged, with the reason in short."""
    shown = reason if len(reason) <= LONGEST_REASON else f"{reason[:LONGEST_REASON]}…"
    sentence = f"could not be judged: {words(rule)} ({' '.join(shown.split())})"
    return Result(rule, State.CRASHED, sentence, duration_ms=duration_ms)


def not_judged(rule: Rule, reason: str) -> Result:
    """Return the result of a rule that someone switched off for this run."""
    return Result(rule, State.OFF, f"not judged, {reason}: {words(rule)}")


def words(rule: Rule) -> str:
    """Return what the rule says, in the contract's words."""
    return rule.description.rstrip(".") or rule.expectation.removeprefix("expect_").replace(
        "_", " "
    )


def expected(rule: Rule) -> str:
    """Return the rule as a call, for readers who want to know it exactly."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in rule.kwargs.items())
    return f"{rule.expectation}({arguments})"


def percent(part: int, whole: int) -> str:
    """Return a share in words; never 0 % or 100 % for what is not quite that."""
    share = 100 * part / whole
    if 0 < share < 0.05:
        return "less than 0.1 %"
    if 99.95 <= share < 100:
        return "more than 99.9 %"
    return f"{share:.1f} %"


def plain(value: Any) -> Any:
    """Return `value` as JSON can hold it: no NaN, no dates, no numpy."""
    found: Any
    match value:
        case bool() | int() | str() | None:
            found = value
        case float():
            found = value if math.isfinite(value) else None
        case date():
            found = value.isoformat()
        case Decimal():
            found = int(value) if value == value.to_integral_value() else float(value)
        case dict():
            found = {str(name): plain(item) for name, item in value.items()}
        case list() | tuple() | set() | frozenset():
            found = [plain(item) for item in value]
        case _:
            found = plain(value.item()) if hasattr(value, "item") else str(value)
    return found


def shown(observed: Any) -> str:
    """Return an observed figure, list or set of counts in words."""
    if isinstance(observed, dict):
        return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in observed.items())
    return ", ".join(map(str, observed)) if isinstance(observed, list) else str(observed)


def to_gx_json(result: Result) -> dict[str, Any]:
    """Return the result in the form of Great Expectations' validation results, without any row."""
    is_crash = result.state in {State.CRASHED, State.OFF}
    found: dict[str, Any] = {}
    if result.element_count is not None and result.unexpected_count is not None:
        found = _counts(result.element_count, result.missing_count, result.unexpected_count)
    elif "distinct_values_to" in result.rule.expectation and isinstance(result.observed, dict):
        found = {"observed_value": None, **result.observed}
    elif not is_crash:
        found = {"observed_value": result.observed}
    return {
        "success": result.state is State.PASSED,
        "expectation_config": expectation(result.rule),
        "result": found,
        "meta": {},
        "exception_info": {
            "raised_exception": is_crash,
            "exception_message": result.description if is_crash else None,
            # Its page of results cannot show a crash without one.
            "exception_traceback": "" if is_crash else None,
        },
    }


def _counts(elements: int, missing: int | None, unexpected: int) -> dict[str, Any]:
    def share(part: int, whole: int) -> float | None:
        return 100 * part / whole if whole else None

    total = share(unexpected, elements)
    found: dict[str, Any] = {
        "element_count": elements,
        "unexpected_count": unexpected,
        "unexpected_percent": total if missing is None else share(unexpected, elements - missing),
        "partial_unexpected_list": [],
    }
    if missing is not None:
        found |= {
            "missing_count": missing,
            "missing_percent": share(missing, elements),
            "unexpected_percent_total": total,
            "unexpected_percent_nonmissing": found["unexpected_percent"],
        }
    return found


def _sentence(rule: Rule, judgement: Judgement) -> str:
    if judgement.unexpected_count is None or judgement.element_count is None:
        finding = _figure(judgement)
    else:
        finding = _share(rule, judgement, judgement.unexpected_count, judgement.element_count)
    left_out = judgement.rows_left_out
    rest = f" ({left_out:,} more rows of the table were not looked at)" if left_out else ""
    return f"{finding}: {words(rule)}{rest}"


def _figure(judgement: Judgement) -> str:
    verdict = "holds" if judgement.passed else "does not hold"
    value = plain(judgement.observed)
    return verdict if value is None else f"{verdict}, observed {shown(value)}"


def _share(rule: Rule, judgement: Judgement, failing: int, elements: int) -> str:
    rows = elements - (judgement.missing_count or 0)
    kind = "rows with a value" if judgement.missing_count else "rows"
    if not rows:
        return f"no {kind} to judge"
    if not failing:
        return f"all {rows:,} {kind} pass"
    share = f"{failing:,} of {rows:,} {kind} ({percent(failing, rows)}) fail"
    if judgement.passed:
        share += f", at most {percent(round(1e9 * (1 - rule.kwargs['mostly'])), 10**9)} may"
    return share
