"""The points programme's insight tables: each an insight for any source, given its tables."""

import narwhals as nw
import pandas as pd

from agm_platform.contracts import loyalty_insights as contracts
from agm_platform.contracts import loyalty_rules as rules
from agm_platform.contracts.model import Table
from agm_platform.defs.insights import attributes as attribute_insights
from agm_platform.defs.insights import customer_flags as flags
from agm_platform.defs.insights import experiments as experiment_plans
from agm_platform.defs.insights import programme
from agm_platform.defs.insights import retention as retention_insights
from agm_platform.defs.insights.bands import banded
from agm_platform.defs.insights.calendar import day_number
from agm_platform.defs.insights.customer_groups import known_or_unknown, means_by, summed_by
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import table
from agm_platform.warehouse.rows import records

TOLD = ("location", "gender", "age")
ATTRIBUTES = (*TOLD, "favorite_movie_line")


def typed(found: pd.DataFrame, contract: Table) -> pd.DataFrame:
    """Return a frame that may be empty with all columns of its table."""
    return found.reindex(columns=list(contract.column_names))


@table(contracts.LOYALTY_INSIGHTS)
def loyalty_insights(
    clean_customers: nw.LazyFrame, customers: nw.LazyFrame, privacy: Privacy
) -> nw.LazyFrame:
    """Customers summed up by group, attributes, how many they told, sign-up year, use of points."""
    enough = nw.col("total_standard_points") >= rules.REDEMPTION_POINTS
    marked = _with_line(clean_customers, customers).with_columns(
        enough_points_now=nw.when(enough).then(nw.lit(1)).otherwise(nw.lit(0))
    )
    group = nw.when(nw.col("is_enrolled")).then(nw.lit("enrolled")).otherwise(nw.lit("control"))
    is_told = [
        nw.when(~nw.col(name).is_null()).then(nw.lit(1)).otherwise(nw.lit(0)) for name in ATTRIBUTES
    ]
    return summed_by(
        marked,
        {
            "group": group,
            **{name: known_or_unknown(name) for name in TOLD},
            "attributes_told": nw.sum_horizontal(*is_told),
            "movie_line": nw.when(is_told[-1] == 1)
            .then(nw.lit("known"))
            .otherwise(nw.lit("unknown")),
            "signup_year": nw.col("signup_date").dt.year(),
            "points_state": nw.col("points_state"),
        },
        contracts.LOYALTY_INSIGHTS.column_names[4:-1],
        privacy.smallest_group,
    ).sort("dimension", "member")


@table(contracts.PROGRAMME_COMPARISON)
def programme_comparison(
    customers: nw.LazyFrame, orders: nw.LazyFrame, privacy: Privacy
) -> pd.DataFrame:
    """Members against control by customers assigned, buyers and purchases."""
    found = programme.programme_comparison(customers, orders, privacy.smallest_group)
    return typed(found, contracts.PROGRAMME_COMPARISON)


@table(contracts.ASSIGNMENT_BALANCE)
def assignment_balance(customers: nw.LazyFrame) -> pd.DataFrame:
    """Chi-square of attributes and month of signing up over members and control."""
    month = nw.col("signup_date").dt.to_string("%Y-%m")
    known = customers.with_columns(signup_month=month)
    found = attribute_insights.assignment_balance(known, (*TOLD, "signup_month"))
    return typed(found, contracts.ASSIGNMENT_BALANCE)


@table(contracts.RETENTION)
def retention(customers: nw.LazyFrame, orders: nw.LazyFrame, privacy: Privacy) -> pd.DataFrame:
    """Drop-off after each purchase: naive, after a fixed wait, and by Kaplan and Meier."""
    found = retention_insights.retention(
        customers, orders, rules.DROP_OFF_PURCHASES, rules.WAITING_DAYS, privacy.smallest_group
    )
    return typed(found, contracts.RETENTION)


@table(contracts.POINTS_HOLDERS)
def points_holders(clean_customers: nw.LazyFrame, privacy: Privacy) -> pd.DataFrame:
    """Mean purchases, money and balance by use of points."""
    measures = ("number_of_purchases", "net_usd_cents", "total_standard_points")
    found = means_by(clean_customers, "points_state", measures, privacy.smallest_group)
    return typed(found, contracts.POINTS_HOLDERS)


@table(contracts.ATTRIBUTE_LEVELS)
def attribute_levels(
    clean_customers: nw.LazyFrame, customers: nw.LazyFrame, privacy: Privacy
) -> pd.DataFrame:
    """Mean net spend by each value of each attribute."""
    found = attribute_insights.attribute_levels(
        _with_line(clean_customers, customers), ATTRIBUTES, "net_usd_cents", privacy.smallest_group
    )
    return typed(found, contracts.ATTRIBUTE_LEVELS)


@table(contracts.ATTRIBUTE_TESTS)
def attribute_tests(clean_customers: nw.LazyFrame, customers: nw.LazyFrame) -> pd.DataFrame:
    """Kruskal's and Wallis' test of net spend over the values of each attribute."""
    found = attribute_insights.attribute_tests(
        _with_line(clean_customers, customers), ATTRIBUTES, "net_usd_cents"
    )
    return typed(found, contracts.ATTRIBUTE_TESTS)


@table(contracts.ATTRIBUTE_PREDICTION)
def attribute_prediction(clean_customers: nw.LazyFrame, customers: nw.LazyFrame) -> pd.DataFrame:
    """Naive Bayes on the other attributes, group, purchases, basket and sign-up year."""
    bought = nw.col("number_of_purchases")
    basket = nw.when(bought > 0).then(nw.col("value_of_purchases_usd_cents") / bought)
    known = _with_line(clean_customers, customers).with_columns(
        group=nw.col("is_enrolled").cast(nw.String),
        purchases=nw.when(bought > 0).then(banded(bought, rules.PURCHASE_BANDS)),
        basket=banded(basket, rules.BASKET_BANDS),
        signup_year=nw.col("signup_date").dt.year().cast(nw.String),
    )
    found = attribute_insights.attribute_prediction(
        known,
        TOLD,
        ("favorite_movie_line", "group", "purchases", "basket", "signup_year"),
        rules.FOLDS,
        rules.MOST_LEVELS_PREDICTED,
        rules.MOST_CUSTOMERS_LEARNT,
    )
    return typed(found, contracts.ATTRIBUTE_PREDICTION)


@table(contracts.EXPERIMENTS)
def experiments(
    retention: nw.LazyFrame, clean_customers: nw.LazyFrame, orders: nw.LazyFrame
) -> pd.DataFrame:
    """Customers needed by three experiments."""
    is_first = (nw.col("member_group") == "all") & (nw.col("purchase_number") == 1)
    days = orders.select(day=day_number("order_date"))
    ((span,),) = [
        row.values()
        for row in records(days.select(span=nw.col("day").max() - nw.col("day").min() + 1))
    ]
    found = experiment_plans.experiments(
        retention.filter(is_first), clean_customers, int(span or 1)
    )
    return typed(found, contracts.EXPERIMENTS)


@table(contracts.CUSTOMER_FLAGS)
def customer_flags(orders: nw.LazyFrame) -> nw.LazyFrame:
    """Purchases, mean price and mean gap of each buyer, with their bands."""
    return flags.customer_flags(orders, rules.PURCHASE_BANDS, rules.BASKET_BANDS, rules.GAP_BANDS)


def _with_line(clean_customers: nw.LazyFrame, customers: nw.LazyFrame) -> nw.LazyFrame:
    """Add the film line; one to one."""
    line = customers.select("customer_id", "favorite_movie_line")
    return clean_customers.join(line, on="customer_id", how="left")
