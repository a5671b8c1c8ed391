"""The quality score: what lowers it, that it tells failures ahead, that nothing goes unscored."""

from typing import Any

import pandas as pd
import pytest

from agm_platform.matching.normalise import FIELDS
from agm_platform.matching.record_quality import REASONS, scored
from benchmarks.customer_quality import failure_by_band, known_accounts, predictive_power
from benchmarks.fuzz_customers import complaints, odd_records

SOUND = {
    "first_name": "Robert",
    "last_name": "O'Neil",
    "street": "5 Ramsey Place",
    "city": "Oakland",
    "state": "CA",
    "zip": "94609",
    "email": "bob@gmail.com",
    "phone": "415 555 2671",
    "birth_date": "1980-01-31",
}
FAULTS: dict[str, dict[str, Any]] = {
    **{f"missing_{field}": {field: " "} for field in FIELDS},
    "malformed_first_name": {"first_name": "-"},
    "malformed_last_name": {"last_name": "'"},
    "malformed_state": {"state": "XX"},
    "malformed_zip": {"zip": "946"},
    "malformed_email": {"email": "bob@gmail"},
    "malformed_phone": {"phone": "12345"},
    "malformed_birth_date": {"birth_date": "yesterday"},
    "malformed_street": {"street": "Ramsey Place"},
    "unknown_zip": {"zip": "00000"},
    "inconsistent_zip_state": {"state": "NY"},
    "inconsistent_zip_city": {"city": "Berkeley"},
    "initial_only": {"first_name": "R."},
    "abbreviated_suffix": {"street": "5 Ramsey Pl"},
    "nickname_given": {"first_name": "Bob"},
    "suspicious_placeholder": {"street": "5 asdf Street", "last_name": "Test"},
    "suspicious_digits": {"last_name": "O'Neil2"},
    "suspicious_signs": {"last_name": "O'Neil;"},
    "suspicious_repeats": {"last_name": "Neilll"},
    "suspicious_one_letter": {"last_name": "O"},
    "suspicious_length": {"last_name": "Ab " * 20},
    "suspicious_capitals": {"first_name": "ROBERT", "last_name": "ONEIL"},
    "suspicious_birth_date": {"birth_date": "1900-01-01"},
}
PLACES = pd.DataFrame({"zip": ["94609"], "state": ["CA"], "cities": ["|oakland|"]})


@pytest.fixture(scope="module")
def judged() -> dict[str, tuple[float, str]]:
    """Score and reasons of a sound record and of one with each fault."""
    cases = {"": {}, **FAULTS}
    result = scored(pd.DataFrame([{**SOUND, **change} for change in cases.values()]), PLACES)
    reasons = result["quality_reasons"].fillna("")
    return dict(zip(cases, zip(result["quality_score"], reasons, strict=True), strict=True))


def test_a_sound_record_has_the_full_score_and_no_reason(
    judged: dict[str, tuple[float, str]],
) -> None:
    assert judged[""] == (1.0, "")


def test_every_reason_there_is_has_its_example() -> None:
    assert set(FAULTS) == {reason.code for reason in REASONS}


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.code)
def test_a_fault_is_named_alone_and_costs_its_penalty(
    judged: dict[str, tuple[float, str]], reason: Any
) -> None:
    assert judged[reason.code] == (pytest.approx(1 - reason.penalty), reason.code)


def test_penalties_add_up_and_never_go_below_nothing() -> None:
    records = [{**SOUND, "zip": "946", "email": "no"}, dict.fromkeys(SOUND, "")]
    result = scored(pd.DataFrame(records), PLACES, FIELDS)
    assert result["quality_reasons"][0] == "malformed_zip,malformed_email"
    assert list(result["quality_score"]) == [pytest.approx(0.7), 0.0]


def test_a_field_that_the_source_does_not_have_is_not_missing() -> None:
    records = pd.DataFrame({"first_name": ["Robert"], "last_name": ["Bell"], "city": [None]})
    assert scored(records)["quality_score"].tolist() == [1.0]
    asked = scored(records, fields=["first_name", "last_name", "city"])
    assert asked["quality_reasons"].tolist() == ["missing_city"]


def test_without_a_list_of_zips_nothing_is_said_of_zips_that_do_not_fit() -> None:
    result = scored(pd.DataFrame([{**SOUND, "zip": "00000", "state": "NY"}]))
    assert result["quality_score"].tolist() == [1.0]


def test_a_record_without_state_is_not_blamed_for_another_state() -> None:
    result = scored(pd.DataFrame([{**SOUND, "state": None}]), PLACES, FIELDS)
    assert result["quality_reasons"].tolist() == ["missing_state"]


def test_a_low_score_tells_that_a_customer_will_not_agree_with_agms_file() -> None:
    records = known_accounts(customers=20_000, accounts=600, seed=11)
    found = predictive_power(records)
    assert found.low > 0.6
    bands = dict(failure_by_band(records))
    assert bands["1.00"].high < bands["0.00 to below 0.50"].low


def test_whatever_is_typed_every_record_is_scored() -> None:
    records = odd_records(2_000, seed=7)
    result = scored(records, PLACES, FIELDS)
    assert len(result) == 2_000
    assert complaints(records, result) == []
