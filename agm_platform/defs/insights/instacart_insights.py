"""What Instacart's orders say, by the families of insights beside this file."""

import narwhals as nw

from agm_platform.contracts import instacart
from agm_platform.contracts import instacart_insights as made
from agm_platform.contracts import instacart_rules as rules
from agm_platform.defs.insights.assortment import (
    by_department,
    pairs,
    popularity,
    price_bands,
    with_positions,
)
from agm_platform.defs.insights.shopper_flags import customer_habits, flag_counts
from agm_platform.defs.insights.shopper_groups import customer_groups, group_habits
from agm_platform.defs.insights.shopping_hours import hours_and_days, labelled
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.sources.instacart.lines import order_sums
from agm_platform.defs.table import table
from agm_platform.privacy.suppression import with_hidden_cells
from agm_platform.warehouse.baskets import united_sets
from agm_platform.warehouse.held import held

NO_HOUR = 24
MOMENTS = NO_HOUR + 1
"""Hours of the day, and one for an order whose hour is missing."""


def _prior(orders: nw.LazyFrame) -> nw.LazyFrame:
    return orders.filter(nw.col("order_set") == "prior")


@table(made.BASKETS)
def baskets(
    prior_order_sums: nw.LazyFrame,
    prior_lines_set_aside: nw.LazyFrame,
    prior_lines: nw.LazyFrame,
    products: nw.LazyFrame,
    departments: nw.LazyFrame,
) -> nw.LazyFrame:
    """Prior orders with lines; those of which a line was set aside are summed up anew."""
    touched = prior_lines_set_aside.filter(~nw.col("order_id").is_null()).select("order_id")
    whole = prior_order_sums.filter(~nw.col("order_id").is_null()).join(
        touched, on="order_id", how="anti"
    )
    left = prior_lines.join(touched, on="order_id", how="semi").with_columns(
        add_to_cart_order=nw.col("line_number")
    )
    again = order_sums(left, products, departments)
    names = made.BASKETS.column_names
    return nw.concat([whole.select(*names), again.select(*names)])


@table(made.CUSTOMER_HABITS)
def habits(orders: nw.LazyFrame, baskets: nw.LazyFrame) -> nw.LazyFrame:
    """Prior orders by customer."""
    return customer_habits(
        _prior(orders),
        baskets,
        loyalty=rules.LOYALTY,
        frequency=rules.FREQUENCY,
        low_spending_below=rules.LOW_SPENDING_BELOW_USD_CENTS,
        low_activity_below=rules.LOW_ACTIVITY_BELOW_ORDERS,
    )


@table(made.CUSTOMER_GROUPS)
def groups(customer_habits: nw.LazyFrame, clean_customers: nw.LazyFrame) -> nw.LazyFrame:
    """Customers by what is known of them; unknown if no customers file has come."""
    return customer_groups(customer_habits, clean_customers, rules.AGE_BANDS, rules.INCOME_BANDS)


@table(made.ORDER_CUBE)
def order_cube(orders: nw.LazyFrame, customer_groups: nw.LazyFrame) -> nw.LazyFrame:
    """Prior orders by group of customers, day and hour."""
    numbered = customer_groups.select("customer_id", "group_number")
    return (
        _prior(orders)
        .join(numbered, on="customer_id", how="inner")
        .group_by("group_number", "order_day", "order_hour")
        .agg(orders=nw.len())
    )


@table(made.LINE_CUBE)
def line_cube(
    prior_lines: nw.LazyFrame,
    orders: nw.LazyFrame,
    products: nw.LazyFrame,
    customer_groups: nw.LazyFrame,
) -> nw.LazyFrame:
    """Prior lines by group, hour, department and price band: the one pass that joins all three."""
    numbered = customer_groups.select("customer_id", "group_number")
    # Two short keys instead of four long ones: the lines are grouped in two thirds of the time.
    known = orders.join(numbered, on="customer_id", how="inner").select(
        "order_id",
        "order_number",
        _moment=(nw.col("group_number") * MOMENTS + nw.col("order_hour").fill_null(NO_HOUR)).cast(
            nw.Int32
        ),
    )
    shelves = held(_shelves(products))
    placed = products.with_columns(_place=_shelf()).join(shelves, on="_place", how="inner")
    cube = (
        prior_lines.join(known, on="order_id", how="inner")
        .join(
            placed.select("product_id", "price_usd_cents", "_shelf"), on="product_id", how="inner"
        )
        .group_by("_moment", "_shelf")
        .agg(
            order_lines=nw.len(),
            usd_cents=nw.col("price_usd_cents").sum(),
            priced_lines=nw.col("price_usd_cents").count(),
            reordered_lines=nw.col("reordered").sum(),
            order_numbers=nw.col("order_number").sum(),
        )
    )
    sums = ("order_lines", "usd_cents", "priced_lines", "reordered_lines", "order_numbers")
    moment = nw.col("_moment").cast(nw.Int64)
    hour = moment % MOMENTS
    return cube.join(shelves, on="_shelf", how="inner").with_columns(
        *(nw.col(name).fill_null(0).cast(nw.Int64) for name in sums),
        group_number=moment // MOMENTS,
        order_hour=nw.when(hour != NO_HOUR).then(hour),
    )


@table(made.SHOPPING_HABITS)
def shopping_habits(orders: nw.LazyFrame, baskets: nw.LazyFrame, privacy: Privacy) -> nw.LazyFrame:
    """All orders by day and hour; what was spent is known of prior orders only.

    Where there are few customers their money is hidden. That somebody orders then is not.
    """
    hours = labelled(hours_and_days(orders, baskets), rules.FIRST_DAY, rules.PERIODS_OF_DAY)
    return with_hidden_cells(
        hours,
        ["dimension"],
        "customers",
        privacy.smallest_group,
        cell_columns=["order_day", "order_hour"],
    ).sort("dimension", "order_day", "order_hour")


@table(made.PRODUCT_POPULARITY)
def product_popularity(
    prior_lines: nw.LazyFrame, products: nw.LazyFrame, privacy: Privacy
) -> nw.LazyFrame:
    """Prior lines by product."""
    return with_hidden_cells(
        popularity(prior_lines, products),
        [],
        "customers",
        privacy.smallest_group,
        cell_columns=["product_id"],
    )


@table(made.PRICE_BANDS)
def bands_of_prices(products: nw.LazyFrame, product_popularity: nw.LazyFrame) -> nw.LazyFrame:
    """Products and prior lines by price band."""
    return price_bands(products, product_popularity, rules.PRICE_BANDS).sort(
        "basis", "lowest_usd_cents", nulls_last=True
    )


@table(made.DEPARTMENT_INSIGHTS)
def department_insights(
    departments: nw.LazyFrame,
    products: nw.LazyFrame,
    line_cube: nw.LazyFrame,
    baskets: nw.LazyFrame,
    orders: nw.LazyFrame,
    privacy: Privacy,
) -> nw.LazyFrame:
    """Departments by lines, orders and customers of the prior orders."""
    placed = with_positions(departments, rules.MOST_DEPARTMENTS)
    owned = baskets.join(orders.select("order_id", "customer_id"), on="order_id", how="inner")
    of_customers = united_sets(owned.select("customer_id", "departments"), "customer_id")
    summed = by_department(placed, products, line_cube, _sets(baskets), _sets(of_customers))
    return with_hidden_cells(
        summed, [], "customers", privacy.smallest_group, cell_columns=["department_id"]
    ).sort("order_lines", "department_id", descending=[True, False])


@table(made.DEPARTMENT_PAIRS)
def department_pairs(
    departments: nw.LazyFrame, baskets: nw.LazyFrame, privacy: Privacy
) -> nw.LazyFrame:
    """Departments that share baskets; pairs of too few baskets are left out."""
    found = pairs(with_positions(departments, rules.MOST_DEPARTMENTS), _sets(baskets))
    return found.filter(nw.col("orders") >= privacy.smallest_group).sort(
        "orders", "first_department", "second_department", descending=[True, False, False]
    )


@table(made.GROUP_HABITS)
def habits_of_groups(
    customer_habits: nw.LazyFrame,
    customer_groups: nw.LazyFrame,
    order_cube: nw.LazyFrame,
    line_cube: nw.LazyFrame,
    departments: nw.LazyFrame,
    privacy: Privacy,
) -> nw.LazyFrame:
    """Habits by loyalty, region, profile, age, income and family status."""
    summed = group_habits(
        customer_habits, customer_groups, order_cube, line_cube, departments, made.GROUPS
    )
    return with_hidden_cells(
        summed, ["grouping"], "customers", privacy.smallest_group, cell_columns=["member"]
    ).sort("grouping", "member")


@table(made.FLAG_COUNTS)
def flags(customer_habits: nw.LazyFrame) -> nw.LazyFrame:
    """Customers and prior lines by flag.

    Nothing is hidden: the flags of every customer are published under a pseudonym, so that counting
    them tells nothing more, and no flag is about who a customer is.
    """
    return flag_counts(customer_habits).sort("flag", "label")


@table(
    made.LINE_JOIN,
    reads={
        "raw_lines": instacart.RAW_PRIOR_LINES,
        "lines_set_aside": instacart.PRIOR_SET_ASIDE,
        "staged_products": instacart.STAGED_PRODUCTS,
        "line_products": instacart.LINE_PRODUCTS,
        "product_popularity": made.PRODUCT_POPULARITY,
    },
)
def line_join(
    raw_lines: nw.LazyFrame,
    lines_set_aside: nw.LazyFrame,
    product_popularity: nw.LazyFrame,
    staged_products: nw.LazyFrame,
    line_products: nw.LazyFrame,
) -> nw.LazyFrame:
    """Prior lines in and out, and what an inner join to the list without repairs would count.

    That list is the usual one: full repeats and products without a name dropped. Products that
    lines describe are joined already, so such a join would lose none of them.
    """
    usual = staged_products.filter(
        nw.col("copy_number") == 1,
        ~nw.col("product_name").is_null() | nw.col("name_is_spoilt"),
    )
    listed = (
        nw.concat(
            [
                usual.select(product_id="received_product_id"),
                line_products.select("product_id"),
            ]
        )
        .group_by("product_id")
        .agg(_rows=nw.len())
    )
    joined = product_popularity.join(listed, on="product_id", how="left").with_columns(
        _rows=nw.col("_rows").fill_null(0)
    )
    lines, rows = nw.col("order_lines"), nw.col("_rows")
    naive = joined.select(
        lines_accepted=lines.sum(),
        lines_dropped=nw.when(rows == 0).then(lines).otherwise(nw.lit(0)).sum(),
        lines_doubled=nw.when(rows > 1).then(lines * (rows - 1)).otherwise(nw.lit(0)).sum(),
    )
    counts = (
        raw_lines.select(lines_received=nw.len())
        .join(lines_set_aside.select(lines_set_aside=nw.len()), how="cross")
        .join(naive, how="cross")
        .with_columns(
            nw.col(name).fill_null(0).cast(nw.Int64)
            for name in ("lines_accepted", "lines_dropped", "lines_doubled")
        )
    )
    return counts.with_columns(
        lines_joined_naively=nw.col("lines_accepted")
        - nw.col("lines_dropped")
        + nw.col("lines_doubled"),
        lines_unaccounted=nw.col("lines_received")
        - nw.col("lines_accepted")
        - nw.col("lines_set_aside"),
    )


def _sets(frame: nw.LazyFrame) -> nw.LazyFrame:
    """Count how often each set of departments occurs."""
    return frame.group_by("departments").agg(count=nw.len())


def _shelves(products: nw.LazyFrame) -> nw.LazyFrame:
    """Number the pairs of department and price band that products have: `_shelf`, from 1."""
    pairs_of = products.select("department_id", "price_band", _place=_shelf()).unique()
    return pairs_of.with_columns(_shelf=nw.col("_place").rank("ordinal").cast(nw.Int32))


def _shelf() -> nw.Expr:
    """Return one number for department and price band, either of which may be missing."""
    names = rules.PRICE_BANDS.names
    band: nw.Expr = nw.lit(len(names))
    for place, name in enumerate(names):
        band = nw.when(nw.col("price_band") == name).then(nw.lit(place)).otherwise(band)
    return nw.col("department_id").fill_null(-1) * (len(names) + 1) + band
