"""Contracts of the points programme's files: as received, with types, accepted, set aside."""

from __future__ import annotations

from agm_platform.contracts.landing import FilesBehind, files_behind
from agm_platform.contracts.model import Column, OnFailure, Severity, Table, Type
from agm_platform.contracts.quarantine import quarantine_of
from agm_platform.contracts.rules import (
    first_copy,
    in_set,
    not_null,
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

TEXT, INTEGER, BOOLEAN, DATE = Type.TEXT, Type.INTEGER, Type.BOOLEAN, Type.DATE
WARN, WARNING = OnFailure.WARN, Severity.WARNING

RAW_CUSTOMERS = raw_table(
    "loyalty",
    "customers",
    "Customers of the programme's trial.",
    received("id", "Customer number", aliases=("customer_id", "user_id"), identity="loyalty"),
    received("signup_date", "ISO date", aliases=("sign_up_date", "signup")),
    received("loyalty", "enrolled or control", aliases=("group", "programme", "program")),
    received("location", "LA, NYC or SF", required=False),
    received("gender", "A, B, C or D", required=False),
    received("age", "young, youthful, oldish or wise", required=False),
    received("favorite_movie_line", "A line of a film", required=False),
    received("number_of_purchases", "Empty", required=False, usual=False),
    received("value_of_purchases", "Empty", required=False, usual=False),
    received("total_standard_points", "Empty", required=False, usual=False),
    received("total_points_redeemed", "Empty", required=False, usual=False),
    one_row_a_person=True,
)

RAW_TRANSACTIONS = raw_table(
    "loyalty",
    "transactions",
    "Purchases, one row a customer and day.",
    received("date", "ISO date", aliases=("order_date", "transaction_date")),
    received("user_id", "Customer number", aliases=("customer_id",), identity="loyalty"),
    received("value", "Price in cents", aliases=("amount", "value_cents")),
    received(
        "point_differential",
        "Points that the balance moved by",
        aliases=("points_differential", "point_difference"),
        if_absent="without it no redemption can be told",
    ),
)

RAW_FILES = files_behind("loyalty", "raw_files")

CUSTOMER_ID = Column("customer_id", TEXT, "Customer number.", nullable=False, identity="loyalty")
ORDER_ID = Column(
    "order_id",
    TEXT,
    "Customer number, a dash and the date: a purchase has no number of its own.",
    nullable=False,
    identity="loyalty_order",
)
IS_ENROLLED = Column(
    "is_enrolled",
    BOOLEAN,
    "Whether the customer is a member of the programme; false in the control group.",
)
ATTRIBUTES = (
    Column("location", TEXT, "LA, NYC or SF; null where not told."),
    Column("gender", TEXT, "A, B, C or D; null where not told."),
    Column("age", TEXT, "young, youthful, oldish or wise, in no order; null where not told."),
)
MOVIE_LINE = Column(
    "favorite_movie_line", TEXT, "A line of a film, blanks made single; null where not told."
)

STAGED_CUSTOMERS = Table(
    "loyalty",
    "staged_customers",
    "Customers with types, each with the row rules that it breaks.",
    (
        ROW_NUMBER,
        Column("customer_id", TEXT, "Customer number; null if not a whole number."),
        Column("signup_date", DATE, "Day of signing up; null if not a date."),
        IS_ENROLLED,
        *ATTRIBUTES,
        MOVIE_LINE,
        COPY_NUMBER,
        FAILED_RULE,
        FAILED_RULES,
    ),
    key=("row_number",),
    rules=(
        required("customer_id", "id is a whole number"),
        required("signup_date", "signup_date is a date"),
        required("is_enrolled", "loyalty is enrolled or control"),
        first_copy("a customer stands once in the file; the first one counts"),
    ),
    publish=False,
    one_row_a_person=True,
)

STAGED_TRANSACTIONS = Table(
    "loyalty",
    "staged_transactions",
    "Purchases with types, each with the row rules that it breaks.",
    (
        ROW_NUMBER,
        Column("order_id", TEXT, "Customer number, a dash and the date."),
        Column("customer_id", TEXT, "Customer number; null if not a whole number."),
        Column("order_date", DATE, "Day of the purchase; null if not a date."),
        Column("subtotal_usd_cents", INTEGER, "Price; null if not whole cents.", unit="USD cents"),
        Column(
            "point_differential",
            INTEGER,
            "Points that the balance moved by; null if not a whole number.",
            unit="points",
        ),
        Column("customer_is_known", BOOLEAN, "Whether the customer is accepted, or erased."),
        COPY_NUMBER,
        FAILED_RULE,
        FAILED_RULES,
    ),
    key=("row_number",),
    rules=(
        required("customer_id", "user_id is a whole number"),
        required("order_date", "date is a date"),
        required("subtotal_usd_cents", "value is a whole number of cents, 0 or more"),
        required("point_differential", "point_differential is a whole number"),
        in_set(
            "customer_is_known__true",
            [True],
            "the customer is in the customers file and accepted: else nobody knows the group",
            OnFailure.QUARANTINE,
        ),
        first_copy("a customer has one row a day; the first one counts"),
    ),
    publish=False,
)

CUSTOMERS = Table(
    "loyalty",
    "customers",
    "Accepted customers with what they told of themselves.",
    (
        CUSTOMER_ID,
        Column("signup_date", DATE, "Day of signing up.", nullable=False),
        IS_ENROLLED,
        *ATTRIBUTES,
        MOVIE_LINE,
    ),
    key=("customer_id",),
    rules=(unique("customer_id", "one row a customer"), not_null("is_enrolled")),
    # clean_customers has the same customers, without the line that singles people out.
    publish=False,
    one_row_a_person=True,
)

ORDERS = Table(
    "loyalty",
    "orders",
    "Accepted purchases, one row a customer and day; purchases of value 0 are purchases.",
    (
        ORDER_ID,
        CUSTOMER_ID,
        Column("order_date", DATE, "Day of the purchase.", nullable=False),
        Column("subtotal_usd_cents", INTEGER, "Price before redemption.", unit="USD cents"),
        Column(
            "net_usd_cents",
            INTEGER,
            "Price less the money that a redemption takes off; can be below 0.",
            unit="USD cents",
        ),
        Column(
            "point_differential",
            INTEGER,
            "Points that the balance moved by, as received.",
            unit="points",
        ),
        Column("redemptions", INTEGER, "Redemptions in the purchase, by the points rule."),
        Column("is_before_signup", BOOLEAN, "Whether it is earlier than the customer's sign-up."),
    ),
    key=("order_id",),
    rules=(
        unique("order_id", "one row a purchase"),
        in_set(
            "is_before_signup__no",
            [False],
            "nobody buys before signing up",
            WARN,
            WARNING,
        ),
        refers_to(
            "customer_id",
            CUSTOMERS,
            "customer_id",
            "who bought is in the customers file; an erased person is not",
            WARN,
            WARNING,
        ),
    ),
)

QUARANTINE = quarantine_of("loyalty", "Customers and purchases that break a row rule.")
RECONCILIATION = reconciliation_of("loyalty")

SNAPSHOTS = (
    Snapshot(
        csv_feed("loyalty", "customers", "All customers of the programme and its control group."),
        RAW_CUSTOMERS,
        STAGED_CUSTOMERS,
        CUSTOMERS,
    ),
    Snapshot(
        csv_feed("loyalty", "transactions", "All their purchases."),
        RAW_TRANSACTIONS,
        STAGED_TRANSACTIONS,
        ORDERS,
    ),
)
FEEDS = tuple(snapshot.feed for snapshot in SNAPSHOTS)
FILES = (FilesBehind(RAW_FILES),)
TABLES = (
    RAW_FILES,
    RAW_CUSTOMERS,
    RAW_TRANSACTIONS,
    STAGED_CUSTOMERS,
    STAGED_TRANSACTIONS,
    CUSTOMERS,
    ORDERS,
    QUARANTINE,
    RECONCILIATION,
)
