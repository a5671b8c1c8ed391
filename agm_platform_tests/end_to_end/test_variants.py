"""The same data in every form that senders have been seen to use: the same accepted tables.

Each variant is made of the samples and read by Dagster, from the file to the shared model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import dagster as dg
import pytest

from agm_platform.definitions import defs
from agm_platform_tests.end_to_end.sender_chain import SAMPLES, Outcome, SenderChain
from agm_platform_tests.end_to_end.sheets import (
    BOM,
    Sheet,
    camel,
    dates,
    fraction,
    padded,
    snake,
    upper,
    whole,
)

ACCEPTED = {
    "loyalty": ("customers", "orders", "clean_customers"),
    "instacart": ("orders", "departments", "products", "clean_customers", "order_lines"),
    "shopping": ("clean_customers", "orders"),
    "sales": ("clean_customers", "products", "orders", "deliveries"),
}
Tables = Mapping[str, Sheet]
Files = dict[str, bytes]


class Reader:
    """Reads tables of any sender, in one process and one instance of Dagster."""

    def __init__(self, instance: dg.DagsterInstance, folder: Path) -> None:
        self.instance = instance
        self.folder = folder
        self.assets = list(defs().assets or ())
        self.count = 0
        self._plain: dict[str, Outcome] = {}

    def read(self, source: str, files: Files, tables: tuple[str, ...] | None = None) -> Outcome:
        """Read some files in a landing zone of their own."""
        self.count += 1
        chain = SenderChain(source, ACCEPTED[source] if tables is None else tables, self.assets)
        return chain.read(self.folder / str(self.count), files, self.instance)

    def plain(self, source: str) -> Outcome:
        """What the samples give as they are."""
        if source not in self._plain:
            files = {path.name: path.read_bytes() for path in (SAMPLES / source).glob("*.csv")}
            self._plain[source] = self.read(source, files)
        return self._plain[source]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield Reader(instance, tmp_path_factory.mktemp("variants"))


def sent(source: str) -> dict[str, Sheet]:
    """The samples of a sender, each with its columns in the first row."""
    tables = {path.stem: Sheet.of(path) for path in (SAMPLES / source).glob("*.csv")}
    if "departments" in tables:
        tables["departments"] = tables["departments"].turned()
    return tables


def shouted(sheet: Sheet) -> bytes:
    """Semicolons, CRLF, a byte order mark, capitals, two junk index columns."""
    return BOM + sheet.named(upper).indexed("", "Unnamed: 0").csv(";", "\r\n")


def quoted(sheet: Sheet) -> bytes:
    """Tabs, old line ends, everything quoted, names in camel case."""
    return sheet.named(camel).csv("\t", "\r", quote_all=True)


def written(change: Callable[[Sheet], bytes]) -> Callable[[Tables], Files]:
    """Return what writes every table of a sender in one way, as .csv."""
    return lambda tables: {f"{name}.csv": change(sheet) for name, sheet in tables.items()}


EVERYBODY: dict[str, Callable[[Tables], Files]] = {
    "shouted": written(shouted),
    "quoted": written(quoted),
    "turned": written(lambda sheet: sheet.turned().csv()),
    "workbook": lambda tables: {f"{name}.xlsx": sheet.xlsx() for name, sheet in tables.items()},
}


@pytest.mark.parametrize("variant", EVERYBODY)
@pytest.mark.parametrize("source", ACCEPTED)
def test_the_form_of_a_file_changes_nothing(reader: Reader, source: str, variant: str) -> None:
    outcome = reader.read(source, EVERYBODY[variant](sent(source)))
    assert {file["state"] for file in outcome.files.values()} == {"accepted"}
    assert outcome.without() == reader.plain(source).without()
    assert all(outcome.tables.values())


def with_us_dates(tables: Tables) -> Files:
    """Month first, ids and values as floats, the four empty columns gone."""
    customers = tables["customers"].without(
        "number_of_purchases",
        "value_of_purchases",
        "total_standard_points",
        "total_points_redeemed",
    )
    us = dates("%Y-%m-%d", "%m/%d/%Y")
    return {
        "customers.csv": customers.changed(us, "signup_date").changed(fraction, "id").csv("|"),
        "transactions.csv": tables["transactions"]
        .changed(us, "date")
        .changed(fraction, "user_id", "value")
        .csv("|"),
    }


def with_day_first_dates(tables: Tables) -> Files:
    """Another way to write a day first, with four digits of the year and slashes or dots."""
    return {
        "customer_info (1).csv": tables["customer_info"]
        .changed(dates("%d-%m-%y", "%d/%m/%Y"), "signup_date")
        .csv(),
        "product_info.csv": tables["product_info"]
        .changed(dates("%d-%m-%y", "%d.%m.%Y"), "launch_date")
        .csv(),
        "sales_data.csv": tables["sales_data"]
        .changed(dates("%d-%m-%Y", "%d/%m/%y"), "order_date")
        .csv(),
    }


def with_cleaned_columns(tables: Tables) -> Files:
    """ISO dates, empty discounts already 0, cleaned columns between the raw ones."""
    iso = "%Y-%m-%d"
    orders = tables["sales_data"].changed(dates("%d-%m-%Y", iso), "order_date")
    orders = orders.changed(lambda text: text or "0", "discount_applied")
    people = tables["customer_info"].changed(dates("%d-%m-%y", iso), "signup_date")
    return {
        "sales_data_clean.csv": orders.cleaned("quantity", "delivery_status", "payment_method")
        .renamed(
            quantity_clean="qty_clean",
            delivery_status_clean="delivery_clean",
            payment_method_clean="payment_clean",
        )
        .csv(),
        "customer_info_clean.csv": people.cleaned("gender", "loyalty_tier")
        .renamed(loyalty_tier_clean="layalty_clean")
        .csv(),
        "product_info.csv": tables["product_info"]
        .changed(dates("%d-%m-%y", iso), "launch_date")
        .csv(),
    }


def with_other_names(tables: Tables) -> Files:
    """Snake case, a byte order mark, and the amount under another name."""
    trends = tables["shopping_trends"].named(snake).renamed(purchase_amount_usd="purchase_amount")
    return {"shopping_trends_updated.csv": BOM + trends.csv()}


def with_padded_hours(tables: Tables) -> Files:
    """Hours as 08, days as 15, joined in ISO form, numbers of lines as floats."""
    files = {f"{name}.csv": sheet.csv("\t", "\r\n") for name, sheet in tables.items()}
    orders = tables["orders"].changed(padded, "order_hour_of_day")
    lines = tables["order_products__prior"].changed(fraction, "order_id", "reordered")
    return files | {
        "orders.csv": orders.changed(whole, "days_since_prior_order").csv(quote_all=True),
        "order_products__prior.csv": lines.csv(),
        "customers.csv": tables["customers"]
        .changed(dates("%m/%d/%Y", "%Y-%m-%d"), "date_joined")
        .csv(),
    }


@pytest.mark.parametrize(
    ("source", "change", "aside"),
    [
        ("loyalty", with_us_dates, ()),
        ("sales", with_day_first_dates, ()),
        ("sales", with_cleaned_columns, ("discount_was_empty",)),
        ("shopping", with_other_names, ()),
        ("instacart", with_padded_hours, ()),
    ],
)
def test_another_way_to_write_values_changes_nothing(
    reader: Reader, source: str, change: Callable[[Tables], Files], aside: tuple[str, ...]
) -> None:
    outcome = reader.read(source, change(sent(source)))
    assert {file["state"] for file in outcome.files.values()} == {"accepted"}
    assert outcome.without(*aside) == reader.plain(source).without(*aside)


def test_without_product_list_products_are_those_of_joined_lines(reader: Reader) -> None:
    tables = sent("instacart")
    products = tables["products"]
    products = products.joined(tables["aisles"], "aisle_id", "aisle")
    products = products.joined(tables["departments"], "department_id", "department")
    described = [name for name in products.header if name != "product_id"]
    files = {f"{name}.csv": tables[name].csv() for name in ("orders", "customers")}
    for name in ("order_products__prior", "order_products__train"):
        files[f"{name}.csv"] = tables[name].joined(products, "product_id", *described).csv()
    outcome, plain = reader.read("instacart", files), reader.plain("instacart")
    assert {outcome.files[name]["state"] for name in ("products", "departments", "aisles")} == {
        "missing"
    }
    sold = {row["product_id"] for row in plain.rows("order_lines")}
    found = {row["product_id"]: row for row in outcome.rows("products")}
    assert found.keys() <= sold
    as_listed = {
        row["product_id"]: {**row, "is_from_lines": True}
        for row in plain.rows("products")
        if row["product_id"] in found and row["received_product_id"] == row["product_id"]
    }
    assert as_listed == {number: found[number] for number in as_listed}
    assert len(as_listed) > 100
    assert {row["department_name"] for row in found.values()} <= {
        row["department_name"] for row in plain.rows("products")
    }
    assert {row["name_from"] for row in outcome.rows("departments")} == {"lines"}
    assert outcome.without()["orders"] == plain.without()["orders"]


@pytest.mark.parametrize(
    ("source", "table", "dropped", "renamed", "words"),
    [
        (
            "shopping",
            "shopping_trends",
            "Payment Method",
            "Preferred Payment Method",
            ("lacks preferred_payment_method", "the same header with another meaning"),
        ),
        (
            "loyalty",
            "transactions",
            "value",
            "point_differential",
            ("lacks point_differential", "no redemption can be told"),
        ),
        ("sales", "sales_data", "unit_price", "discount_applied", ("lacks discount_applied",)),
        ("instacart", "orders", "order_dow", "order_hour_of_day", ("lacks order_hour_of_day",)),
    ],
)
def test_a_column_that_took_the_name_of_a_dropped_one_is_refused_with_words(
    reader: Reader, source: str, table: str, dropped: str, renamed: str, words: tuple[str, ...]
) -> None:
    sheet = sent(source)[table].without(dropped).renamed(**{renamed: dropped})
    outcome = reader.read(
        source, {f"{table}.csv": sheet.indexed("", "Unnamed: 0").csv()}, ("raw_files",)
    )
    file = outcome.files[table]
    assert file["state"] == "quarantined"
    for word in words:
        assert word in file["reason"]
