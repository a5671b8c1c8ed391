"""Who signs up with Peak, and what they type: new people and AGM's customers near the store."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from agm_platform.world.draws import weighted
from agm_platform.world.geography import DELIVERY_RADIUS_MILES
from agm_platform.world.misspellings import Details, Misspelling, misspell
from agm_platform.world.names import people, streets
from agm_platform.world.size import Columns, WorldSize

# Invented, but for the first id: the lowest of the real first day, when ids lay some ten apart.
FIRST_CUSTOMER_ID = 3_728_360
MAX_ID_GAP = 20
SALES_PER_ACCOUNT = 4
SPARE_ACCOUNTS = 1.6  # accounts from the first day on, for each sale of a usual day
SIGN_UP_PERIOD = 0.8  # share of the trial in which new accounts still appear
TWO_FIELDS = 0.15  # share of the misspelt accounts that differ in two fields
SAME_HOUSEHOLD = 0.05  # new people with the last name and address of an AGM customer
MOVES = 0.5  # share of changed accounts that moved; the others type themselves anew


@dataclass
class Accounts:
    """Peak's accounts, one entry each, and what stands in them.

    `details` holds the first version of every account in order, then the later ones;
    account i reads details[i] until the day changed_on[i], then details[changed_to[i]].
    """

    customer_id: npt.NDArray[Any]
    agm_customer_id: npt.NDArray[Any]  # 0: a new person
    sign_up: npt.NDArray[Any]  # day of the trial, from 0
    changed_on: npt.NDArray[Any]  # day of the trial; the number of days if never
    changed_to: npt.NDArray[Any]
    details: list[Details]
    misspellings: list[tuple[int, Misspelling]] = field(default_factory=list)  # of account
    changes: list[tuple[int, Misspelling]] = field(default_factory=list)

    @property
    def owners(self) -> npt.NDArray[Any]:
        """The account that each entry of details belongs to."""
        owners = np.empty(len(self.details), dtype=np.int64)
        owners[self.changed_to] = np.arange(len(self.changed_to))
        owners[: len(self.changed_to)] = np.arange(len(self.changed_to))
        return owners


def sign_up(
    rng: np.random.Generator, size: WorldSize, customers: Columns, zips: Columns
) -> Accounts:
    """Return the accounts of a trial.

    Raises ValueError if too few AGM customers live near the trial store.
    """
    near = zips["trial_miles"] <= DELIVERY_RADIUS_MILES
    pool = np.flatnonzero(np.isin(customers["zip"], zips["zip"][near]))
    n = _number_of_accounts(size, len(pool))
    returning = round(n * (1 - size.new_people))
    chosen = rng.permutation(pool)[:returning]
    known = [_details(customers, int(i)) for i in chosen]
    fresh = _new_people(rng, n - returning, {k: v[near] for k, v in zips.items()}, customers, pool)

    place = rng.permutation(n)  # old and new customers sign up in any order
    details: list[Details] = [(known + fresh)[i] for i in place]
    agm_customer_id = np.concatenate(
        [customers["customer_id"][chosen], np.zeros(n - returning, dtype=np.int64)]
    )[place]
    at_start = min(n, math.ceil(size.peak_sales_per_day * SPARE_ACCOUNTS))
    ramp = np.arange(n - at_start) * size.trial_days * SIGN_UP_PERIOD / max(n - at_start, 1)
    accounts = Accounts(
        customer_id=FIRST_CUSTOMER_ID + np.cumsum(rng.integers(1, MAX_ID_GAP, size=n)),
        agm_customer_id=agm_customer_id,
        sign_up=np.concatenate([np.zeros(at_start, dtype=np.int64), ramp.astype(np.int64)]),
        changed_on=np.full(n, size.trial_days),
        changed_to=np.arange(n),
        details=details,
    )
    _misspell_some(rng, size.misspelt, accounts)
    _change_some(rng, size, accounts, {k: v[near] for k, v in zips.items()})
    return accounts


def _number_of_accounts(size: WorldSize, pool: int) -> int:
    """Return how many accounts there are: as many as wanted, or as the AGM customers allow."""
    needed = math.ceil(size.peak_sales_per_day * SPARE_ACCOUNTS)
    total = size.peak_sales_per_day * size.trial_days
    wanted = size.peak_accounts or max(needed, total // SALES_PER_ACCOUNT)
    returning_share = 1 - size.new_people
    possible = math.floor(pool / returning_share) if returning_share > 0 else wanted
    if possible < min(needed, wanted) or (size.peak_accounts and possible < wanted):
        raise ValueError(
            f"{pool} AGM customers live near the trial store, too few for {wanted} Peak accounts "
            f"({needed} for {size.peak_sales_per_day} sales a day), {returning_share:.0%} of them "
            "AGM customers: raise customers or new_people, or lower peak_sales_per_day"
        )
    return min(wanted, possible)


def _details(customers: Columns, i: int) -> Details:
    return Details(*(str(customers[name][i]) for name in Details._fields))


def _new_people(
    rng: np.random.Generator, n: int, zips: Columns, customers: Columns, pool: npt.NDArray[Any]
) -> list[Details]:
    """Return people whom AGM does not know, some of them in the household of one it knows."""
    first, last = people(rng, n)
    street = streets(rng, n)
    home = weighted(rng, zips["population"], n)
    persons = [
        Details(first[i], last[i], street[i], *(zips[k][home[i]] for k in ("city", "state", "zip")))
        for i in range(n)
    ]
    for i in np.flatnonzero(rng.random(n) < SAME_HOUSEHOLD) if len(pool) else []:
        relative = _details(customers, int(pool[rng.integers(len(pool))]))
        if relative.first_name != persons[i].first_name:
            persons[i] = relative._replace(first_name=persons[i].first_name)
    return persons


def _misspell_some(rng: np.random.Generator, share: float, accounts: Accounts) -> None:
    """Let exactly this share of the AGM customers type something else than AGM has."""
    known = np.flatnonzero(accounts.agm_customer_id)
    for account in np.sort(rng.permutation(known)[: round(share * len(known))]).tolist():
        details = accounts.details[account]
        skip = ""
        for _ in range(2 if rng.random() < TWO_FIELDS else 1):
            if typed := misspell(rng, details, skip):
                skip = typed.field
                details = details._replace(**{typed.field: typed.after})
                accounts.misspellings.append((account, typed))
        accounts.details[account] = details


def _change_some(
    rng: np.random.Generator, size: WorldSize, accounts: Accounts, zips: Columns
) -> None:
    """Let exactly this share of the accounts change their details on a later day."""
    able = np.flatnonzero(accounts.sign_up + 1 < size.trial_days)
    n = min(len(able), round(size.changed * len(accounts.customer_id)))
    for account in np.sort(rng.permutation(able)[:n]).tolist():
        old = accounts.details[account]
        typed = None if rng.random() < MOVES else misspell(rng, old)
        if typed is None:
            home = int(weighted(rng, zips["population"], 1)[0])
            new = old._replace(
                street=str(streets(rng, 1)[0]), city=zips["city"][home], zip=zips["zip"][home]
            )
            kind = "moved"
        else:
            new = old._replace(**{typed.field: typed.after})
            kind = typed.kind
        accounts.changed_on[account] = rng.integers(accounts.sign_up[account] + 1, size.trial_days)
        accounts.changed_to[account] = len(accounts.details)
        accounts.details.append(new)
        accounts.changes += [
            (account, Misspelling(name, kind, before, after))
            for name, before, after in zip(Details._fields, old, new, strict=True)
            if before != after
        ]
