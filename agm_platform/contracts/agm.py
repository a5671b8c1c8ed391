"""Contracts of Acme Gourmet Meals' own operational tables and what is made from them."""

from __future__ import annotations

from agm_platform.contracts.answers import answers_of
from agm_platform.contracts.breakdown import (
    BREAKDOWN_COLUMNS,
    BREAKDOWN_FIGURES,
    BREAKDOWN_RULES,
    suppressed,
)
from agm_platform.contracts.customer_value import value_tables_of
from agm_platform.contracts.customers import NORMALISED, QUALITY, SCORED
from agm_platform.contracts.landing import FilesBehind, files_behind
from agm_platform.contracts.model import (
    Column,
    OnFailure,
    Rule,
    Severity,
    SmallGroups,
    Table,
    Type,
)
from agm_platform.contracts.product_sets import product_sets_of
from agm_platform.contracts.quarantine import quarantine_of
from agm_platform.contracts.rules import (
    at_least_one,
    first_copy,
    in_set,
    refers_to,
    required,
    unique,
)
from agm_platform.contracts.segments import segments_of
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


ORDER_ID = Column(
    "order_id",
    TEXT,
    "Store number, a dash and the sale number.",
    nullable=False,
    identity="agm_order",
)

RAW_STORES = raw_table(
    "agm",
    "stores",
    "Stores.",
    received("store_id", "Store number"),
    received("street", "Street and number of the store"),
    received("city", "City"),
    received("state", "State code"),
    received("zip", "Five-digit ZIP code"),
    received("latitude", "Degrees north"),
    received("longitude", "Degrees east"),
)

RAW_CUSTOMERS = raw_table(
    "agm",
    "customers",
    "Customers.",
    received("customer_id", "Customer number", identity="agm"),
    received("first_name", "First name", personal=True),
    received("last_name", "Last name", personal=True),
    received("street", "Street and number", personal=True),
    received("city", "City", required=False),
    received("state", "State code", required=False),
    received("zip", "Five-digit ZIP code", required=False),
    received("closest_store_id", "Closest store", required=False),
    received("distance", "Whole miles from the centre of the ZIP to the store", required=False),
    one_row_a_person=True,
)

RAW_PRODUCTS = raw_table(
    "agm",
    "products",
    "Meals.",
    received("product_id", "Product number"),
    received("description", "Name of the meal"),
)

RAW_HOLIDAYS = raw_table(
    "agm",
    "holidays",
    "Holidays.",
    received("holiday_date", "ISO date"),
    received("description", "Name of the holiday"),
    received("closed_flag", "Whether the stores are closed"),
)

RAW_SALES = raw_table(
    "agm",
    "sales",
    "Pick-up sales.",
    received("store_id", "Store number"),
    received("sale_id", "Sale number, unique in its store"),
    received("customer_id", "Customer number", identity="agm"),
    received("sale_date", "ISO date"),
    received("total_amount", "Amount paid in dollars"),
)

RAW_LINE_ITEMS = raw_table(
    "agm",
    "line_items",
    "Lines of the pick-up sales.",
    received("store_id", "Store number"),
    received("sale_id", "Sale number, unique in its store"),
    received("line_item_id", "Line number in its sale", required=False),
    received("product_id", "Product number"),
    received("quantity", "Number of meals"),
)

RAW_ZIP_CODES = raw_table(
    "agm",
    "zip_codes",
    "ZIP codes.",
    received("zip", "Five-digit ZIP code"),
    received("latitude", "Degrees north"),
    received("longitude", "Degrees east"),
    received("city", "City"),
    received("state", "State code"),
    received("population", "Inhabitants", required=False),
    received("area", "Square miles", required=False),
    received("density", "Inhabitants a square mile", required=False),
    received("time_zone", "Time zone", required=False),
)

RAW_FILES = files_behind("agm", "raw_files")


STAGED_CUSTOMERS = Table(
    "agm",
    "staged_customers",
    "Customers with types, each with the row rules that it breaks.",
    (
        ROW_NUMBER,
        Column("customer_id", TEXT, "Customer number; null if not a whole number."),
        Column("first_name", TEXT, "First name.", personal=True),
        Column("last_name", TEXT, "Last name.", personal=True),
        Column("street", TEXT, "Street and number.", personal=True),
        Column("city", TEXT, "City."),
        Column("state", TEXT, "State code."),
        Column("zip", TEXT, "Five-digit ZIP code."),
        Column("closest_store_id", TEXT, "Closest store."),
        Column("distance_miles", INTEGER, "Whole miles from the ZIP's centre to the store."),
        COPY_NUMBER,
        FAILED_RULE,
        FAILED_RULES,
    ),
    key=("row_number",),
    rules=(
        required("customer_id", "customer_id is a whole number"),
        first_copy("a customer stands once in the file; the first one counts"),
    ),
    publish=False,
)

STAGED_SALES = Table(
    "agm",
    "staged_sales",
    "Pick-up sales with types, each with the row rules that it breaks.",
    (
        ROW_NUMBER,
        Column("order_id", TEXT, "Store number, a dash and the sale number."),
        Column("store_id", TEXT, "Store number; null if not a whole number."),
        Column("customer_id", TEXT, "Customer number; null if not a whole number."),
        Column("order_date", DATE, "Date of the sale; null if not a date."),
        Column("total_usd_cents", INTEGER, "Amount paid.", unit="USD cents"),
        COPY_NUMBER,
        FAILED_RULE,
        FAILED_RULES,
    ),
    key=("row_number",),
    rules=(
        required("order_id", "store_id and sale_id are whole numbers"),
        required("customer_id", "customer_id is a whole number"),
        required("order_date", "sale_date is an ISO date"),
        required("total_usd_cents", "total_amount is an amount of money"),
        first_copy("a sale stands once in its store; the first one counts"),
    ),
    publish=False,
)

STAGED_LINE_ITEMS = Table(
    "agm",
    "staged_line_items",
    "Lines of pick-up sales with types, each with the row rules that it breaks.",
    (
        ROW_NUMBER,
        Column("order_id", TEXT, "Store number, a dash and the sale number."),
        Column(
            "line_number",
            INTEGER,
            "Line number in its sale, from 1; by file order in a sale whose lines have none.",
        ),
        Column("product_id", TEXT, "Product number; null if not a whole number."),
        Column("quantity", INTEGER, "Number of meals; null if not a whole number.", harmless=True),
        Column("sale_is_accepted", BOOLEAN, "Whether the line's sale is accepted."),
        COPY_NUMBER,
        FAILED_RULE,
        FAILED_RULES,
    ),
    key=("row_number",),
    rules=(
        required("order_id", "store_id and sale_id are whole numbers"),
        required("line_number", "line_item_id is a whole number"),
        required("product_id", "product_id is a whole number"),
        required("quantity", "quantity is a whole number"),
        at_least_one("quantity__positive", "quantity is at least 1"),
        in_set(
            "sale_is_accepted__true",
            [True],
            "the line's sale is in the sales file and accepted",
            OnFailure.QUARANTINE,
        ),
        first_copy("a line number stands once in its sale; the first one counts"),
    ),
    publish=False,
)

CUSTOMERS = Table(
    "agm",
    "customers",
    "Accepted customers.",
    (
        Column("customer_id", TEXT, "Customer number.", nullable=False, identity="agm"),
        Column("first_name", TEXT, "First name.", personal=True),
        Column("last_name", TEXT, "Last name.", personal=True),
        Column("street", TEXT, "Street and number.", personal=True),
        Column("city", TEXT, "City."),
        Column("state", TEXT, "State code."),
        Column("zip", TEXT, "Five-digit ZIP code."),
        Column("closest_store_id", TEXT, "Closest store."),
        Column(
            "distance_miles",
            INTEGER,
            "Whole miles from the ZIP's centre to the store.",
            unit="miles",
        ),
    ),
    key=("customer_id",),
    rules=(
        unique(
            "customer_id",
            "one row a customer",
        ),
        Rule(
            "zip__five_digits",
            "expect_column_values_to_match_regex",
            {"column": "zip", "regex": r"^\d{5}$"},
            "a ZIP code has five digits",
            OnFailure.WARN,
            Severity.WARNING,
        ),
    ),
    # clean_customers has the same customers: two tables with places could be laid side by side.
    publish=False,
    one_row_a_person=True,
)

CLEAN_CUSTOMERS = Table(
    "agm",
    "clean_customers",
    "One row an accepted customer: details as received, normalised beside, and quality score.",
    (
        Column("customer_id", TEXT, "Customer number.", nullable=False, identity="agm"),
        Column("first_name", TEXT, "First name.", personal=True),
        Column("last_name", TEXT, "Last name.", personal=True),
        Column("street", TEXT, "Street and number.", personal=True),
        Column("city", TEXT, "City."),
        Column("state", TEXT, "State code."),
        Column("zip", TEXT, "Five-digit ZIP code."),
        *NORMALISED,
        *QUALITY,
    ),
    key=("customer_id",),
    rules=(
        unique(
            "customer_id",
            "one row a customer",
        ),
        SCORED,
    ),
    one_row_a_person=True,
    quasi_identifiers=(
        ("state", "state_normalised"),
        ("city", "zip", "city_normalised", "zip_normalised"),
    ),
)

STORES = Table(
    "agm",
    "stores",
    "AGM's stores: the file that came, else the reference that the platform carries.",
    (
        Column("store_id", TEXT, "Store number.", nullable=False),
        Column("street", TEXT, "Street and number of the store."),
        Column("city", TEXT, "City."),
        Column("state", TEXT, "State code."),
        Column("zip", TEXT, "Five-digit ZIP code."),
        Column("latitude", NUMBER, "Degrees north.", unit="degrees"),
        Column("longitude", NUMBER, "Degrees east.", unit="degrees"),
    ),
    key=("store_id",),
    rules=(
        unique(
            "store_id",
            "one row a store",
        ),
        unique(
            "zip",
            "no two stores share a ZIP, by which a pick-up point is recognised",
        ),
        Rule(
            "latitude__not_null",
            "expect_column_values_to_not_be_null",
            {"column": "latitude"},
            "a store has a position, without which no distance can be told",
            OnFailure.WARN,
            Severity.WARNING,
        ),
    ),
)

PRODUCTS = Table(
    "agm",
    "products",
    "AGM's meals: the file that came, else the reference that the platform carries.",
    (
        Column("product_id", TEXT, "Product number.", nullable=False),
        Column("product_name", TEXT, "Name of the meal, as AGM spells it."),
    ),
    key=("product_id",),
    rules=(
        unique(
            "product_id",
            "one row a meal",
        ),
    ),
)

HOLIDAYS = Table(
    "agm",
    "holidays",
    "Holidays.",
    (
        Column("holiday_date", DATE, "The holiday.", nullable=False),
        Column("holiday_name", TEXT, "Name of the holiday."),
        Column("is_closed", BOOLEAN, "Whether the stores are closed."),
    ),
    key=("holiday_date",),
    rules=(
        unique(
            "holiday_date",
            "one row a holiday",
        ),
    ),
)

ORDERS = Table(
    "agm",
    "orders",
    "Accepted pick-up orders.",
    (
        ORDER_ID,
        Column("order_date", DATE, "Date of the sale.", nullable=False),
        Column("store_id", TEXT, "Store number.", nullable=False),
        Column("customer_id", TEXT, "Customer number.", nullable=False, identity="agm"),
        Column("subtotal_usd_cents", INTEGER, "Amount paid.", unit="USD cents", harmless=True),
    ),
    key=("order_id",),
    rules=(
        unique(
            "order_id",
            "one row a sale",
        ),
        Rule(
            "subtotal_usd_cents__positive",
            "expect_column_values_to_be_between",
            {"column": "subtotal_usd_cents", "min_value": 1},
            "a sale costs something",
            OnFailure.WARN,
            Severity.WARNING,
        ),
        refers_to(
            "customer_id",
            CUSTOMERS,
            "customer_id",
            "who bought is in the customers file",
            OnFailure.WARN,
            Severity.WARNING,
        ),
    ),
)

ORDER_LINES = Table(
    "agm",
    "order_lines",
    "Accepted lines of accepted pick-up orders.",
    (
        ORDER_ID,
        Column("line_number", INTEGER, "Line number in its sale.", nullable=False),
        Column("product_id", TEXT, "Product number.", nullable=False),
        Column("quantity", INTEGER, "Number of meals.", nullable=False),
    ),
    key=("order_id", "line_number"),
    rules=(
        Rule(
            "line_number__unique_in_order",
            "expect_compound_columns_to_be_unique",
            {"column_list": ["order_id", "line_number"]},
            "one row a line of a sale",
        ),
        refers_to(
            "product_id",
            PRODUCTS,
            "product_id",
            "what was sold is one of AGM's meals",
            OnFailure.WARN,
            Severity.WARNING,
        ),
    ),
)

QUARANTINE = quarantine_of("agm", "Rows of AGM's files that break a row rule and were set aside.")

RECONCILIATION = reconciliation_of("agm")

SALES_INSIGHTS = Table(
    "agm",
    "sales_insights",
    "Accepted pick-up orders summed up in total and by day, weekday, store, product.",
    BREAKDOWN_COLUMNS,
    key=("dimension", "member"),
    rules=BREAKDOWN_RULES,
    small_groups=(SmallGroups(BREAKDOWN_FIGURES),),
)

HOLIDAY_EFFECT = Table(
    "agm",
    "holiday_effect",
    "Takings of every day near a holiday against the mean of its weekday.",
    (
        Column("order_date", DATE, "The day.", nullable=False),
        Column("holiday_date", DATE, "The nearest holiday.", nullable=False),
        Column(
            "days_from_holiday", INTEGER, "Days after the holiday; negative before.", unit="days"
        ),
        Column("weekday", INTEGER, "1 Monday to 7 Sunday."),
        Column("gross_usd_cents", INTEGER, "Takings of the day; 0 when closed.", unit="USD cents"),
        Column(
            "weekday_mean_usd_cents",
            NUMBER,
            "Mean takings of that weekday away from holidays.",
            unit="USD cents",
        ),
        Column("share_of_mean", NUMBER, "Takings over the weekday's mean, a fraction."),
        Column("is_affected", BOOLEAN, "Whether the share is at or below the rule's limit."),
        suppressed(),
    ),
    key=("order_date",),
    rules=(
        unique(
            "order_date",
            "one row a day",
        ),
    ),
    small_groups=(
        SmallGroups(("gross_usd_cents", "weekday_mean_usd_cents", "share_of_mean", "is_affected")),
    ),
)

SEGMENTS = segments_of("agm", identity="agm")
PRODUCT_SETS = product_sets_of("agm")


def _sends(
    raw: Table, description: str, staged: Table | None = None, accepted: Table | None = None
) -> Snapshot:
    feed = csv_feed("agm", raw.name.removeprefix("raw_"), description)
    return Snapshot(feed, raw, staged, accepted)


SNAPSHOTS = (
    _sends(RAW_STORES, "All stores."),
    _sends(RAW_CUSTOMERS, "All customers.", STAGED_CUSTOMERS, CUSTOMERS),
    _sends(RAW_PRODUCTS, "All meals."),
    _sends(RAW_HOLIDAYS, "Holidays and whether the stores are closed."),
    _sends(RAW_SALES, "All pick-up sales.", STAGED_SALES, ORDERS),
    _sends(RAW_LINE_ITEMS, "All lines of the pick-up sales.", STAGED_LINE_ITEMS, ORDER_LINES),
    _sends(RAW_ZIP_CODES, "Populated ZIP codes with place and area."),
)
FEEDS = tuple(snapshot.feed for snapshot in SNAPSHOTS)
FILES = (FilesBehind(RAW_FILES),)
TABLES = (
    RAW_FILES,
    *(snapshot.raw for snapshot in SNAPSHOTS),
    STAGED_CUSTOMERS,
    STAGED_SALES,
    STAGED_LINE_ITEMS,
    CUSTOMERS,
    CLEAN_CUSTOMERS,
    STORES,
    PRODUCTS,
    HOLIDAYS,
    ORDERS,
    ORDER_LINES,
    QUARANTINE,
    RECONCILIATION,
    SALES_INSIGHTS,
    HOLIDAY_EFFECT,
    SEGMENTS,
    PRODUCT_SETS,
    *value_tables_of(ORDERS),
    answers_of("agm"),
)
