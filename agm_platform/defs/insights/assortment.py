"""What sells: price bands, departments, popular products, and departments that share a basket."""

import narwhals as nw

from agm_platform.contracts.bands import Bands
from agm_platform.defs.insights.bands import banded

UNPRICED = "unpriced"


def with_positions(departments: nw.LazyFrame, most: int) -> nw.LazyFrame:
    """Add `position`, 0 for the lowest department number; null beyond `most` departments."""
    ranked = departments.with_columns(
        position=nw.col("department_id").rank("ordinal").cast(nw.Int64) - 1
    )
    return ranked.with_columns(position=nw.when(nw.col("position") < most).then(nw.col("position")))


def price_bands(products: nw.LazyFrame, product_lines: nw.LazyFrame, rule: Bands) -> nw.LazyFrame:
    """Sum up products and their lines by price band: by the rule, and by thirds of the prices.

    Parameters: products with product_id (each once), price_usd_cents, received_usd_cents;
    product_lines with product_id (each once), order_lines. A third is of products, not of lines;
    products of one price stay together. Returns the columns of the contract `price_bands`.
    """
    sold = products.join(product_lines, on="product_id", how="left").with_columns(
        nw.col("order_lines").fill_null(0)
    )
    price = nw.col("price_usd_cents")
    priced = sold.filter(~price.is_null())
    edges = priced.select(
        _low=price.quantile(1 / 3, interpolation="linear"),
        _high=price.quantile(2 / 3, interpolation="linear"),
    )
    thirds = sold.join(edges, how="cross").with_columns(
        _band=nw.when(~price.is_null()).then(
            nw.when(price <= nw.col("_low"))
            .then(nw.lit(rule.names[0]))
            .otherwise(
                nw.when(price <= nw.col("_high"))
                .then(nw.lit(rule.names[1]))
                .otherwise(nw.lit(rule.names[2]))
            )
        )
    )
    return nw.concat(
        [
            _by_band(sold.with_columns(_band=banded(price, rule)), "rule", rule),
            _by_band(thirds, "thirds", rule),
        ]
    )


def _by_band(sold: nw.LazyFrame, basis: str, rule: Bands) -> nw.LazyFrame:
    price = nw.col("price_usd_cents")
    named = sold.with_columns(
        price_band=nw.col("_band").fill_null(UNPRICED), _cents=price * nw.col("order_lines")
    )
    summed = named.group_by("price_band").agg(
        lowest_usd_cents=price.min(),
        highest_usd_cents=price.max(),
        products=nw.len(),
        order_lines=nw.col("order_lines").sum(),
        usd_cents=nw.col("_cents").sum(),
    )
    absurd = named.filter(price.is_null() & ~nw.col("received_usd_cents").is_null())
    left_in = (
        absurd.with_columns(price_band=banded(nw.col("received_usd_cents"), rule))
        .group_by("price_band")
        .agg(_absurd=nw.col("order_lines").sum())
    )
    return summed.join(left_in, on="price_band", how="left").select(
        "price_band",
        "lowest_usd_cents",
        "highest_usd_cents",
        basis=nw.lit(basis),
        products=nw.col("products").cast(nw.Int64),
        order_lines=nw.col("order_lines").cast(nw.Int64),
        received_lines=(nw.col("order_lines") + nw.col("_absurd").fill_null(0)).cast(nw.Int64),
        usd_cents=nw.col("usd_cents").fill_null(0).cast(nw.Int64),
    )


def popularity(lines: nw.LazyFrame, products: nw.LazyFrame) -> nw.LazyFrame:
    """Return lines, first-time buyers and repeats of every product that was bought.

    Parameters: lines with product_id and reordered (1 if its customer had bought it before);
    products with product_id (each once), product_name, department_name. Whoever buys a
    product for the first time is a customer of it: customers are the lines that are no repeats.
    """
    sold = lines.group_by("product_id").agg(
        order_lines=nw.len(),
        reordered_lines=nw.col("reordered").sum(),
        _told=nw.col("reordered").count(),
    )
    return sold.join(products, on="product_id", how="inner").select(
        "product_id",
        "product_name",
        "department_name",
        order_lines=nw.col("order_lines").cast(nw.Int64),
        customers=(nw.col("_told") - nw.col("reordered_lines")).cast(nw.Int64),
        reordered_lines=nw.col("reordered_lines").cast(nw.Int64),
        repeat_rate=nw.when(nw.col("_told") > 0).then(nw.col("reordered_lines") / nw.col("_told")),
    )


def by_department(
    departments: nw.LazyFrame,
    products: nw.LazyFrame,
    line_cube: nw.LazyFrame,
    sets: nw.LazyFrame,
    customer_sets: nw.LazyFrame,
) -> nw.LazyFrame:
    """Sum up departments: products in the list, lines, orders, customers, money, repeats.

    Parameters: departments with department_id (each once), department_name, position; line_cube
    with department_id and sums; sets and customer_sets with `departments` (bits) and `count`.
    """
    listed = products.group_by("department_id").agg(products=nw.len())
    sold = line_cube.group_by("department_id").agg(
        order_lines=nw.col("order_lines").sum(),
        usd_cents=nw.col("usd_cents").sum(),
        reordered_lines=nw.col("reordered_lines").sum(),
        _numbers=nw.col("order_numbers").sum(),
    )
    held = _holding(departments, sets, "orders").join(
        _holding(departments, customer_sets, "customers"), on="department_id", how="left"
    )
    whole = ("products", "order_lines", "orders", "customers", "usd_cents", "reordered_lines")
    return (
        departments.join(listed, on="department_id", how="left")
        .join(sold, on="department_id", how="left")
        .join(held, on="department_id", how="left")
        .with_columns(
            *(nw.col(name).fill_null(0).cast(nw.Int64) for name in whole),
            mean_order_number=nw.col("_numbers") / nw.col("order_lines"),
        )
    )


def _holding(departments: nw.LazyFrame, sets: nw.LazyFrame, name: str) -> nw.LazyFrame:
    """Count for each department the sets that hold it."""
    placed = departments.filter(~nw.col("position").is_null()).select(
        "department_id", _bit=_bit("position")
    )
    return (
        placed.join(sets, how="cross")
        .filter(_holds("_bit"))
        .group_by("department_id")
        .agg(nw.col("count").sum().alias(name))
    )


def pairs(departments: nw.LazyFrame, sets: nw.LazyFrame) -> nw.LazyFrame:
    """Return every pair of departments that share a basket, with support and lift.

    Parameters as in `by_department`. Support is the share of all sets with both; lift is that over
    the product of the two shares: 1 means no more often than by chance.
    """
    placed = departments.filter(~nw.col("position").is_null())
    total = sets.select(_total=nw.col("count").sum())
    held = _holding(departments, sets, "_held")
    held_named = held.join(
        placed.select("department_id", "department_name", "position", _bit=_bit("position")),
        on="department_id",
        how="inner",
    )
    first = held_named.select(
        first_department="department_name",
        _first="position",
        _first_bit="_bit",
        _first_held="_held",
    )
    second = held_named.select(
        second_department="department_name",
        _second="position",
        _second_bit="_bit",
        _second_held="_held",
    )
    couples = first.join(second, how="cross").filter(nw.col("_first") < nw.col("_second"))
    both = (
        couples.select("_first", "_second", "_first_bit", "_second_bit")
        .join(sets, how="cross")
        .filter(_holds("_first_bit"), _holds("_second_bit"))
        .group_by("_first", "_second")
        .agg(orders=nw.col("count").sum())
    )
    chance = nw.col("_first_held") * nw.col("_second_held") / nw.col("_total")
    return (
        couples.join(both, on=["_first", "_second"], how="inner")
        .join(total, how="cross")
        .select(
            "first_department",
            "second_department",
            orders=nw.col("orders").cast(nw.Int64),
            support=nw.col("orders") / nw.col("_total"),
            lift=nw.col("orders") / chance,
        )
    )


def _bit(position: str) -> nw.Expr:
    """Return 2 to the power of the position."""
    return (nw.lit(2) ** nw.col(position)).cast(nw.Int64)


def _holds(bit: str) -> nw.Expr:
    return nw.col("departments") // nw.col(bit) % 2 == 1
