"""Contracts of Instacart's files: as received, with types, and what is accepted.

Orders and products have whole numbers as their ids, and lines are never copied: see decisions 0035
and 0036. What is made from these tables is in `instacart_insights`.
"""

from __future__ import annotations

from agm_platform.contracts.landing import FilesBehind, files_behind
from agm_platform.contracts.model import Column, OnFailure, Rule, Severity, Table, Type
from agm_platform.contracts.quarantine import quarantine_of
from agm_platform.contracts.rules import first_copy, in_set, refers_to, required, unique
from agm_platform.contracts.snapshots import (
    ROW_NUMBER,
    Snapshot,
    csv_feed,
    raw_table,
    received,
    reconciliation_of,
)
from agm_platform.contracts.staged import COPY_NUMBER, FAILED_RULE, FAILED_RULES

TEXT, INTEGER, BOOLEAN = Type.TEXT, Type.INTEGER, Type.BOOLEAN
SOURCE = "instacart"
SETS = ("prior", "train", "test")

ORDER_ID = Column("order_id", INTEGER, "Order number.")
PRODUCT_ID = Column("product_id", INTEGER, "Product number, after repair.")
CUSTOMER_ID = Column("customer_id", TEXT, "Customer number.", identity=SOURCE)
READABLE = Column("is_readable", BOOLEAN, "Whether all its numbers are whole numbers.")
ORDER_FACTS = (
    Column("order_set", TEXT, "prior, train or test: what the sender uses the order for."),
    Column("order_number", INTEGER, "Place among the customer's orders, from 1."),
    Column("order_day", INTEGER, "Day of the week, 0 to 6; the sender does not name day 0."),
    Column("order_hour", INTEGER, "Hour of the day, 0 to 23."),
    Column(
        "days_since_prior_order", INTEGER, "Days since the order before; null on a first.", "days"
    ),
)

PRODUCT_FACTS = (
    Column("product_name", TEXT, "Name; null if there is none or it is spoilt."),
    Column("name_is_spoilt", BOOLEAN, "Whether a spreadsheet left an error for a name."),
    Column("aisle_id", INTEGER, "Aisle number."),
    Column("department_id", INTEGER, "Department number."),
    Column("received_usd_cents", INTEGER, "Price as received.", unit="USD cents"),
    Column("price_usd_cents", INTEGER, "Price; null if absurd.", unit="USD cents"),
)


def _number(name: str, description: str, *aliases: str, must: bool = True) -> Column:
    return received(name, description, type_=INTEGER, aliases=aliases, required=must)


RAW_ORDERS = raw_table(
    SOURCE,
    "orders",
    "Orders.",
    _number("order_id", "Order number"),
    received("user_id", "Customer number", aliases=("customer_id",), identity=SOURCE),
    received("eval_set", "prior, train or test", required=False),
    _number("order_number", "Place among the user's orders"),
    _number("order_dow", "Day of the week", "order_day_of_week", "orders_day_of_week"),
    _number("order_hour_of_day", "Hour of the day", "order_hour"),
    _number("days_since_prior_order", "Days", "days_since_last_order", must=False),
)


JOINED_PRODUCT = tuple(
    received(
        name,
        f"{words}, where products are joined to the lines",
        aliases=aliases,
        required=False,
        usual=False,
    )
    for name, words, aliases in (
        ("product_name", "Name of the product", ()),
        ("aisle_id", "Aisle number", ()),
        ("aisle", "Name of the aisle", ("aisle_name",)),
        ("department_id", "Department number", ()),
        ("department", "Name of the department", ("department_name",)),
        ("prices", "Price in dollars", ("price",)),
    )
)


def _raw_lines(name: str) -> Table:
    return raw_table(
        SOURCE,
        name,
        "Order lines.",
        _number("order_id", "Order number"),
        _number("product_id", "Product number"),
        _number("add_to_cart_order", "Place in the cart", must=False),
        _number("reordered", "1 if bought before by this user", must=False),
        *JOINED_PRODUCT,
    )


RAW_PRIOR_LINES = _raw_lines("order_products__prior")
RAW_TRAIN_LINES = _raw_lines("order_products__train")
RAW_PRODUCTS = raw_table(
    SOURCE,
    "products",
    "Products.",
    received("product_id", "Product number"),
    received("product_name", "Name"),
    received("aisle_id", "Aisle number", required=False),
    received("department_id", "Department number"),
    received("prices", "Price in dollars", aliases=("price",), required=False),
)
RAW_DEPARTMENTS = raw_table(
    SOURCE,
    "departments",
    "Departments.",
    received("department_id", "Department number"),
    received("department", "Name", aliases=("department_name",)),
)
RAW_AISLES = raw_table(
    SOURCE,
    "aisles",
    "Aisles.",
    received("aisle_id", "Aisle number"),
    received("aisle", "Name", aliases=("aisle_name",)),
)
RAW_CUSTOMERS = raw_table(
    SOURCE,
    "customers",
    "Customers.",
    received("user_id", "Customer number", aliases=("customer_id",), identity=SOURCE),
    received("first_name", "First name", personal=True, required=False),
    received(
        "surnam", "Last name", personal=True, required=False, aliases=("surname", "last_name")
    ),
    received("gender", "Gender", required=False),
    received("state", "Name of the state"),
    received("age", "Age in years"),
    received("date_joined", "Day of joining, month first", required=False),
    received("n_dependants", "Number of dependants", aliases=("dependants", "dependents")),
    received("fam_status", "Family status", aliases=("family_status", "marital_status")),
    received("income", "Income a year in dollars"),
    one_row_a_person=True,
)


def _within(column: str, low: int, high: int, words: str) -> Rule:
    return Rule(
        f"{column}__within",
        "expect_column_values_to_be_between",
        {"column": column, "min_value": low, "max_value": high},
        words,
        OnFailure.QUARANTINE,
    )


def _true(name: str, words: str) -> Rule:
    return in_set(f"{name}__true", [True], words, OnFailure.QUARANTINE)


STAGED_ORDERS = Table(
    SOURCE,
    "staged_orders",
    "Orders with types, each with the row rules that it breaks.",
    (
        ROW_NUMBER,
        ORDER_ID,
        CUSTOMER_ID,
        *ORDER_FACTS,
        READABLE,
        COPY_NUMBER,
        FAILED_RULE,
        FAILED_RULES,
    ),
    key=("row_number",),
    rules=(
        required("order_id", "order_id is a whole number"),
        required("customer_id", "user_id is a whole number"),
        _true("is_readable", "every number of the order is a whole number"),
        _within("order_day", 0, 6, "the day of the week is a number from 0 to 6"),
        _within("order_hour", 0, 23, "the hour is a number from 0 to 23"),
        first_copy("an order stands once in the file; the first one counts"),
    ),
    publish=False,
)

STAGED_PRODUCTS = Table(
    SOURCE,
    "staged_products",
    "Products with types and repaired numbers, each with the row rules that it breaks.",
    (
        ROW_NUMBER,
        Column("received_product_id", INTEGER, "Product number as received."),
        PRODUCT_ID,
        Column("repair", TEXT, "Why the number was repaired: ordered (lines use it) or gap."),
        *PRODUCT_FACTS,
        COPY_NUMBER,
        Column("sharer_number", INTEGER, "1 for the first product with its number, then 2, 3."),
        FAILED_RULE,
        FAILED_RULES,
    ),
    key=("row_number",),
    rules=(
        required("product_id", "product_id is a whole number"),
        first_copy("a product's row stands once in the file; the first one counts"),
        in_set(
            "sharer_number__first",
            [1],
            "a number belongs to one product, where none of the two can be given its own",
            OnFailure.QUARANTINE,
        ),
    ),
    publish=False,
)

STAGED_CUSTOMERS = Table(
    SOURCE,
    "staged_customers",
    "Customers with types and without names, each with the row rules that it breaks.",
    (
        ROW_NUMBER,
        CUSTOMER_ID,
        *(
            attributes := (
                Column("gender", TEXT, "Gender as received."),
                Column("state", TEXT, "Name of the state."),
                Column("age", INTEGER, "Age.", unit="years"),
                Column("joined_on", Type.DATE, "Day of joining."),
                Column("dependants", INTEGER, "Number of dependants."),
                Column("family_status", TEXT, "Family status as received, lower case."),
                Column("income_usd_cents", INTEGER, "Income a year.", unit="USD cents"),
            )
        ),
        COPY_NUMBER,
        FAILED_RULE,
        FAILED_RULES,
    ),
    key=("row_number",),
    rules=(
        required("customer_id", "user_id is a whole number"),
        first_copy("a customer stands once in the file; the first one counts"),
    ),
    publish=False,
    one_row_a_person=True,
)


def _lines_set_aside(name: str) -> Table:
    return Table(
        SOURCE,
        f"{name}_lines_set_aside",
        f"The lines of the set {name} that break a row rule, and no others.",
        (
            ROW_NUMBER,
            ORDER_ID,
            PRODUCT_ID,
            READABLE,
            Column("order_is_accepted", BOOLEAN, "Whether its order is an accepted one."),
            Column("product_is_accepted", BOOLEAN, "Whether its product is an accepted one."),
            COPY_NUMBER,
            FAILED_RULE,
            FAILED_RULES,
        ),
        key=("row_number",),
        rules=(
            required("order_id", "order_id is a whole number"),
            required("product_id", "product_id is a whole number"),
            _true("is_readable", "every number of the line is a whole number"),
            _true("order_is_accepted", "the line's order is in the orders, and accepted"),
            _true("product_is_accepted", "the line's product is in the products, after repair"),
            first_copy("a line stands once in its order; the first one counts"),
        ),
        publish=False,
    )


BASKET_COLUMNS = (
    Column("order_lines", INTEGER, "Order lines."),
    Column("priced_lines", INTEGER, "Lines whose product has a price."),
    Column("usd_cents", INTEGER, "Price of the lines that have one.", unit="USD cents"),
    Column(
        "received_priced_lines",
        INTEGER,
        "Lines with a price as received, absurd ones among them.",
    ),
    Column(
        "received_usd_cents",
        INTEGER,
        "Prices as received, absurd ones among them.",
        unit="USD cents",
    ),
    Column("reordered_lines", INTEGER, "Lines of products that the user had bought before."),
    Column(
        "departments",
        INTEGER,
        "Set of departments: bit p for position p in the list of departments.",
    ),
)
PRIOR_ORDER_SUMS = Table(
    SOURCE,
    "prior_order_sums",
    "Readable lines of the set prior whose product is known, by order, before any is set aside.",
    (
        ORDER_ID,
        *BASKET_COLUMNS,
        Column(
            "cart_slots",
            INTEGER,
            "Different places in the cart by their remainder by 64: as many as lines if no place "
            "comes twice.",
        ),
    ),
    publish=False,
)

LINE_COLUMNS = (
    Column("order_id", INTEGER, "Order number.", nullable=False),
    Column("line_number", INTEGER, "Place in the cart, from 1; else the row in the file."),
    Column("product_id", INTEGER, "Product number.", nullable=False),
    Column("quantity", INTEGER, "Always 1: the sender tells no quantities."),
    Column("reordered", INTEGER, "1 if the user had bought the product before, else 0."),
)


def _lines(name: str) -> Table:
    return Table(
        SOURCE,
        f"{name}_lines",
        f"Accepted lines of the set {name}: the rows received less those set aside.",
        LINE_COLUMNS,
        publish=False,
        stored=False,
    )


PRIOR_SET_ASIDE, TRAIN_SET_ASIDE = _lines_set_aside("prior"), _lines_set_aside("train")
PRIOR_LINES, TRAIN_LINES = _lines("prior"), _lines("train")

ORDER_LINES = Table(
    SOURCE,
    "order_lines",
    "Accepted lines of both sets; orders of the set test come without lines.",
    (*LINE_COLUMNS, Column("order_set", TEXT, "prior or train.")),
    publish=False,
    stored=False,
)

ORDERS = Table(
    SOURCE,
    "orders",
    "Accepted orders, a view: those with types that break no rule. They carry no date: only day of "
    "the week, hour and days since the last one.",
    (ORDER_ID, CUSTOMER_ID, *ORDER_FACTS),
    key=("order_id",),
    rules=(unique("order_id", "one row an order, so that joining it doubles no line"),),
    publish=False,
    stored=False,
)

LISTED_PRODUCTS = Table(
    SOURCE,
    "listed_products",
    "Accepted products of the product list.",
    (PRODUCT_ID, *PRODUCT_FACTS),
    publish=False,
    stored=False,
)

LINE_PRODUCTS = Table(
    SOURCE,
    "line_products",
    "Products that the product list lacks and that order lines describe; the first line counts.",
    (
        PRODUCT_ID,
        *PRODUCT_FACTS,
        Column("aisle_name", TEXT, "Name of the aisle, if the lines tell it."),
        Column("department_name", TEXT, "Name of the department, if the lines tell it."),
    ),
    key=("product_id",),
    rules=(unique("product_id", "one row a product, so that joining it doubles no line"),),
    publish=False,
)

DEPARTMENTS = Table(
    SOURCE,
    "departments",
    "Departments, by number: those of the list, then others that products name.",
    (
        Column("department_id", INTEGER, "Department number.", nullable=False),
        Column("department_name", TEXT, "Name, or department and its number; missing is one."),
        Column("name_from", TEXT, "list, lines, or number where nothing tells a name."),
    ),
    key=("department_id",),
    rules=(
        unique("department_id", "one row a department"),
        in_set(
            "name_from__known",
            ["list", "lines"],
            "a product's department has a name",
            OnFailure.WARN,
            Severity.WARNING,
        ),
    ),
)

PRODUCTS = Table(
    SOURCE,
    "products",
    "Products with repaired numbers, believable prices and the names of department and aisle.",
    (
        PRODUCT_ID,
        *PRODUCT_FACTS,
        Column("aisle_name", TEXT, "Name of the aisle, or aisle and its number."),
        Column("department_name", TEXT, "Name of the department, or department and its number."),
        Column("price_band", TEXT, "low, mid or high; null without a price."),
        Column("is_from_lines", BOOLEAN, "Whether order lines describe it, not the product list."),
        Column("received_product_id", INTEGER, "Number as received, before repair."),
    ),
    key=("product_id",),
    rules=(
        unique("product_id", "one row a product, so that joining it doubles no line"),
        refers_to("department_id", DEPARTMENTS, "department_id", "every department is a known one"),
    ),
)

CLEAN_CUSTOMERS = Table(
    SOURCE,
    "clean_customers",
    "One row an accepted customer; names are dropped before anything is computed.",
    (CUSTOMER_ID, *attributes, Column("region", TEXT, "Census region of the state.")),
    key=("customer_id",),
    rules=(
        unique("customer_id", "one row a customer, so that joining it doubles no order"),
        Rule(
            "region__not_null",
            "expect_column_values_to_not_be_null",
            {"column": "region"},
            "every state is one of 51 names",
            OnFailure.WARN,
            Severity.WARNING,
        ),
    ),
    publish=False,
    one_row_a_person=True,
)

QUARANTINE = quarantine_of(SOURCE, "Rows of Instacart's files that were set aside.")
RECONCILIATION = reconciliation_of(SOURCE)


def _sends(
    raw: Table, description: str, staged: Table | None = None, accepted: Table | None = None
) -> Snapshot:
    return Snapshot(
        csv_feed(SOURCE, raw.name.removeprefix("raw_"), description), raw, staged, accepted
    )


SNAPSHOTS = (
    _sends(RAW_ORDERS, "All orders.", STAGED_ORDERS, ORDERS),
    _sends(RAW_PRIOR_LINES, "Lines of the prior orders.", PRIOR_SET_ASIDE, PRIOR_LINES),
    _sends(RAW_TRAIN_LINES, "Lines of the train orders.", TRAIN_SET_ASIDE, TRAIN_LINES),
    _sends(RAW_PRODUCTS, "All products.", STAGED_PRODUCTS, LISTED_PRODUCTS),
    _sends(RAW_DEPARTMENTS, "Departments; the columns may stand in rows."),
    _sends(RAW_AISLES, "Aisles."),
    _sends(RAW_CUSTOMERS, "All customers.", STAGED_CUSTOMERS, CLEAN_CUSTOMERS),
)
RAW_FILES = files_behind(SOURCE, "raw_files")
FEEDS = tuple(snapshot.feed for snapshot in SNAPSHOTS)
FILES = (FilesBehind(RAW_FILES),)
TABLES = (
    RAW_FILES,
    *(snapshot.raw for snapshot in SNAPSHOTS),
    STAGED_ORDERS,
    STAGED_PRODUCTS,
    STAGED_CUSTOMERS,
    PRIOR_ORDER_SUMS,
    PRIOR_SET_ASIDE,
    TRAIN_SET_ASIDE,
    ORDERS,
    PRIOR_LINES,
    TRAIN_LINES,
    ORDER_LINES,
    LISTED_PRODUCTS,
    LINE_PRODUCTS,
    DEPARTMENTS,
    PRODUCTS,
    CLEAN_CUSTOMERS,
    QUARANTINE,
    RECONCILIATION,
)
