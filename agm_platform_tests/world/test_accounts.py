"""Peak's accounts: shares at their edges, and worlds too small for what is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agm_platform.world import SAMPLE, generate

QUIET = replace(SAMPLE, pickup_sales=0, peak_days=5)


def test_without_new_people_every_account_is_an_agm_customer() -> None:
    accounts = generate(replace(QUIET, new_people=0, peak_accounts=70)).trial.accounts
    assert (accounts.agm_customer_id > 0).all()
    assert len(set(accounts.agm_customer_id.tolist())) == 70


def test_with_new_people_only_no_agm_customer_is_needed() -> None:
    accounts = generate(replace(QUIET, customers=1, new_people=1, peak_accounts=70)).trial.accounts
    assert len(accounts.customer_id) == 70
    assert not accounts.agm_customer_id.any()
    assert accounts.misspellings == []


def test_nobody_changes_and_nobody_misspells_when_the_rates_are_zero() -> None:
    accounts = generate(replace(QUIET, misspelt=0, changed=0)).trial.accounts
    assert accounts.misspellings == accounts.changes == []
    assert len(accounts.details) == len(accounts.customer_id)


def test_too_few_agm_customers_near_the_store_are_refused_with_advice() -> None:
    with pytest.raises(ValueError, match="raise customers or new_people"):
        generate(replace(QUIET, peak_sales_per_day=1_000))


@pytest.mark.parametrize("share", ["new_people", "misspelt", "changed", "idle_customers"])
def test_a_share_above_one_is_refused(share: str) -> None:
    with pytest.raises(ValueError, match=share):
        replace(SAMPLE, **{share: 1.1})
