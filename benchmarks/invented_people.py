"""People with names as common as in the USA, and copies with errors: to tune and to attack."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from faker.providers.person.en_US import Provider

from agm_platform.world import SAMPLE, generate

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MISSING_SHARE = 0.35  # of the errors: the value is left out; the others are one wrong character


def agm_world(customers: int, accounts: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, Any]:
    """Return AGM's customers, Peak's accounts at sign-up (both with record_id) and true pairs."""
    size = replace(SAMPLE, customers=customers, peak_accounts=accounts, pickup_sales=1000)
    world = generate(size, seed)
    ours = world.table("agm.customers").df().rename(columns={"customer_id": "record_id"})
    accounts_at_sign_up = world.connection.sql(
        "select versions.* exclude (customer_id), customer_id as record_id, agm_customer_id "
        "from truth.peak_versions as versions join truth.peak_accounts using (customer_id) "
        "where valid_from = signed_up_on"
    ).df()
    known = accounts_at_sign_up[accounts_at_sign_up["agm_customer_id"].notna()]
    true = pd.DataFrame(
        {"left_id": known["record_id"], "right_id": known["agm_customer_id"].astype(int)}
    )
    return ours, accounts_at_sign_up, true


def common_names(people: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return the people with first and last names drawn by how common they are in the USA."""
    rng = np.random.default_rng(seed)
    first = {**Provider.first_names_female, **Provider.first_names_male}
    return people.assign(
        first_name=_drawn(rng, first, len(people)),
        last_name=_drawn(rng, Provider.last_names, len(people)),
    )


def people_with_errors(n: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return n people with nine fields, copies with two to six errors each, and true pairs.

    The fields are those of the FEBRL sets: given_name, surname, street_number, address_1,
    address_2, suburb, postcode, state, date_of_birth. No record of theirs is used.
    """
    rng = np.random.default_rng(seed)
    places, _, _ = agm_world(n, 60, seed)
    named = common_names(places, seed)
    street = named["street"].str.split(" ", n=1, expand=True)
    days = pd.Timestamp("1920-01-01") + pd.to_timedelta(rng.integers(0, 29_000, n), unit="D")
    left = pd.DataFrame(
        {
            "record_id": np.arange(n),
            "given_name": named["first_name"],
            "surname": named["last_name"],
            "street_number": street[0],
            "address_1": street[1],
            "address_2": np.where(rng.random(n) < 0.6, _drawn(rng, Provider.last_names, n), ""),
            "suburb": named["city"],
            "postcode": named["zip"].str[:4],
            "state": named["state"],
            "date_of_birth": pd.Series(days).dt.strftime("%Y%m%d"),
        }
    )
    fields = [name for name in left if name != "record_id"]
    right = left.copy()
    for row in range(n):
        for _ in range(int(rng.integers(2, 7))):
            name = fields[int(rng.integers(len(fields)))]
            right.loc[row, name] = _mistyped(rng, str(right.loc[row, name]))
    ids = left["record_id"]
    return left, right, pd.DataFrame({"left_id": ids, "right_id": ids})


def _mistyped(rng: np.random.Generator, value: str) -> str:
    """Leave the value out, or drop, replace, insert or swap one character."""
    if not value or rng.random() < MISSING_SHARE:
        return ""
    place, letter = int(rng.integers(len(value))), LETTERS[int(rng.integers(26))]
    kind = int(rng.integers(4))
    if kind == 0:
        return value[:place] + value[place + 1 :]
    if kind == 1:
        return value[:place] + letter + value[place + 1 :]
    if kind == 2:
        return value[:place] + letter + value[place:]
    return value[:place] + value[place : place + 2][::-1] + value[place + 2 :]


def _drawn(rng: np.random.Generator, shares: dict[str, float], n: int) -> npt.NDArray[Any]:
    weights = np.array(list(shares.values()), dtype=float)
    return np.array(list(shares), dtype=object)[
        rng.choice(len(weights), n, p=weights / sum(weights))
    ]
