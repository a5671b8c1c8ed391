"""Contracts of what is made from Instacart's orders: habits, prices, kinds of customers."""

from __future__ import annotations

from agm_platform.contracts.answers import answers_of
from agm_platform.contracts.breakdown import suppressed
from agm_platform.contracts.instacart import BASKET_COLUMNS, CUSTOMER_ID, SOURCE
from agm_platform.contracts.model import Column, Owner, Rule, SmallGroups, Table, Type
from agm_platform.contracts.product_sets import product_sets_of
from agm_platform.contracts.rules import in_set, unique

TEXT, INTEGER, NUMBER = Type.TEXT, Type.INTEGER, Type.NUMBER


def _count(name: str, words: str) -> Column:
    return Column(name, INTEGER, words)


def _cents(name: str, words: str) -> Column:
    return Column(name, INTEGER, words, unit="USD cents")


CUSTOMERS = _count("customers", "Different customers.")
ORDERS = _count("orders", "Orders.")
LINES = _count("order_lines", "Order lines.")
SPENT = _cents("usd_cents", "Price of the lines that have one.")
PRICED = _count("priced_lines", "Lines whose product has a price.")
REORDERED = _count("reordered_lines", "Lines of products that the user had bought before.")


def _insight(
    name: str,
    description: str,
    *columns: Column,
    key: tuple[str, ...] = (),
    hidden: tuple[str, ...] = (),
    publish: bool = True,
    rules: tuple[Rule, ...] = (),
) -> Table:
    single = (
        Rule(
            f"{key[0]}__key_unique",
            "expect_compound_columns_to_be_unique",
            {"column_list": list(key)},
            "one row a group",
        )
        if len(key) > 1
        else unique(key[0], "one row a group")
        if key
        else None
    )
    return Table(
        SOURCE,
        name,
        description,
        (*columns, *([suppressed()] if hidden else [])),
        key=key,
        rules=(*([single] if single else []), *rules),
        publish=publish,
        owner=Owner.ANALYTICS,
        small_groups=(SmallGroups(hidden),) if hidden else (),
    )


BASKETS = Table(
    SOURCE,
    "baskets",
    "Orders of the set prior with lines: how many, for how much, of which departments. A view: the "
    "sums of all lines, and new ones for the orders of which a line was set aside.",
    (Column("order_id", INTEGER, "Order number.", nullable=False), *BASKET_COLUMNS),
    publish=False,
    stored=False,
    owner=Owner.ANALYTICS,
)

LOYALTY = Column("loyalty", TEXT, "new, regular or loyal: by the number of the last prior order.")
CUSTOMER_HABITS = _insight(
    "customer_habits",
    "One row a customer with prior orders: how often and for how much, and the flags.",
    CUSTOMER_ID,
    _count("last_order_number", "Highest number of a prior order."),
    _count("orders", "Prior orders in the file; fewer than the number in a cut."),
    _count("gaps", "Prior orders that tell the days since the one before."),
    Column("median_gap_days", NUMBER, "Median of those days, one value an order.", unit="days"),
    Column("zero_filled_median_days", NUMBER, "The same with 0 for missing.", unit="days"),
    LINES,
    PRICED,
    SPENT,
    LOYALTY,
    Column("frequency", TEXT, "frequent, regular or non_frequent: by the median gap."),
    Column("zero_filled_frequency", TEXT, "The same by the median with 0 for missing."),
    Column("spending", TEXT, "low or high: by the mean item price."),
    Column("unrepaired_spending", TEXT, "The same with absurd prices left in."),
    Column("activity", TEXT, "low (left out of what the finance team counts) or usual."),
    key=("customer_id",),
    rules=(in_set("loyalty__known", ["new", "regular", "loyal"], "loyalty has three names"),),
)
CUSTOMER_GROUPS = _insight(
    "customer_groups",
    "One row a customer with prior orders: the groups that the customer is in.",
    CUSTOMER_ID,
    _count("group_number", "Number of the combination of groups."),
    LOYALTY,
    Column("activity", TEXT, "low or usual."),
    Column("region", TEXT, "Census region; unknown without a customers file."),
    Column("age_band", TEXT, "Age band; unknown."),
    Column("income_band", TEXT, "Income band; unknown."),
    Column("family", TEXT, "parent (has dependants) or no_dependants; unknown."),
    Column("family_status", TEXT, "As the sender says it; unknown."),
    Column("profile", TEXT, "Age band, family and income band."),
    key=("customer_id",),
    publish=False,
)
GROUPS = ("loyalty", "region", "profile", "age_band", "income_band", "family_status")

ORDER_CUBE = _insight(
    "order_cube",
    "Prior orders by group, day and hour.",
    _count("group_number", "Number of the combination of groups."),
    _count("order_day", "Day of the week, 0 to 6."),
    _count("order_hour", "Hour, 0 to 23."),
    ORDERS,
    publish=False,
)
LINE_CUBE = _insight(
    "line_cube",
    "Prior lines by group, hour, department and price band.",
    _count("group_number", "Number of the combination of groups."),
    _count("order_hour", "Hour, 0 to 23."),
    _count("department_id", "Department number."),
    Column("price_band", TEXT, "low, mid or high; null without a price."),
    LINES,
    SPENT,
    PRICED,
    REORDERED,
    _count("order_numbers", "Sum of the order numbers of the lines."),
    publish=False,
)
SHOPPING_HABITS = _insight(
    "shopping_habits",
    "Orders by day, by hour, and by both: how many, for how much.",
    Column("dimension", TEXT, "day, hour or day_hour.", nullable=False),
    _count("order_day", "Day of the week, 0 to 6; null for an hour."),
    _count("order_hour", "Hour, 0 to 23; null for a day."),
    Column("label", TEXT, "Name of the day, or period of the hour."),
    ORDERS,
    CUSTOMERS,
    _count("orders_with_lines", "Orders whose lines are known."),
    LINES,
    PRICED,
    SPENT,
    Column("share", NUMBER, "Orders as a share of all."),
    Column("share_low", NUMBER, "Lower end of its interval, customers being what was drawn."),
    Column("share_high", NUMBER, "Upper end of its interval."),
    key=("dimension", "order_day", "order_hour"),
    hidden=("order_lines", "priced_lines", "usd_cents"),
)
PRICE_BANDS = _insight(
    "price_bands",
    "Products and lines by price band: by the rule, and by thirds of the products' prices.",
    Column("basis", TEXT, "rule or thirds.", nullable=False),
    Column("price_band", TEXT, "low, mid, high or unpriced.", nullable=False),
    _cents("lowest_usd_cents", "Lowest price in the band."),
    _cents("highest_usd_cents", "Highest price in the band."),
    _count("products", "Products."),
    LINES,
    _count("received_lines", "Lines if absurd prices were left in."),
    SPENT,
    key=("basis", "price_band"),
)
DEPARTMENT_INSIGHTS = _insight(
    "department_insights",
    "Departments by lines, orders and customers.",
    _count("department_id", "Department number."),
    Column("department_name", TEXT, "Name."),
    _count("products", "Products in the list."),
    LINES,
    ORDERS,
    CUSTOMERS,
    SPENT,
    REORDERED,
    Column("mean_order_number", NUMBER, "Mean order number of its lines: how late it is bought."),
    key=("department_id",),
    hidden=(
        "order_lines",
        "orders",
        "customers",
        "usd_cents",
        "reordered_lines",
        "mean_order_number",
    ),
)
DEPARTMENT_PAIRS = _insight(
    "department_pairs",
    "Pairs of departments in one basket, of the baskets that have lines.",
    Column("first_department", TEXT, "Name.", nullable=False),
    Column("second_department", TEXT, "Name.", nullable=False),
    ORDERS,
    Column("support", NUMBER, "Share of all baskets that hold both."),
    Column("lift", NUMBER, "Support over what it were if the two were bought independently."),
    key=("first_department", "second_department"),
)
PRODUCT_POPULARITY = _insight(
    "product_popularity",
    "Products by lines, with the share of lines that repeat a purchase.",
    _count("product_id", "Product number."),
    Column("product_name", TEXT, "Name; null if there is none."),
    Column("department_name", TEXT, "Name of the department."),
    LINES,
    CUSTOMERS,
    REORDERED,
    Column("repeat_rate", NUMBER, "Lines that repeat a purchase, as a share of lines."),
    key=("product_id",),
    hidden=("order_lines", "customers", "reordered_lines", "repeat_rate"),
)
GROUP_HABITS = _insight(
    "group_habits",
    "Customers, orders and spending of each group of customers.",
    Column("grouping", TEXT, "loyalty, region, profile and so on.", nullable=False),
    Column("member", TEXT, "The group.", nullable=False),
    CUSTOMERS,
    _count("loyal_customers", "Loyal ones among them."),
    ORDERS,
    LINES,
    SPENT,
    Column("orders_per_customer", NUMBER, "Prior orders in the file over customers."),
    Column("usd_cents_per_order", NUMBER, "Spent an order.", unit="USD cents"),
    Column("usd_cents_per_order_low", NUMBER, "Lower end, customers drawn.", unit="USD cents"),
    Column("usd_cents_per_order_high", NUMBER, "Upper end.", unit="USD cents"),
    Column("least_usd_cents", INTEGER, "Least spent by a customer.", unit="USD cents"),
    Column("most_usd_cents", INTEGER, "Most spent by a customer.", unit="USD cents"),
    Column("mean_usd_cents", NUMBER, "Mean spent by a customer.", unit="USD cents"),
    Column("least_gap_days", NUMBER, "Least median gap of a customer.", unit="days"),
    Column("most_gap_days", NUMBER, "Greatest median gap of a customer.", unit="days"),
    Column("mean_gap_days", NUMBER, "Mean of the customers' median gaps.", unit="days"),
    Column("busiest_day", INTEGER, "Day with most orders."),
    Column("busiest_hour", INTEGER, "Hour with most orders."),
    Column("top_department", TEXT, "Department with most lines."),
    Column("top_department_share", NUMBER, "Its share of the group's lines."),
    key=("grouping", "member"),
    hidden=(
        "customers",
        "loyal_customers",
        "orders",
        "order_lines",
        "usd_cents",
        "orders_per_customer",
        "usd_cents_per_order",
        "usd_cents_per_order_low",
        "usd_cents_per_order_high",
        "least_usd_cents",
        "most_usd_cents",
        "mean_usd_cents",
        "least_gap_days",
        "most_gap_days",
        "mean_gap_days",
        "busiest_day",
        "busiest_hour",
        "top_department",
        "top_department_share",
    ),
)
FLAG_COUNTS = _insight(
    "flag_counts",
    "Customers by flag; lines are the second figure.",
    Column("flag", TEXT, "loyalty, frequency, spending, activity, and how they come out wrong."),
    Column("label", TEXT, "Value of the flag; cannot_tell without what it is made of."),
    CUSTOMERS,
    LINES,
    key=("flag", "label"),
)
LINE_JOIN = _insight(
    "line_join",
    "Prior lines joined to products: as accepted, and as a join to the uncleaned list counts them.",
    Column("lines_received", INTEGER, "Lines in the file."),
    Column("lines_accepted", INTEGER, "Lines matched to one product and one order each."),
    Column("lines_set_aside", INTEGER, "Lines set aside."),
    Column("lines_dropped", INTEGER, "Lines that a join to the uncleaned list loses."),
    Column("lines_doubled", INTEGER, "Lines that it counts once more."),
    Column("lines_joined_naively", INTEGER, "Lines that it gives."),
    Column("lines_unaccounted", INTEGER, "Received less accepted and set aside."),
    rules=(in_set("lines_unaccounted__zero", [0], "lines in = lines matched + lines set aside"),),
)
PRODUCT_SETS = product_sets_of(SOURCE, Type.INTEGER)

TABLES = (
    BASKETS,
    CUSTOMER_HABITS,
    CUSTOMER_GROUPS,
    ORDER_CUBE,
    LINE_CUBE,
    SHOPPING_HABITS,
    PRICE_BANDS,
    DEPARTMENT_INSIGHTS,
    DEPARTMENT_PAIRS,
    PRODUCT_POPULARITY,
    GROUP_HABITS,
    FLAG_COUNTS,
    LINE_JOIN,
    PRODUCT_SETS,
    answers_of(SOURCE),
)
