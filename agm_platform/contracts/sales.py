"""Contracts of the sender sales: customers, products, and one row an order."""

from __future__ import annotations

from agm_platform.contracts.answers import answers_of
from agm_platform.contracts.categories import Category, spelled
from agm_platform.contracts.customer_value import value_tables_of
from agm_platform.contracts.landing import FilesBehind, files_behind
from agm_platform.contracts.model import Column, OnFailure, Rule, Severity, Table, Type
from agm_platform.contracts.quarantine import quarantine_of
from agm_platform.contracts.rules import (
    UNEXPECTED_ROWS,
    at_least_one,
    first_copy,
    in_set,
    refers_to,
    required,
    unique,
)
from agm_platform.contracts.snapshots import (
    ROW_NUMBER,
    Snapshot,
    csv_feed,
    raw_table,
    received,
    reconciliation_of,
)
from agm_platform.contracts.staged import COPY_NUMBER, FAILED_RULE, FAILED_RULES

TEXT, INTEGER, NUMBER = Type.TEXT, Type.INTEGER, Type.NUMBER
BOOLEAN, DATE = Type.BOOLEAN, Type.DATE
SOURCE = "sales"

GENDER = Category(SOURCE, "gender", ("Female", "Male", "Other"), (("raw_customer_info", "gender"),))
TIER = Category(
    SOURCE,
    "loyalty_tier",
    ("Gold", "Silver", "Bronze"),
    (("raw_customer_info", "loyalty_tier"),),
)
REGION = Category(
    SOURCE,
    "region",
    ("Central", "East", "North", "South", "West"),
    (("raw_customer_info", "region"), ("raw_sales_data", "region")),
)
STATUS = Category(
    SOURCE,
    "delivery_status",
    ("Delivered", "Delayed", "Cancelled"),
    (("raw_sales_data", "delivery_status"),),
)
PAYMENT = Category(
    SOURCE,
    "payment_method",
    ("Bank Transfer", "Credit Card", "PayPal"),
    (("raw_sales_data", "payment_method"),),
)
CATEGORIES = (GENDER, TIER, REGION, STATUS, PAYMENT)

RAW_CUSTOMER_INFO = raw_table(
    SOURCE,
    "customer_info",
    "Customers.",
    received("customer_id", "C and five digits", identity=SOURCE),
    received("email", "E-mail address", personal=True, required=False),
    received("signup_date", "Day of signing up, day first"),
    received("gender", "Gender", required=False),
    received("region", "Region of the customer's home"),
    received("loyalty_tier", "Loyalty tier"),
    one_row_a_person=True,
)

RAW_PRODUCT_INFO = raw_table(
    SOURCE,
    "product_info",
    "Products.",
    received("product_id", "P and four digits"),
    received("product_name", "Name of the product"),
    received("category", "Category"),
    received("launch_date", "Day of the launch, day first"),
    received("base_price", "List price in dollars", required=False),
    received("supplier_code", "Supplier", required=False),
)

RAW_SALES_DATA = raw_table(
    SOURCE,
    "sales_data",
    "Orders.",
    received("order_id", "O and six digits"),
    received("customer_id", "Customer who ordered", identity=SOURCE),
    received("product_id", "Product ordered"),
    received("quantity", "Pieces, digits or a word"),
    received("unit_price", "Price of a piece in dollars"),
    received("order_date", "Day of the order, day first"),
    received("delivery_status", "What became of the delivery"),
    received("payment_method", "How it was paid"),
    received("region", "Region that the order went to"),
    received("discount_applied", "Discount as a share; empty for none"),
)

RAW_FILES = files_behind(SOURCE, "raw_files")


def _readable(column: str) -> tuple[Column, Rule]:
    """Return the column that says whether a date is one or empty, and the rule about it."""
    name = f"{column}_is_readable"
    return (
        Column(name, BOOLEAN, f"Whether {column} is a date or empty."),
        in_set(f"{name}__true", [True], f"{column} is a date or empty", OnFailure.QUARANTINE),
    )


SIGNUP_READABLE, SIGNUP_RULE = _readable("signup_date")
LAUNCH_READABLE, LAUNCH_RULE = _readable("launch_date")
ORDERED_READABLE, ORDERED_RULE = _readable("order_date")

CUSTOMER_ID = Column("customer_id", TEXT, "C and five digits.", identity=SOURCE)
IS_INFERRED = Column(
    "is_inferred",
    BOOLEAN,
    "Whether the number was empty and told by the place in a list numbered without gaps.",
)
SIGNUP_DATE = Column("signup_date", DATE, "Day of signing up; null if none was given.")
IS_MADE = Column(
    "order_id_is_made",
    BOOLEAN,
    "Whether the number was made: it was empty, or an earlier order of another customer, product "
    "or day has it.",
)
ORDER_COLUMNS = (
    Column("quantity", INTEGER, "Pieces."),
    Column("unit_price_usd_cents", INTEGER, "Price of a piece.", unit="USD cents"),
    Column("discount_share", NUMBER, "Discount, a fraction; 0 where the file says nothing."),
    Column("discount_was_empty", BOOLEAN, "Whether the file said nothing about a discount."),
    Column("order_date", DATE, "Day of the order; null if none was given."),
)

STAGED_CUSTOMER_INFO = Table(
    SOURCE,
    "staged_customer_info",
    "Customers with types, each with the row rules that it breaks.",
    (
        ROW_NUMBER,
        CUSTOMER_ID,
        IS_INFERRED,
        Column("email_domain", TEXT, "What follows the @ of the e-mail.", personal=True),
        SIGNUP_DATE,
        SIGNUP_READABLE,
        Column("gender", TEXT, "Gender."),
        Column("region", TEXT, "Region of the home."),
        Column("loyalty_tier", TEXT, "Tier."),
        COPY_NUMBER,
        FAILED_RULE,
        FAILED_RULES,
    ),
    key=("row_number",),
    rules=(
        required("customer_id", "customer_id is there, or its place in the list tells it"),
        SIGNUP_RULE,
        first_copy("a customer stands once in the file; the first one counts"),
        spelled(GENDER),
        spelled(REGION),
        spelled(TIER),
    ),
    publish=False,
)

STAGED_PRODUCT_INFO = Table(
    SOURCE,
    "staged_product_info",
    "Products with types, each with the row rules that it breaks.",
    (
        ROW_NUMBER,
        Column("product_id", TEXT, "P and four digits."),
        Column("product_name", TEXT, "Name."),
        Column("category", TEXT, "Category."),
        Column("launch_date", DATE, "Day of the launch."),
        LAUNCH_READABLE,
        Column("price_usd_cents", INTEGER, "List price.", unit="USD cents"),
        Column("supplier_code", TEXT, "Supplier."),
        COPY_NUMBER,
        FAILED_RULE,
        FAILED_RULES,
    ),
    key=("row_number",),
    rules=(
        required("product_id", "product_id is there"),
        LAUNCH_RULE,
        first_copy("a product stands once in the file; the first one counts"),
    ),
    publish=False,
)

STAGED_SALES_DATA = Table(
    SOURCE,
    "staged_sales_data",
    "Orders with types, each with the row rules that it breaks.",
    (
        ROW_NUMBER,
        Column("order_id", TEXT, "O and six digits, or a made number.", identity="sales_order"),
        IS_MADE,
        CUSTOMER_ID,
        Column("product_id", TEXT, "Product."),
        *ORDER_COLUMNS,
        ORDERED_READABLE,
        Column("delivery_status", TEXT, "Status."),
        Column("payment_method", TEXT, "Payment."),
        Column("region", TEXT, "Region of the delivery."),
        COPY_NUMBER,
        FAILED_RULE,
        FAILED_RULES,
    ),
    key=("row_number",),
    rules=(
        required("quantity", "quantity is a whole number, in digits or as a word"),
        at_least_one("quantity__positive", "quantity is at least 1"),
        required("unit_price_usd_cents", "unit_price is an amount of money, 0 or more"),
        required("discount_share", "discount_applied is empty or a number"),
        Rule(
            "discount_share__share",
            "expect_column_values_to_be_between",
            {"column": "discount_share", "min_value": 0, "max_value": 1},
            "a discount is a share from 0 to 1",
            OnFailure.QUARANTINE,
        ),
        ORDERED_RULE,
        first_copy("an order of a customer, product and day stands once; the first one counts"),
        spelled(STATUS),
        spelled(PAYMENT),
        spelled(REGION),
    ),
    publish=False,
)

CLEAN_CUSTOMERS = Table(
    SOURCE,
    "clean_customers",
    "One row an accepted customer; of the e-mail its domain alone is kept.",
    (
        Column("customer_id", TEXT, "C and five digits.", nullable=False, identity=SOURCE),
        IS_INFERRED,
        Column("email_domain", TEXT, "What follows the @ of the e-mail.", personal=True),
        SIGNUP_DATE,
        Column("gender", TEXT, "Gender; null if empty, unknown if unreviewed."),
        Column("region", TEXT, "Region of the home; null if empty."),
        Column("loyalty_tier", TEXT, "Gold, Silver or Bronze; null if empty."),
    ),
    key=("customer_id",),
    rules=(unique("customer_id", "one row a customer: orders join it many-to-one"),),
    one_row_a_person=True,
    quasi_identifiers=(("loyalty_tier",), ("gender",), ("region",), ("signup_date",)),
)

PRODUCTS = Table(
    SOURCE,
    "products",
    "Accepted products.",
    (
        Column("product_id", TEXT, "P and four digits.", nullable=False),
        Column("product_name", TEXT, "Name."),
        Column("category", TEXT, "Category."),
        Column("launch_date", DATE, "Day of the launch."),
        Column("price_usd_cents", INTEGER, "List price.", unit="USD cents"),
        Column("supplier_code", TEXT, "Supplier."),
    ),
    key=("product_id",),
    rules=(unique("product_id", "one row a product: orders join it many-to-one"),),
)

ORDER_ID = Column(
    "order_id",
    TEXT,
    "O and six digits, or a made number.",
    nullable=False,
    identity="sales_order",
)

ORDERS = Table(
    SOURCE,
    "orders",
    "Accepted orders, one product each; strange ones are flagged, not dropped.",
    (
        ORDER_ID,
        IS_MADE,
        CUSTOMER_ID,
        Column("product_id", TEXT, "Product; null if none was given."),
        *ORDER_COLUMNS,
        Column("price_band", TEXT, "Low to 15, Medium to 30, High above, in dollars."),
        Column(
            "revenue_usd_micros",
            INTEGER,
            "quantity x unit price x (1 - discount), exact.",
            unit="millionths of a USD",
        ),
        Column("revenue_usd_cents", INTEGER, "The same to the cent, half up.", unit="USD cents"),
        Column("revenue_band", TEXT, "Low to 100, Medium to 200, High above, in dollars."),
        Column("iso_week", TEXT, "ISO week with its year: 2025-W27."),
        Column("days_to_order", INTEGER, "Days from the launch; negative before it.", unit="days"),
        Column("is_before_launch", BOOLEAN, "Before the product's launch; null if not known."),
        Column("is_before_signup", BOOLEAN, "Before the sign-up; null if not known."),
        Column("payment_method", TEXT, "Payment; null if empty."),
        Column("region", TEXT, "Region that the order went to; null if empty."),
    ),
    key=("order_id",),
    rules=(
        unique("order_id", "one row an order: no join has multiplied any"),
        refers_to(
            "customer_id",
            CLEAN_CUSTOMERS,
            "customer_id",
            "who ordered is in the customer file; the order counts in any case",
            OnFailure.WARN,
            Severity.WARNING,
        ),
        refers_to(
            "product_id",
            PRODUCTS,
            "product_id",
            "what was ordered is in the product file; the order counts in any case",
            OnFailure.WARN,
            Severity.WARNING,
        ),
    ),
)

DELIVERIES = Table(
    SOURCE,
    "deliveries",
    "What became of the delivery of each order.",
    (
        ORDER_ID,
        CUSTOMER_ID,
        Column("status", TEXT, "Delivered, Delayed, Cancelled or unknown.", nullable=False),
        Column("is_late", BOOLEAN, "Delayed; null where the status is unknown."),
        Column("is_cancelled", BOOLEAN, "Cancelled; null where the status is unknown."),
        Column("delivery_region", TEXT, "Region that the order went to."),
        Column("home_region", TEXT, "Region where the customer lives: another thing."),
        Column("price_band", TEXT, "Band of the price of a piece."),
    ),
    key=("order_id",),
    rules=(
        unique("order_id", "one row an order: one-to-one with orders"),
        refers_to("order_id", ORDERS, "order_id", "every delivery is one of an order"),
        Rule(
            "order_id__every_order",
            UNEXPECTED_ROWS,
            {
                "unexpected_rows_query": f"SELECT parent.order_id FROM {ORDERS.full_name} AS "
                "parent ANTI JOIN {batch} AS child ON child.order_id = parent.order_id"
            },
            "every order has a row: no join has lost any",
            reads=(ORDERS.full_name,),
        ),
    ),
)

DESCRIBED_ORDERS = Table(
    SOURCE,
    "described_orders",
    "Accepted orders with what is known of product, customer and delivery: what insights group by.",
    (
        *ORDERS.columns,
        Column("product_name", TEXT, "Name of the product, or unknown."),
        Column("category", TEXT, "Category of the product, or unknown."),
        Column("base_usd_cents", INTEGER, "List price of the product.", unit="USD cents"),
        Column("gender", TEXT, "Gender of the customer, or unknown."),
        Column("tier", TEXT, "Loyalty tier of the customer, or unknown."),
        Column("home_region", TEXT, "Region where the customer lives, or unknown."),
        Column("signup_month", TEXT, "Year and month of signing up, or unknown."),
        Column("status", TEXT, "What became of the delivery, or unknown."),
        Column("is_cancelled", BOOLEAN, "Cancelled; null where the status is unknown."),
        Column(
            "kept_usd_micros",
            INTEGER,
            "Revenue, 0 of a cancelled order.",
            unit="millionths of a USD",
        ),
    ),
    key=("order_id",),
    rules=(unique("order_id", "one row an order: no join has multiplied any"),),
    publish=False,
)

QUARANTINE = quarantine_of(SOURCE, "Rows that break a row rule and were set aside.")
RECONCILIATION = reconciliation_of(SOURCE)


def _sends(raw: Table, description: str, staged: Table, accepted: Table) -> Snapshot:
    feed = csv_feed(SOURCE, raw.name.removeprefix("raw_"), description)
    return Snapshot(feed, raw, staged, accepted)


SNAPSHOTS = (
    _sends(RAW_CUSTOMER_INFO, "All customers.", STAGED_CUSTOMER_INFO, CLEAN_CUSTOMERS),
    _sends(RAW_PRODUCT_INFO, "All products.", STAGED_PRODUCT_INFO, PRODUCTS),
    _sends(RAW_SALES_DATA, "All orders.", STAGED_SALES_DATA, ORDERS),
)
FEEDS = tuple(snapshot.feed for snapshot in SNAPSHOTS)
FILES = (FilesBehind(RAW_FILES),)
TABLES = (
    RAW_FILES,
    *(snapshot.raw for snapshot in SNAPSHOTS),
    STAGED_CUSTOMER_INFO,
    STAGED_PRODUCT_INFO,
    STAGED_SALES_DATA,
    CLEAN_CUSTOMERS,
    PRODUCTS,
    ORDERS,
    DELIVERIES,
    DESCRIBED_ORDERS,
    QUARANTINE,
    RECONCILIATION,
    *value_tables_of(ORDERS),
    answers_of(SOURCE),
)
