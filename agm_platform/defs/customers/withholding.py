"""What each way of exchanging customer details finds, how right it is, and what it gives away."""

from dataclasses import replace
from math import fsum, sqrt
from typing import Any, NamedTuple

import narwhals as nw
import pandas as pd

from agm_platform.contracts import agm, peak
from agm_platform.contracts.links import (
    ENCODINGS,
    HASHES,
    LINKS,
    NOTHING,
    PLAIN,
    WITHHOLDING_VERDICT,
)
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import table
from agm_platform.statistics import intervals

ACCEPTED = "accept"
MEASURING_KEY = bytes(range(32))
"""Both lists are in AGM's hands when this is measured, so the key protects nothing here."""

PEOPLE_COLUMNS = ["customer_id", "first_name", "last_name", "street", "city", "state", "zip"]
NORMAL_95 = 1.959963984540054


class Policy(NamedTuple):
    """A way of exchanging details: what is exchanged, and what each side learns of the other."""

    name: str
    description: str
    agm_learns: str
    peak_learns: str
    reidentified_share: float | None
    is_list_shared: bool


# Shares of a list found again by the strongest attack that was measured, without the key and with a
# hundred people known beforehand. Source: docs/explanation/matching-without-sharing.md.
POLICIES = (
    Policy(
        NOTHING,
        "Neither side tells the other who its customers are; only amounts are exchanged.",
        "nothing",
        "nothing",
        0.0,
        is_list_shared=False,
    ),
    Policy(
        HASHES,
        "Both sides exchange keyed hashes of sets of three fields.",
        "which of its own customers, or guesses, are Peak's",
        "which of its own customers, or guesses, are AGM's: whoever holds the key can test names",
        0.001,
        is_list_shared=True,
    ),
    Policy(
        ENCODINGS,
        "Both sides exchange keyed, hardened encodings of names and addresses.",
        "which of its own customers are Peak's, also misspelt ones",
        "which of its own customers, or guesses, are AGM's, also misspelt ones",
        0.001,
        is_list_shared=True,
    ),
    Policy(
        PLAIN,
        "Peak sends its customers' names and addresses, as it does now; AGM compares at home.",
        "name and address of every Peak customer",
        "nothing",
        0.0,
        is_list_shared=False,
    ),
)


@table(
    WITHHOLDING_VERDICT,
    reads={
        "links": LINKS,
        "peak_customers": peak.CLEAN_CUSTOMERS,
        "agm_customers": agm.CLEAN_CUSTOMERS,
        "peak_orders": peak.ORDERS,
        "agm_orders": agm.ORDERS,
    },
    duckdb_only="lists are matched in pandas frames, made by way of DuckDB",
)
def withholding_verdict(
    links: nw.LazyFrame,
    peak_customers: nw.LazyFrame,
    agm_customers: nw.LazyFrame,
    peak_orders: nw.LazyFrame,
    agm_orders: nw.LazyFrame,
    privacy: Privacy,
) -> pd.DataFrame:
    """Four ways on the same customers; how right a link is comes from the model's probability.

    Precision and the number of new customers are estimates, for who is who is not known: a link has
    the calibrated probability that the model gives the pair, 0 if it would not link it at all.
    """
    from agm_platform.matching.normalise import as_pandas

    best = as_pandas(
        links.select("customer_id", "agm_customer_id", "band", "probability").filter(
            ~nw.col("agm_customer_id").is_null()
        )
    )
    ours = as_pandas(peak_customers.select(*PEOPLE_COLUMNS))
    theirs = as_pandas(agm_customers.select(*PEOPLE_COLUMNS))
    spent = as_pandas(
        peak_orders.group_by("customer_id").agg(
            orders=nw.len(), gross_usd_cents=nw.col("subtotal_usd_cents").sum()
        )
    )
    accepted = best[best["band"] == ACCEPTED][["customer_id", "agm_customer_id"]]
    found = {
        NOTHING: accepted.iloc[:0],
        HASHES: _privately(ours, theirs, HASHES),
        ENCODINGS: _privately(ours, theirs, ENCODINGS),
        PLAIN: accepted,
    }
    probability = best.set_index(["customer_id", "agm_customer_id"])["probability"]
    new = _new_customers(best, len(ours))
    rows = []
    for policy in POLICIES:
        pairs = found[policy.name]
        both = _in_both(pairs, peak_orders, agm_orders)
        of_linked = spent[spent["customer_id"].isin(pairs["customer_id"])]
        rows.append(
            {
                "policy": policy.name,
                "description": policy.description,
                "customers": len(ours),
                "recognised": len(pairs),
                **_interval("recognised", len(pairs), len(ours), "recognised_share"),
                **_precision(pairs, probability),
                "orders": int(of_linked["orders"].sum()),
                "gross_usd_cents": int(of_linked["gross_usd_cents"].sum()),
                "total_orders": int(spent["orders"].sum()),
                "total_gross_usd_cents": int(spent["gross_usd_cents"].sum()),
                **both,
                **(new if policy.name == PLAIN else {}),
                "agm_learns": policy.agm_learns,
                "peak_learns": policy.peak_learns,
                "reidentified_share": policy.reidentified_share,
                "is_list_shared": policy.is_list_shared,
            }
        )
    verdict = pd.DataFrame(rows).reindex(columns=list(WITHHOLDING_VERDICT.column_names))
    return with_hidden_figures(verdict, privacy.smallest_group)


def with_hidden_figures(verdict: pd.DataFrame, k: int) -> pd.DataFrame:
    """Return the verdict with `suppressed` and `overlap_suppressed`.

    Readers know the totals and may subtract one way's figures from another's. So orders and money
    are hidden where the recognised, the others, or the difference to a way that is shown are 1 to
    k - 1 customers; the way that recognises most is asked first. Who picks up too is hidden where
    those are so few.
    """
    shown: list[int] = []
    hidden = {}
    ordered = verdict.sort_values(["recognised", "policy"], ascending=[False, False])
    for row, recognised, customers in zip(
        ordered.index, ordered["recognised"], ordered["customers"], strict=True
    ):
        parts = [recognised, customers - recognised, *(abs(recognised - other) for other in shown)]
        hidden[row] = any(0 < part < k for part in parts)
        if not hidden[row]:
            shown.append(recognised)
    overlap = verdict["also_pick_up"]
    return verdict.assign(
        suppressed=pd.Series(hidden), overlap_suppressed=(overlap > 0) & (overlap < k)
    )


def _privately(ours: pd.DataFrame, theirs: pd.DataFrame, policy: str) -> pd.DataFrame:
    """Return the pairs that the two-party kit accepts: what both sides would be told."""
    from agm_platform.matching.private import PEOPLE, PEOPLE_BY_HASH, link

    if ours.empty or theirs.empty:
        return pd.DataFrame({"customer_id": [], "agm_customer_id": []}, dtype=object)
    blocked = replace(PEOPLE, blocks=(("zip_normalised",), ("last_name_normalised",)))
    parameters = PEOPLE_BY_HASH if policy == HASHES else blocked
    pairs = link(ours, theirs, parameters, MEASURING_KEY, "customer_id")
    kept = pairs[pairs["accepted"]]
    return kept.rename(columns={"left_id": "customer_id", "right_id": "agm_customer_id"})[
        ["customer_id", "agm_customer_id"]
    ]


def _in_both(
    pairs: pd.DataFrame, peak_orders: nw.LazyFrame, agm_orders: nw.LazyFrame
) -> dict[str, int]:
    """Count who of the linked picks up too, the days on which one did both, and the stores."""
    from agm_platform.matching.normalise import as_pandas

    pick_ups = as_pandas(
        agm_orders.select("customer_id", "order_date", "store_id").rename(
            {"customer_id": "agm_customer_id"}
        )
    ).merge(pairs, on="agm_customer_id")
    days = as_pandas(peak_orders.select("customer_id", "order_date").unique())
    same_day = pick_ups.merge(days, on=["customer_id", "order_date"])
    return {
        "also_pick_up": int(pick_ups["customer_id"].nunique()),
        "days_in_both": len(same_day[["customer_id", "order_date"]].drop_duplicates()),
        "pick_up_stores": int(pick_ups["store_id"].nunique()),
    }


def _precision(pairs: pd.DataFrame, probability: pd.Series) -> dict[str, float | None]:
    """Return the mean probability of the pairs, and Wilson's interval of as many right ones."""
    if pairs.empty:
        return {}
    of_pairs = probability.reindex(pd.MultiIndex.from_frame(pairs)).fillna(0.0)
    total = fsum(of_pairs)  # the same in whatever order the links come
    mean = total / len(pairs)
    interval = intervals.share(round(total), len(pairs))
    return {
        "precision": mean,
        "precision_low": min(interval.low, mean),
        "precision_high": max(interval.high, mean),
    }


def _new_customers(best: pd.DataFrame, customers: int) -> dict[str, float]:
    """Return how many customers are expected to be nobody in AGM's list, with a 95 % interval.

    Each is new with the probability that its best candidate is another person; the sum of such
    draws is about normal (Poisson's binomial). It is true of the list that AGM's file holds.
    """
    likely = best["probability"].clip(0, 1)
    expected = customers - fsum(likely)
    half = NORMAL_95 * sqrt(fsum(likely * (1 - likely)))
    return {
        "new_customers": expected,
        "new_low": max(0.0, expected - half),
        "new_high": min(float(customers), expected + half),
    }


def _interval(prefix: str, successes: int, trials: int, value: str) -> dict[str, Any]:
    if not trials:
        return {}
    estimate = intervals.share(successes, trials)
    return {value: estimate.value, f"{prefix}_low": estimate.low, f"{prefix}_high": estimate.high}
