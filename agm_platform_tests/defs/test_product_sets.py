"""Pairs and triples of products: counted right, found where planted, not invented, not personal."""

from itertools import combinations

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from agm_platform.contracts.privacy import SMALLEST_GROUP
from agm_platform.defs.answers import top_pairs
from agm_platform.defs.insights.product_sets import product_sets

NAMES = pd.DataFrame(
    {"product_id": range(12), "product_name": [f"meal {number}" for number in range(11)] + [None]}
)


def sets(baskets: list[set[int]], least_support: float = 0.0, most: int = 0) -> pd.DataFrame:
    lines = pd.DataFrame(
        [(order, item) for order, basket in enumerate(baskets) for item in sorted(basket)],
        columns=["order_id", "product_id"],
    )
    with duckdb.connect() as connection:
        found = product_sets(
            nw.from_native(connection.from_df(lines)),
            nw.from_native(connection.from_df(NAMES)),
            len(baskets),
            most,
            SMALLEST_GROUP,
            least_support,
        )
    return found.set_index("set_id")


def drawn(orders: int, seed: int, together: tuple[int, ...] = ()) -> list[set[int]]:
    """Baskets of very different sizes whose products are drawn alike, but for those together."""
    rng = np.random.default_rng(seed)
    eager = rng.gamma(1.5, 1 / 1.5, orders)
    shares = np.linspace(0.05, 0.3, 12)
    baskets = [set(np.flatnonzero(rng.random(12) < np.clip(e * shares, 0, 0.9))) for e in eager]
    for basket in baskets:
        if together and rng.random() < 0.05:
            basket |= set(together)
    return [{int(each) for each in basket} for basket in baskets]


def test_orders_of_every_pair_and_triple_are_counted() -> None:
    baskets = [{0, 1, 2}, {0, 1}, {0, 1, 2, 3}, {2, 3}, {1}]
    found = sets(baskets)
    for size in (2, 3):
        for items in combinations(range(4), size):
            orders = sum(set(items) <= basket for basket in baskets)
            name = "+".join(map(str, items))
            assert (name in found.index) == (orders > 0)
            if orders:
                assert found.loc[name, "orders"] == orders
    pair = found.loc["0+1"]
    assert pair["support"] == pytest.approx(3 / 5)
    assert pair["lift"] == pytest.approx(3 / (3 * 4 / 5))
    # All three orders with 0 hold 1, three of four with 1 hold 0.
    assert (pair["follows"], pair["confidence"]) == ("meal 1", 1.0)
    assert found.loc["0+1+2", "confidence"] == 1.0


def test_a_product_twice_in_an_order_counts_once() -> None:
    lines = pd.DataFrame({"order_id": [1, 1, 1, 2, 2], "product_id": [0, 0, 1, 0, 1]})
    with duckdb.connect() as connection:
        found = product_sets(
            nw.from_native(connection.from_df(lines)),
            nw.from_native(connection.from_df(NAMES)),
            2,
            0,
            SMALLEST_GROUP,
            0.0,
        )
    assert found["orders"].tolist() == [2]


def test_baskets_that_only_differ_in_size_are_told_as_chance() -> None:
    finds, told = 0, 0
    for seed in range(8):
        found = sets(drawn(4000, seed), 0.002)
        pairs = found[found["set_size"] == 2]
        assert pairs["lift"].mean() > 1.3
        assert pairs["beyond_expected"].mean() == pytest.approx(1, abs=0.1)
        finds += int(found["is_found"].sum())
        told += len(found)
    assert finds / told < 0.05


def test_products_put_together_are_found() -> None:
    found = sets(drawn(4000, seed=1, together=(2, 5)), 0.002)
    pairs = found[found["set_size"] == 2]
    assert pairs.loc["2+5", "is_found"]
    assert pairs["beyond_expected"].astype(float).idxmax() == "2+5"


def test_a_set_is_only_told_if_ten_customers_must_have_bought_it() -> None:
    baskets = [{0, 1}] * 29 + [{0, 2}] * 30 + [{3}] * 50
    assert sets(baskets, 0.0, most=3).index.tolist() == ["0+2"]
    assert SMALLEST_GROUP * 3 == 30


def test_nothing_frequent_gives_no_row_and_the_answer_says_so() -> None:
    found = sets([{0}, {1}, {2}])
    assert found.empty
    assert "more orders" in top_pairs.answer("agm", [], "no file.", has_lines=True).answer
    assert "no file" in top_pairs.answer("agm", [], "no file.", has_lines=False).answer


def test_the_answer_names_found_pairs_in_most_orders_first() -> None:
    found = sets(drawn(4000, seed=1, together=(2, 5)), 0.002).reset_index()
    answer = top_pairs.answer("agm", found.to_dict("records"), "", has_lines=True)
    assert "meal 2 + meal 5" in answer.answer
    assert answer.sample_size == 4000
    assert all(row["beyond_expected"] > 1 for row in answer.details)


def test_a_product_without_a_name_is_told_by_its_number() -> None:
    assert "product 11" in sets([{10, 11}, {10, 11}]).loc["10+11", "products"]
