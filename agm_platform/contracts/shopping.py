"""Contracts of the shopping trends: one file, one row a customer with that one's one purchase."""

from __future__ import annotations

from agm_platform.contracts import shopping_rules as known
from agm_platform.contracts.answers import answers_of
from agm_platform.contracts.categories import Category, spelled
from agm_platform.contracts.landing import FilesBehind, files_behind
from agm_platform.contracts.model import (
    Column,
    Delivery,
    Feed,
    OnFailure,
    Rule,
    Severity,
    Table,
    Type,
)
from agm_platform.contracts.quarantine import quarantine_of
from agm_platform.contracts.regions import STATES
from agm_platform.contracts.rules import (
    UNEXPECTED_ROWS,
    first_copy,
    in_set,
    refers_to,
    required,
    unique,
)
from agm_platform.contracts.snapshots import (
    ROW_NUMBER,
    Snapshot,
    raw_table,
    received,
    reconciliation_of,
)
from agm_platform.contracts.staged import COPY_NUMBER, FAILED_RULE, FAILED_RULES

SOURCE = "shopping"
TEXT, INTEGER, NUMBER, BOOLEAN = Type.TEXT, Type.INTEGER, Type.NUMBER, Type.BOOLEAN

PAYMENT_METHOD_TRAP = (
    "In an 'updated' version of this file the column Payment Method was dropped and Preferred "
    "Payment Method renamed to Payment Method: the same header with another meaning, so a file "
    "with only one of the two is not read. Send the file with both columns"
)

TRENDS = Feed(
    SOURCE,
    "shopping_trends",
    r"(?i:shopping[ _-]?trends([ ._(-].*)?\.(csv|xlsx))",
    Delivery.SNAPSHOT,
    "All customers, each with one purchase.",
    "text/csv",
)

RAW_SHOPPING_TRENDS = raw_table(
    SOURCE,
    "shopping_trends",
    "Customers and their purchase.",
    received("customer_id", "Customer number", identity="shopping"),
    received("age", "Age in years"),
    received("gender", "Male, Female or Other"),
    received("item_purchased", "Item"),
    received("category", "Category of the item"),
    received("purchase_amount_usd", "Dollars", aliases=("purchase_amount",)),
    received("location", "State"),
    received("size", "Size"),
    received("color", "Colour"),
    received("season", "Season"),
    received("review_rating", "Stars"),
    received("subscription_status", "Yes or No"),
    received("payment_method", "How the purchase was paid", if_absent=PAYMENT_METHOD_TRAP),
    received("shipping_type", "How it was sent"),
    received("discount_applied", "Yes or No"),
    received("promo_code_used", "Yes or No"),
    received("previous_purchases", "Purchases before this one"),
    received(
        "preferred_payment_method", "How the customer likes to pay", if_absent=PAYMENT_METHOD_TRAP
    ),
    received("frequency_of_purchases", "Weekly, Monthly..."),
    one_row_a_person=True,
)
RAW_FILES = files_behind(SOURCE, "raw_files")

CUSTOMER_ID = Column("customer_id", TEXT, "Customer number.", nullable=False, identity="shopping")
GENDER = Column("gender", TEXT, "Male, Female or Other.")
AGE_BAND = Column("age_band", TEXT, "Age in bands of years.")
STATE = Column("state", TEXT, "State, by its name.")
SUBSCRIBED = Column("is_subscribed", BOOLEAN, "Whether the customer has a subscription.")
PREVIOUS = Column("previous_purchases", INTEGER, "Purchases before this one, as the sender counts.")
PREFERRED = Column("preferred_payment_method", TEXT, "How the customer likes to pay.")
FREQUENCY_RECEIVED = Column(
    "purchase_frequency_received", TEXT, "How often the customer buys, in the sender's word."
)
FREQUENCY = Column(
    "purchase_frequency", TEXT, "The same in one word for each meaning; unknown if unreviewed."
)
FREQUENCIES = Category(
    SOURCE,
    "purchase_frequency",
    tuple(known.PURCHASES_A_YEAR),
    (("raw_shopping_trends", "frequency_of_purchases"),),
)
CATEGORIES = (FREQUENCIES,)
PURCHASES_A_YEAR = Column(
    "purchases_a_year", INTEGER, "What that word means.", unit="purchases a year"
)
OF_CUSTOMERS = (
    GENDER,
    AGE_BAND,
    STATE,
    SUBSCRIBED,
    PREVIOUS,
    PREFERRED,
    FREQUENCY_RECEIVED,
    FREQUENCY,
    PURCHASES_A_YEAR,
)

OF_ORDERS = (
    Column("product_name", TEXT, "Item."),
    Column("category", TEXT, "Category of the item."),
    Column("season", TEXT, "Season of the purchase; the sender gives no date."),
    Column("size", TEXT, "Size."),
    Column("color", TEXT, "Colour."),
    Column("shipping_type", TEXT, "How it was sent."),
    Column("payment_method", TEXT, "How it was paid."),
    Column("has_discount", BOOLEAN, "Whether a discount was given."),
    Column("has_promo_code", BOOLEAN, "Whether a promotion code was used."),
    Column("review_rating", NUMBER, "Stars given for it.", unit="stars"),
    Column("subtotal_usd_cents", INTEGER, "Amount paid.", unit="USD cents", harmless=True),
)


def _between(column: str, limits: tuple[float, float], words: str) -> Rule:
    """Return the rule that a value outside the owner's limits sets its row aside."""
    return Rule(
        f"{column}__in_limits",
        "expect_column_values_to_be_between",
        {"column": column, "min_value": limits[0], "max_value": limits[1]},
        words,
        OnFailure.QUARANTINE,
        source=known.OWNER,
    )


def _usual(column: str, limits: tuple[float, float], words: str) -> Rule:
    """Return the rule that tells of values that the owner's first file did not have."""
    return Rule(
        f"{column}__usual",
        "expect_column_values_to_be_between",
        {"column": column, "min_value": limits[0], "max_value": limits[1]},
        words,
        OnFailure.WARN,
        Severity.WARNING,
        known.PROFILE,
    )


def _listed(column: str, values: tuple[str, ...]) -> Rule:
    """Return the rule that tells of a word that the owner's first file did not have."""
    return in_set(
        f"{column}__known",
        list(values),
        f"{column} has no new value",
        OnFailure.WARN,
        Severity.WARNING,
        known.PROFILE,
    )


def _owner_listed(column: str, values: tuple[str, ...]) -> Rule:
    """Return the rule that a word outside the owner's list sets its row aside."""
    return in_set(
        f"{column}__known",
        list(values),
        f"{column} is one of the owner's values",
        OnFailure.QUARANTINE,
        source=known.OWNER,
    )


STAGED_SHOPPING_TRENDS = Table(
    SOURCE,
    "staged_shopping_trends",
    "Customers and their purchase with types, each with the row rules that it breaks.",
    (
        ROW_NUMBER,
        Column("customer_id", TEXT, "Customer number; null if not a whole number."),
        Column("age_years", INTEGER, "Age; null if not a whole number.", unit="years"),
        *OF_CUSTOMERS,
        *OF_ORDERS,
        COPY_NUMBER,
        FAILED_RULE,
        FAILED_RULES,
    ),
    key=("row_number",),
    rules=(
        required("customer_id", "customer_id is a whole number"),
        required("age_years", "age is a whole number"),
        _between("age_years", known.OWNER_AGE_YEARS, "age lies between 18 and 100"),
        required("gender", "gender is present"),
        _owner_listed("gender", known.GENDERS),
        required("subtotal_usd_cents", "purchase_amount_usd is an amount of money"),
        _between(
            "subtotal_usd_cents", known.OWNER_AMOUNT_USD_CENTS, "the amount is at most $10,000"
        ),
        required("review_rating", "review_rating is a number"),
        _between("review_rating", known.OWNER_RATING, "a rating lies between 0 and 5 stars"),
        required("is_subscribed", "subscription_status is Yes or No"),
        required("payment_method", "payment_method is present"),
        _owner_listed("payment_method", known.PAYMENT_METHODS),
        required("shipping_type", "shipping_type is present"),
        _owner_listed("shipping_type", known.SHIPPING_TYPES),
        first_copy("a customer stands once in the file; the first one counts"),
        spelled(FREQUENCIES),
    ),
    publish=False,
    one_row_a_person=True,
)

CLEAN_CUSTOMERS = Table(
    SOURCE,
    "clean_customers",
    "One row an accepted customer, with the frequency of purchases in one word a meaning.",
    (
        CUSTOMER_ID,
        # Bands are published; with the year of birth too few customers share a row.
        Column("age_years", INTEGER, "Age.", unit="years", personal=True),
        *OF_CUSTOMERS,
    ),
    key=("customer_id",),
    rules=(
        unique("customer_id", "one row a customer"),
        _usual("age_years", known.USUAL_AGE_YEARS, "ages are those of earlier files"),
        _usual(
            "previous_purchases",
            known.USUAL_PREVIOUS_PURCHASES,
            "previous purchases are those of earlier files",
        ),
        _listed("state", tuple(STATES)),
        _listed("preferred_payment_method", known.PAYMENT_METHODS),
        _listed("purchase_frequency_received", known.FREQUENCY_WORDS),
    ),
    one_row_a_person=True,
    quasi_identifiers=(("gender",), ("age_band",), ("state",)),
)

ORDERS = Table(
    SOURCE,
    "orders",
    "Accepted purchases: one a customer, without a date.",
    (
        Column(
            "order_id",
            TEXT,
            "Number of the purchase: the customer's, who has one.",
            nullable=False,
            identity="shopping_order",
        ),
        CUSTOMER_ID,
        *OF_ORDERS,
    ),
    key=("order_id",),
    rules=(
        unique("order_id", "one row a purchase"),
        refers_to(
            "customer_id", CLEAN_CUSTOMERS, "customer_id", "who bought is an accepted customer"
        ),
        _usual(
            "subtotal_usd_cents", known.USUAL_AMOUNT_USD_CENTS, "amounts are those of earlier files"
        ),
        _usual("review_rating", known.USUAL_RATING, "ratings are those of earlier files"),
        _listed("category", tuple(known.ITEMS_OF_CATEGORY)),
        _listed(
            "product_name",
            tuple(item for items in known.ITEMS_OF_CATEGORY.values() for item in items),
        ),
        _listed("season", known.SEASONS),
        _listed("size", known.SIZES),
        _listed("color", known.COLORS),
        Rule(
            "product_name__one_category",
            UNEXPECTED_ROWS,
            {
                "unexpected_rows_query": "SELECT product_name FROM {batch} "
                "WHERE product_name IS NOT NULL GROUP BY product_name "
                "HAVING COUNT(DISTINCT category) > 1"
            },
            "an item belongs to one category",
            OnFailure.WARN,
            Severity.WARNING,
        ),
    ),
)

QUARANTINE = quarantine_of(SOURCE, "Rows that break a row rule and were set aside.")
RECONCILIATION = reconciliation_of(SOURCE)

SNAPSHOTS = (Snapshot(TRENDS, RAW_SHOPPING_TRENDS, STAGED_SHOPPING_TRENDS, ORDERS),)
FEEDS = (TRENDS,)
FILES = (FilesBehind(RAW_FILES),)
TABLES = (
    RAW_FILES,
    RAW_SHOPPING_TRENDS,
    STAGED_SHOPPING_TRENDS,
    CLEAN_CUSTOMERS,
    ORDERS,
    QUARANTINE,
    RECONCILIATION,
    answers_of(SOURCE),
)
