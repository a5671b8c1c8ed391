"""Contracts of the delivery partner Peak Deliveries: its feed and every table made from it."""

from __future__ import annotations

from agm_platform.contracts.agm import PRODUCTS
from agm_platform.contracts.answers import answers_of
from agm_platform.contracts.breakdown import (
    BREAKDOWN_COLUMNS,
    BREAKDOWN_FIGURES,
    BREAKDOWN_RULES,
    suppressed,
)
from agm_platform.contracts.business import MEAL_PRICE_USD_CENTS
from agm_platform.contracts.customer_value import value_tables_of
from agm_platform.contracts.customers import NORMALISED, QUALITY, SCORED
from agm_platform.contracts.landing import FilesBehind, files_behind
from agm_platform.contracts.model import (
    Column,
    Delivery,
    Feed,
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
    not_in_set,
    not_null,
    refers_to,
    required,
    unique,
)
from agm_platform.contracts.segments import segments_of
from agm_platform.contracts.staged import FAILED_RULE, FAILED_RULES

TEXT, INTEGER, NUMBER = Type.TEXT, Type.INTEGER, Type.NUMBER
BOOLEAN, DATE = Type.BOOLEAN, Type.DATE

STAGING = "staging validation of the Peak feed"
UNMAPPED_PRODUCT = "product_id__mapped"
"""The one row rule that sets a line aside alone, because its sale is whole without it."""

DAILY_SALES = Feed(
    source="peak",
    name="daily_sales",
    pattern=r"peak_sales_(?P<year>\d{4})_(?P<month>\d{2})_(?P<day>\d{2})([ ._(-].*)?\.json",
    delivery=Delivery.DAILY,
    description="All delivery sales of one business date, nested JSON.",
    media_type="application/json",
)
PRODUCT_MAPPING = Feed(
    source="peak",
    name="product_mapping",
    pattern=(
        r"peak_product_mapping(_(?P<year>\d{4})_(?P<month>\d{2})_(?P<day>\d{2}))?"
        r"([ ._(-].*)?\.csv"
    ),
    delivery=Delivery.VERSIONED,
    description="Which Peak product is which AGM product; a date in the name is its first day.",
    media_type="text/csv",
)
FEEDS = (DAILY_SALES, PRODUCT_MAPPING)

BUSINESS_DATE = Column("business_date", DATE, "Local business date of the file.", nullable=False)
FILE_NAME = Column("file_name", TEXT, "Name of the file the row came from.", nullable=False)
SALE_POSITION = Column(
    "sale_position", INTEGER, "Place of the sale in its file, from 1.", nullable=False
)
ORDER_ID = Column(
    "order_id", TEXT, "Peak's number of the sale.", nullable=False, identity="peak_order"
)
CUSTOMER_ID = Column(
    "customer_id", TEXT, "Peak's number of the customer.", nullable=False, identity="peak"
)
RAW_SALE_ID = Column("sale_id", TEXT, "Peak's number of the sale, as received.")
PROVENANCE = (BUSINESS_DATE, FILE_NAME, SALE_POSITION)
PLACE = (
    Column("city", TEXT, "City, as received."),
    Column("state", TEXT, "State code, as received."),
    Column("zip", TEXT, "Five-digit ZIP code, as received."),
)


RAW_FILES = Table(
    "peak",
    "raw_files",
    "One row a business date: the file that was read last, and what became of it.",
    (
        BUSINESS_DATE,
        FILE_NAME,
        Column("file_sha256", TEXT, "SHA-256 of the file's bytes.", nullable=False),
        Column("state", TEXT, "accepted or quarantined.", nullable=False, harmless=True),
        Column("reason", TEXT, "Why the file was quarantined."),
        Column("line", INTEGER, "Line of the file where reading failed, from 1."),
        Column("sales", INTEGER, "Sales in the file."),
        Column("order_lines", INTEGER, "Order lines in the file."),
        Column("notes", TEXT, "What was odd but accepted, one remark after another."),
    ),
    key=("business_date",),
    rules=(
        in_set(
            "state__accepted",
            ["accepted"],
            "every file could be read; a quarantined file leaves the rows of its day as they were",
            OnFailure.WARN,
            Severity.WARNING,
        ),
        Rule(
            "notes__none",
            "expect_column_values_to_be_null",
            {"column": "notes"},
            "nothing in a file is odd (unexpected fields, stray bytes)",
            OnFailure.WARN,
            Severity.INFO,
        ),
    ),
    partition_column="business_date",
    publish=False,
)

RAW_ORDERS = Table(
    "peak",
    "raw_orders",
    "Sales as received: text, file order, duplicates kept.",
    (
        *PROVENANCE,
        RAW_SALE_ID,
        Column("sale_date", TEXT, "Date of the sale, as received."),
        Column("sub_total", TEXT, "Sum of the lines before tax, as received.", unit="USD"),
        Column("tax", TEXT, "Tax, as received.", unit="USD"),
        Column("total_amount", TEXT, "Amount charged, as received.", unit="USD"),
    ),
    key=("business_date", "sale_position"),
    partition_column="business_date",
    publish=False,
)

RAW_STORES = Table(
    "peak",
    "raw_stores",
    "Pick-up points as received, one row a sale, repeats kept.",
    (
        *PROVENANCE,
        RAW_SALE_ID,
        Column("location_id", TEXT, "Peak's number of the pick-up point."),
        Column("name", TEXT, "Name of the pick-up point."),
        Column("street", TEXT, "Street of the pick-up point."),
        *PLACE,
    ),
    key=("business_date", "sale_position"),
    rules=(
        Rule(
            "location_id__one_pick_up_point",
            "expect_column_unique_value_count_to_be_between",
            {"column": "location_id", "max_value": 1},
            "all sales of a day are picked up at one place",
            OnFailure.WARN,
            Severity.WARNING,
            STAGING,
        ),
    ),
    partition_column="business_date",
    publish=False,
)

RAW_CUSTOMERS = Table(
    "peak",
    "raw_customers",
    "Customer details as received, one row a sale, repeats kept.",
    (
        *PROVENANCE,
        RAW_SALE_ID,
        Column(
            "customer_id",
            TEXT,
            "Peak's own number of the customer, as received.",
            identity="peak",
        ),
        Column("first_name", TEXT, "First name, as received.", personal=True),
        Column("last_name", TEXT, "Last name, as received.", personal=True),
        Column("street", TEXT, "Street and number, as received.", personal=True),
        *PLACE,
    ),
    key=("business_date", "sale_position"),
    rules=tuple(
        Rule(
            f"{column}__not_blank",
            "expect_column_values_to_match_regex",
            {"column": column, "regex": r"\s*\S"},
            f"{column} is not blank",
            OnFailure.WARN,
            Severity.WARNING,
            STAGING,
        )
        for column in ("first_name", "last_name", "street")
    ),
    partition_column="business_date",
    publish=False,
    quasi_identifiers=(("city", "state", "zip"),),
)

RAW_ORDER_LINES = Table(
    "peak",
    "raw_order_lines",
    "Order lines as received: text, file order, numbered 1..n inside each sale.",
    (
        *PROVENANCE,
        RAW_SALE_ID,
        Column("line_item_id", INTEGER, "Number of the line in its sale, from 1.", nullable=False),
        Column("product_id", TEXT, "Peak's number of the product, as received."),
        Column("price", TEXT, "Price of one meal, as received.", unit="USD"),
        Column("quantity", TEXT, "Number of meals, as received."),
        Column("taxable", TEXT, "Y or N, as received."),
    ),
    key=("business_date", "sale_position", "line_item_id"),
    partition_column="business_date",
    publish=False,
)

RAW_MAP_FILES = files_behind("peak", "raw_map_files")

RAW_PRODUCT_MAP = Table(
    "peak",
    "raw_product_map",
    "Every accepted version of the product mapping, as received.",
    (
        FILE_NAME,
        Column(
            "version_date", DATE, "First day of the version from the file's name, if it has one."
        ),
        Column("row_number", INTEGER, "Place of the row in its file, from 1.", nullable=False),
        Column("product_id", TEXT, "AGM's product number."),
        Column("peak_product_id", TEXT, "Peak's product number."),
        Column(
            "valid_from",
            TEXT,
            "First day the row is valid, ISO date.",
            required=False,
            usual=False,
        ),
    ),
    key=("file_name", "row_number"),
    publish=False,
)

PRODUCT_MAP = Table(
    "peak",
    "product_map",
    "Which Peak product is which AGM product, in the period a version is valid in.",
    (
        Column("valid_from", DATE, "First business date of the version.", nullable=False),
        Column("valid_to", DATE, "Last business date of the version.", nullable=False),
        Column("peak_product_id", TEXT, "Peak's product number.", nullable=False),
        Column("product_id", TEXT, "AGM's product number.", nullable=False),
        FILE_NAME,
    ),
    key=("valid_from", "peak_product_id"),
    rules=(
        Rule(
            "peak_product_id__one_product",
            "expect_compound_columns_to_be_unique",
            {"column_list": ["valid_from", "peak_product_id"]},
            "in one version a Peak product stands for one AGM product",
        ),
        Rule(
            "product_id__one_peak_product",
            "expect_compound_columns_to_be_unique",
            {"column_list": ["valid_from", "product_id"]},
            "in one version an AGM product has one Peak number",
            OnFailure.WARN,
            Severity.WARNING,
        ),
        not_null("peak_product_id"),
        not_null("product_id"),
    ),
)


STAGED_ORDER_LINES = Table(
    "peak",
    "staged_order_lines",
    "Order lines with types and AGM product, each with the row rules that it breaks.",
    (
        *PROVENANCE,
        RAW_SALE_ID,
        Column("line_item_id", INTEGER, "Number of the line in its sale, from 1.", nullable=False),
        Column("peak_product_id", TEXT, "Peak's product number; null if not a whole number."),
        Column("product_id", TEXT, "AGM's product number; null if the map has none for the day."),
        Column("candidate_product_id", TEXT, "AGM product proposed for an unmapped Peak product."),
        Column("candidate_basis", TEXT, "Why that candidate is proposed."),
        Column("price_usd_cents", INTEGER, "Price of one meal.", unit="USD cents", harmless=True),
        Column("quantity", INTEGER, "Number of meals.", harmless=True),
        Column("taxable", TEXT, "Y or N, as received."),
        FAILED_RULE,
        FAILED_RULES,
    ),
    key=("business_date", "sale_position", "line_item_id"),
    rules=(
        required("peak_product_id", "product_id is a whole number"),
        required("price_usd_cents", "price is an amount of money"),
        required("quantity", "quantity is a whole number"),
        Rule(
            "quantity__positive",
            "expect_column_values_to_be_between",
            {"column": "quantity", "min_value": 1},
            "quantity is at least 1",
            OnFailure.QUARANTINE,
            source=STAGING,
        ),
        Rule(
            UNMAPPED_PRODUCT,
            "expect_column_values_to_not_be_null",
            {"column": "product_id"},
            "the Peak product is in the product map valid on that day",
            OnFailure.QUARANTINE,
            source=STAGING,
        ),
        in_set(
            "price_usd_cents__list_price",
            [MEAL_PRICE_USD_CENTS],
            "every meal has the list price",
            OnFailure.WARN,
            Severity.WARNING,
            STAGING,
        ),
        in_set(
            "taxable__no",
            ["N"],
            "no meal is taxable",
            OnFailure.WARN,
            Severity.WARNING,
            STAGING,
        ),
    ),
    partition_column="business_date",
    publish=False,
)

STAGED_ORDERS = Table(
    "peak",
    "staged_orders",
    "Sales with types, their pick-up store and what their lines add up to, each with the row "
    "rules that it breaks.",
    (
        *PROVENANCE,
        Column("sale_id", TEXT, "Peak's number of the sale; null if not a whole number."),
        Column("order_date", DATE, "Date of the sale; null if not a date."),
        Column("subtotal_usd_cents", INTEGER, "Sum before tax.", unit="USD cents"),
        Column("tax_usd_cents", INTEGER, "Tax.", unit="USD cents", harmless=True),
        Column("total_usd_cents", INTEGER, "Amount charged.", unit="USD cents"),
        Column(
            "tip_usd_cents",
            INTEGER,
            "Charged beyond subtotal and tax.",
            unit="USD cents",
            harmless=True,
        ),
        Column("customer_id", TEXT, "Peak's number of the customer; null if not a whole number."),
        Column("location_id", TEXT, "Peak's number of the pick-up point, as received."),
        Column("store_id", TEXT, "AGM's store at the pick-up point; null if there is none."),
        Column("line_count", INTEGER, "Lines of the sale.", nullable=False, harmless=True),
        Column(
            "unreadable_lines",
            INTEGER,
            "Lines without product number, price or quantity.",
            harmless=True,
        ),
        Column("lines_usd_cents", INTEGER, "Sum of price times quantity.", unit="USD cents"),
        Column(
            "copy_number",
            INTEGER,
            "1 for the first sale with its number in the file, then 2.",
            harmless=True,
        ),
        FAILED_RULE,
        FAILED_RULES,
    ),
    key=("business_date", "sale_position"),
    rules=(
        required("sale_id", "sale_id is a whole number"),
        required("order_date", "sale_date is an ISO date"),
        required("subtotal_usd_cents", "sub_total is an amount of money"),
        required("tax_usd_cents", "tax is an amount of money"),
        required("total_usd_cents", "total_amount is an amount of money"),
        required("customer_id", "customer_id is a whole number"),
        first_copy("a sale stands once in its file; the first one counts"),
        Rule(
            "order_date__is_business_date",
            "expect_column_pair_values_to_be_equal",
            {"column_A": "order_date", "column_B": "business_date"},
            "the sale is of the file's business date",
            OnFailure.QUARANTINE,
        ),
        at_least_one("line_count__positive", "a sale has lines"),
        in_set(
            "unreadable_lines__none",
            [0],
            "every line of the sale has a product number, a price and a quantity of at least 1",
            OnFailure.QUARANTINE,
        ),
        in_set(
            "tip_usd_cents__none",
            [0],
            "total_amount equals sub_total plus tax",
            OnFailure.QUARANTINE,
            source=STAGING,
        ),
        Rule(
            "lines_usd_cents__is_subtotal",
            "expect_column_pair_values_to_be_equal",
            {"column_A": "lines_usd_cents", "column_B": "subtotal_usd_cents"},
            "sub_total equals the sum of price times quantity",
            OnFailure.QUARANTINE,
            source=STAGING,
        ),
        required("store_id", "the pick-up point is one of AGM's stores"),
        in_set(
            "tax_usd_cents__zero",
            [0],
            "no tax is charged",
            OnFailure.WARN,
            Severity.WARNING,
            STAGING,
        ),
    ),
    partition_column="business_date",
    publish=False,
)

ORDERS = Table(
    "peak",
    "orders",
    "Accepted delivery orders.",
    (
        BUSINESS_DATE,
        ORDER_ID,
        Column("order_date", DATE, "Date of the sale.", nullable=False),
        Column("store_id", TEXT, "AGM's store that made the meals.", nullable=False),
        CUSTOMER_ID,
        Column("subtotal_usd_cents", INTEGER, "Price of the meals.", unit="USD cents"),
        Column("tax_usd_cents", INTEGER, "Tax.", unit="USD cents"),
        Column("total_usd_cents", INTEGER, "Amount charged.", unit="USD cents"),
        Column(
            "commission_usd_cents", INTEGER, "What Peak keeps, per sale half up.", unit="USD cents"
        ),
        Column("net_usd_cents", INTEGER, "Price less commission, AGM's part.", unit="USD cents"),
    ),
    key=("order_id",),
    rules=(
        not_null("order_id"),
        unique(
            "order_id",
            "a sale is accepted once a day",
        ),
    ),
    partition_column="business_date",
)

ORDER_LINES = Table(
    "peak",
    "order_lines",
    "Accepted lines of accepted delivery orders.",
    (
        BUSINESS_DATE,
        ORDER_ID,
        Column("line_number", INTEGER, "Number of the line in its sale, from 1.", nullable=False),
        Column("product_id", TEXT, "AGM's product number.", nullable=False),
        Column("quantity", INTEGER, "Number of meals.", nullable=False),
        Column("price_usd_cents", INTEGER, "Price of one meal.", unit="USD cents"),
        Column("line_usd_cents", INTEGER, "Price times quantity.", unit="USD cents"),
    ),
    key=("order_id", "line_number"),
    rules=(
        Rule(
            "line_number__unique_in_order",
            "expect_compound_columns_to_be_unique",
            {"column_list": ["order_id", "line_number"]},
            "a line is accepted once",
        ),
        not_null("product_id"),
        refers_to(
            "product_id",
            PRODUCTS,
            "product_id",
            "the product map leads to one of AGM's meals",
            OnFailure.WARN,
            Severity.WARNING,
        ),
    ),
    partition_column="business_date",
)

QUARANTINE = quarantine_of(
    "peak",
    "Rows set aside: every sale that breaks a row rule with all its lines, and every line whose "
    "product is not in the map.",
    Column("candidate", TEXT, "AGM product proposed for an unmapped Peak product."),
    Column("candidate_basis", TEXT, "Why that candidate is proposed."),
    partition=BUSINESS_DATE,
    lines=True,
)

RECONCILIATION = Table(
    "peak",
    "reconciliation",
    "Rows received and what became of them, one row a table and business date.",
    (
        BUSINESS_DATE,
        Column("table_name", TEXT, "raw_orders or raw_order_lines.", nullable=False),
        Column("received", INTEGER, "Rows of the files read for the day.", nullable=False),
        Column("accepted", INTEGER, "Rows in the accepted table.", nullable=False),
        Column("quarantined", INTEGER, "Rows set aside.", nullable=False),
        Column("superseded", INTEGER, "Rows of files that a later file replaced.", nullable=False),
        Column(
            "unaccounted",
            INTEGER,
            "received - accepted - quarantined - superseded.",
            harmless=True,
        ),
        Column(
            "on_other_days",
            INTEGER,
            "Accepted orders whose number is accepted on another day.",
            harmless=True,
        ),
    ),
    key=("business_date", "table_name"),
    rules=(
        in_set(
            "on_other_days__zero",
            [0],
            "no sale number stands in the files of two days",
            OnFailure.WARN,
            Severity.WARNING,
        ),
        in_set(
            "unaccounted__zero",
            [0],
            "received = accepted + quarantined + superseded",
        ),
    ),
)

CLEAN_CUSTOMERS = Table(
    "peak",
    "clean_customers",
    "One row a Peak customer: details as last received, normalised beside, quality score, and "
    "distance to the store.",
    (
        CUSTOMER_ID,
        Column("first_name", TEXT, "First name, as received.", personal=True),
        Column("last_name", TEXT, "Last name, as received.", personal=True),
        Column("street", TEXT, "Street and number, as received.", personal=True),
        *PLACE,
        *NORMALISED,
        Column("store_id", TEXT, "AGM's store that the customer is served from."),
        Column("first_order_date", DATE, "First day with an accepted order."),
        Column("last_order_date", DATE, "Last day with an accepted order."),
        Column("order_count", INTEGER, "Accepted orders."),
        Column("day_count", INTEGER, "Days with an accepted order."),
        Column(
            "detail_variants",
            INTEGER,
            "Different sets of details received; 1 is consistent.",
            harmless=True,
        ),
        Column(
            "blank_fields",
            INTEGER,
            "How many of name, street, city, state, ZIP are blank.",
            harmless=True,
        ),
        Column("zip_is_known", BOOLEAN, "Whether the ZIP exists with that city and state."),
        Column("distance_miles", NUMBER, "From the centre of the ZIP to the store.", unit="miles"),
        Column(
            "margin_miles",
            NUMBER,
            "Radius of the ZIP: how far off the centre can be.",
            unit="miles",
        ),
        Column("radius_band", TEXT, "inside, outside or uncertain of the delivery radius."),
        *QUALITY,
    ),
    key=("customer_id",),
    rules=(
        unique(
            "customer_id",
            "one row a customer",
        ),
        SCORED,
        in_set(
            "detail_variants__one",
            [1],
            "a customer's details stay the same from order to order",
            OnFailure.WARN,
            Severity.WARNING,
        ),
        in_set(
            "blank_fields__none",
            [0],
            "no detail is blank",
            OnFailure.WARN,
            Severity.WARNING,
        ),
        in_set(
            "zip_is_known__true",
            [True],
            "city, state and ZIP belong together",
            OnFailure.WARN,
            Severity.WARNING,
            STAGING,
        ),
    ),
    one_row_a_person=True,
    quasi_identifiers=(
        ("store_id", "radius_band"),
        ("state", "state_normalised"),
        (
            "city",
            "zip",
            "city_normalised",
            "zip_normalised",
            "distance_miles",
            "margin_miles",
        ),
    ),
)

CUSTOMER_ACCURACY = Table(
    "peak",
    "customer_accuracy",
    "One row a Peak customer: whether first name, last name and street agree with a customer in "
    "AGM's file, and which of the three differ from the closest one.",
    (
        CUSTOMER_ID,
        Column(
            "agreement",
            TEXT,
            "exact, first_name_differs, last_name_differs, street_differs or no_partner.",
        ),
        Column("is_exact", BOOLEAN, "All three agree.", nullable=False),
        Column("same_zip", BOOLEAN, "Whether the ZIP agrees too; null where AGM's file has none."),
        Column(
            "agm_customer_id",
            TEXT,
            "The customer in AGM's file that agrees on most.",
            identity="agm",
        ),
    ),
    key=("customer_id",),
    rules=(
        unique(
            "customer_id",
            "one row a customer",
        ),
        in_set(
            "is_exact__true",
            [True],
            "first name, last name and street are those of a customer in AGM's file",
            OnFailure.WARN,
            Severity.WARNING,
            STAGING,
        ),
    ),
    one_row_a_person=True,
)

CUSTOMER_IMPROVEMENTS = Table(
    "peak",
    "customer_improvements",
    "One row a kind of fault in customers' details, the one that touches most customers first: "
    "what it touches, and what repairs it.",
    (
        Column("place", INTEGER, "1 for the fault that touches most.", nullable=False),
        Column("fault", TEXT, "Code of the fault, as in quality_reasons.", nullable=False),
        Column("field", TEXT, "Field that is at fault.", nullable=False),
        Column("description", TEXT, "The fault in words."),
        Column("repair", TEXT, "Method, with its library, that repairs it."),
        Column("customers", INTEGER, "Customers with the fault.", nullable=False),
        Column("all_customers", INTEGER, "Customers looked at.", nullable=False),
        Column("share", NUMBER, "Customers with the fault of all.", unit="fraction"),
        Column("share_low", NUMBER, "Lower end of Wilson's 95 % interval.", unit="fraction"),
        Column("share_high", NUMBER, "Upper end of Wilson's 95 % interval.", unit="fraction"),
        Column("orders", INTEGER, "Their accepted orders.", nullable=False),
        Column("subtotal_usd_cents", INTEGER, "Price of their meals.", unit="USD cents"),
        suppressed(),
    ),
    key=("fault",),
    rules=(
        unique(
            "fault",
            "one row a fault",
        ),
    ),
    small_groups=(SmallGroups(("orders", "subtotal_usd_cents")),),
)

DELIVERY_INSIGHTS = Table(
    "peak",
    "delivery_insights",
    "Accepted deliveries summed up in total and by day, weekday, store, product, radius band, ZIP "
    "and number of meals.",
    (
        *BREAKDOWN_COLUMNS,
        Column(
            "commission_usd_cents", INTEGER, "What Peak keeps; null by product.", unit="USD cents"
        ),
        Column("net_usd_cents", INTEGER, "AGM's part; null by product.", unit="USD cents"),
    ),
    key=("dimension", "member"),
    rules=BREAKDOWN_RULES,
    small_groups=(SmallGroups((*BREAKDOWN_FIGURES, "commission_usd_cents", "net_usd_cents")),),
)

RADIUS_INSIGHTS = Table(
    "peak",
    "radius_insights",
    "One row a ZIP with Peak customers, or with AGM customers of the trial store in its radius.",
    (
        Column(
            "zip", TEXT, "Five-digit ZIP code; unknown where a customer gave none.", nullable=False
        ),
        Column("city", TEXT, "Main city of the ZIP."),
        Column("distance_miles", NUMBER, "From the centre of the ZIP to the store.", unit="miles"),
        Column("margin_miles", NUMBER, "Radius of the ZIP.", unit="miles"),
        Column("radius_band", TEXT, "inside, outside or uncertain of the delivery radius."),
        Column("peak_customers", INTEGER, "Peak customers with an accepted order.", nullable=False),
        Column("peak_orders", INTEGER, "Their accepted orders.", nullable=False),
        Column(
            "agm_customers",
            INTEGER,
            "AGM customers whose closest store is the trial store and whose distance is within "
            "the radius; null where AGM's file lacks ZIP, store or distance.",
        ),
        suppressed("peak_suppressed", "Peak's figures"),
        suppressed("agm_suppressed", "AGM's figures"),
    ),
    key=("zip",),
    rules=(
        unique(
            "zip",
            "one row a ZIP",
        ),
        not_in_set(
            "radius_band__not_outside",
            ["outside"],
            "Peak delivers only within the agreed radius",
            OnFailure.WARN,
            Severity.WARNING,
        ),
    ),
    small_groups=(
        SmallGroups(("peak_customers", "peak_orders"), "peak_suppressed"),
        SmallGroups(("agm_customers",), "agm_suppressed"),
    ),
)

FILES = (
    FilesBehind(RAW_FILES, DAILY_SALES.name, rows="sales", lines="order_lines"),
    FilesBehind(RAW_MAP_FILES),
)
PRODUCT_SETS = product_sets_of("peak")
SEGMENTS = segments_of("peak", identity="peak")

TABLES = (
    RAW_FILES,
    RAW_ORDERS,
    RAW_STORES,
    RAW_CUSTOMERS,
    RAW_ORDER_LINES,
    RAW_MAP_FILES,
    RAW_PRODUCT_MAP,
    PRODUCT_MAP,
    STAGED_ORDER_LINES,
    STAGED_ORDERS,
    ORDERS,
    ORDER_LINES,
    QUARANTINE,
    RECONCILIATION,
    CLEAN_CUSTOMERS,
    CUSTOMER_ACCURACY,
    CUSTOMER_IMPROVEMENTS,
    DELIVERY_INSIGHTS,
    RADIUS_INSIGHTS,
    SEGMENTS,
    PRODUCT_SETS,
    *value_tables_of(ORDERS),
    answers_of("peak"),
)
