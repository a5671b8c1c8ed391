"""AGM's own tables: customers and their pick-up sales."""

from __future__ import annotations

import numpy as np

from agm_platform.world.baskets import PICKUP, fill_baskets
from agm_platform.world.days import day_weights
from agm_platform.world.draws import weighted, weighted_without_repeats
from agm_platform.world.names import people, streets
from agm_platform.world.reference import MEAL_DOLLARS
from agm_platform.world.size import Columns, WorldSize

# Invented. Share of AGM's customers by store 1, 2, ... 5.
STORE_SHARES = (0.30, 0.20, 0.20, 0.17, 0.13)
# Invented: (share of the buying customers, how often they buy against the mean).
ACTIVITY = ((0.3, 0.3), (0.5, 1.0), (0.2, 2.5))
ROAMING_CUSTOMERS = 0.04  # share of customers who also buy at another store
ROAMING_SALES = 0.25  # share of their sales there


def customers(rng: np.random.Generator, size: WorldSize, zips: Columns) -> Columns:
    """Return the customers table: customer_id, first_name, last_name, street, city, state,
    zip, closest_store_id, distance (whole miles, cut off)."""
    n = size.customers
    first, last = people(rng, n)
    # Many people and a near store make many customers.
    weights = zips["population"] / (1 + np.floor(zips["miles"]))
    for store, share in enumerate(STORE_SHARES, start=1):
        here = zips["closest_store_id"] == store
        weights[here] *= share / np.cumsum(weights[here])[-1]
    home = weighted(rng, weights, n)
    return {
        "customer_id": np.arange(1, n + 1),
        "first_name": first,
        "last_name": last,
        "street": streets(rng, n),
        "city": zips["city"][home],
        "state": zips["state"][home],
        "zip": zips["zip"][home],
        "closest_store_id": zips["closest_store_id"][home],
        # Cut off, not rounded: AGM's example customer lives 1.6 miles away and has a 1.
        "distance": np.floor(zips["miles"][home]).astype(np.int64),
    }


def pickups(
    rng: np.random.Generator, size: WorldSize, customers: Columns
) -> tuple[Columns, Columns]:
    """Return the sales and the line items.

    sales: store_id, sale_id (1..n inside each store), customer_id, sale_date (days since the
    first day), total_amount (dollars). line_items: store_id, sale_id, line_item_id (1..n inside
    each sale), product_id, quantity. A customer buys at most once a day, never on a closed day.
    Raises ValueError if the customers are too few for so many sales.
    """
    shares, paces = zip(*ACTIVITY, strict=True)
    pace = np.array(paces)[weighted(rng, shares, size.customers)]
    pace[rng.random(size.customers) < size.idle_customers] = 0
    weights = pace[:, None] * day_weights(size.first_day, size.days)
    visits = weighted_without_repeats(rng, weights.ravel(), size.sales)
    customer, day = np.divmod(visits, size.days)
    n = len(visits)

    closest = customers["closest_store_id"][customer]
    roams = (rng.random(size.customers) < ROAMING_CUSTOMERS)[customer]
    away = roams & (rng.random(n) < ROAMING_SALES)
    others = rng.integers(1, len(STORE_SHARES), size=n)
    store = np.where(away, (closest - 1 + others) % len(STORE_SHARES) + 1, closest)

    # In the order of the till: by store and day, customers of a day in any order.
    till = ((store * size.days + day) << 32) + rng.integers(2**32, size=n)
    order = np.argsort(till, kind="stable")
    store, day, customer = store[order], day[order], customer[order]
    sale_id = np.arange(n) - np.searchsorted(store, store) + 1

    baskets = fill_baskets(rng, n, PICKUP, size.unsold_products)
    sales = {
        "store_id": store,
        "sale_id": sale_id,
        "customer_id": customers["customer_id"][customer],
        "sale_date": day,
        "total_amount": baskets.meals * MEAL_DOLLARS,
    }
    line_items = {
        "store_id": store[baskets.sale],
        "sale_id": sale_id[baskets.sale],
        "line_item_id": baskets.line,
        "product_id": baskets.product,
        "quantity": baskets.quantity,
    }
    return sales, line_items
