"""Instacart's products: those of the list, and those that only the order lines describe."""

import narwhals as nw

from agm_platform.contracts import instacart
from agm_platform.contracts.instacart_rules import (
    HIGHEST_PRICE_USD_CENTS,
    PRICE_BANDS,
    SPOILT_NAMES,
)
from agm_platform.defs.insights.bands import banded
from agm_platform.defs.sources.copies import with_copy_number
from agm_platform.defs.sources.quarantine import accepted
from agm_platform.defs.table import table
from agm_platform.landing.casts import trimmed, usd_cents, whole_number

JOINED = tuple(column.name for column in instacart.JOINED_PRODUCT)


def with_product_facts(received: nw.LazyFrame) -> nw.LazyFrame:
    """Give name, aisle, department and price their types; spoilt names and absurd prices are null.

    Needs product_name, aisle_id, department_id and prices as text.
    """
    typed = received.with_columns(
        aisle_id=whole_number("aisle_id"),
        department_id=whole_number("department_id"),
        received_usd_cents=usd_cents("prices"),
        name_is_spoilt=trimmed("product_name").is_in(list(SPOILT_NAMES)).fill_null(value=False),
    )
    cents = nw.col("received_usd_cents")
    return typed.with_columns(
        price_usd_cents=nw.when(cents <= HIGHEST_PRICE_USD_CENTS).then(cents),
        product_name=nw.when(~nw.col("name_is_spoilt")).then(trimmed("product_name")),
    )


@table(instacart.LISTED_PRODUCTS)
def listed_products(staged_products: nw.LazyFrame) -> nw.LazyFrame:
    """A view: products of the list that break no row rule."""
    return accepted(staged_products)


@table(
    instacart.LINE_PRODUCTS,
    reads={
        "prior": instacart.RAW_PRIOR_LINES,
        "train": instacart.RAW_TRAIN_LINES,
    },
)
def line_products(
    prior: nw.LazyFrame, train: nw.LazyFrame, listed_products: nw.LazyFrame
) -> nw.LazyFrame:
    """Products that lines describe and the list lacks; of two descriptions the first counts.

    Lines without product columns hold nulls there, which the engine skips by their statistics.
    """
    described = nw.concat([_described(prior, first=0), _described(train, first=1)])
    first = (
        described.group_by("product_id", "_set")
        .agg(row_number=nw.col("row_number").min())
        .with_columns(_earliest=nw.col("_set").min().over("product_id"))
        .filter(nw.col("_set") == nw.col("_earliest"))
        .select("product_id", "_set", "row_number")
        .join(listed_products.select("product_id"), on="product_id", how="anti")
    )
    chosen = described.join(first, on=["product_id", "_set", "row_number"], how="inner")
    return with_product_facts(chosen).with_columns(
        aisle_name=trimmed("aisle"), department_name=trimmed("department")
    )


def _described(lines: nw.LazyFrame, *, first: int) -> nw.LazyFrame:
    """Return the lines that describe their product, whatever columns they do it by."""
    has_any = ~nw.coalesce(*JOINED).is_null()
    return lines.filter(~nw.col("product_id").is_null(), has_any).select(
        "row_number", "product_id", *JOINED, _set=nw.lit(first).cast(nw.Int64)
    )


@table(instacart.DEPARTMENTS)
def departments(
    raw_departments: nw.LazyFrame, listed_products: nw.LazyFrame, line_products: nw.LazyFrame
) -> nw.LazyFrame:
    """Departments of the list; of two with one number the first counts. Then those of products."""
    told = line_products.select("department_id", "department_name")
    bare = listed_products.select("department_id", department_name=nw.lit(None).cast(nw.String))
    others = (
        nw.concat([told, bare])
        .filter(~nw.col("department_id").is_null())
        .group_by("department_id")
        .agg(nw.col("department_name").min())
    )
    named = named_list(raw_departments, "department").with_columns(name_from=nw.lit("list"))
    rest = others.join(named, on="department_id", how="anti").select(
        "department_id",
        department_name=or_number("department"),
        name_from=nw.when(nw.col("department_name").is_null())
        .then(nw.lit("number"))
        .otherwise(nw.lit("lines")),
    )
    return nw.concat([named, rest]).with_columns(department_name=or_number("department"))


@table(instacart.PRODUCTS)
def products(
    staged_products: nw.LazyFrame,
    line_products: nw.LazyFrame,
    departments: nw.LazyFrame,
    raw_aisles: nw.LazyFrame,
) -> nw.LazyFrame:
    """Products of the list and of the lines, with the names of their department and aisle."""
    facts = ("product_id", *(column.name for column in instacart.PRODUCT_FACTS))
    listed = accepted(staged_products).select(
        *facts,
        "received_product_id",
        is_from_lines=nw.lit(value=False),
        _aisle_name=nw.lit(None).cast(nw.String),
    )
    of_lines = line_products.select(
        *facts,
        received_product_id=nw.col("product_id"),
        is_from_lines=nw.lit(value=True),
        _aisle_name=nw.col("aisle_name"),
    )
    return (
        nw.concat([listed, of_lines])
        .join(departments, on="department_id", how="left")
        .join(named_list(raw_aisles, "aisle"), on="aisle_id", how="left")
        .with_columns(aisle_name=nw.coalesce("aisle_name", "_aisle_name"))
        .with_columns(
            price_band=banded(nw.col("price_usd_cents"), PRICE_BANDS), aisle_name=or_number("aisle")
        )
    )


def named_list(raw: nw.LazyFrame, what: str) -> nw.LazyFrame:
    """Return `<what>_id` and `<what>_name` of a list of names, each number once."""
    number = f"{what}_id"
    typed = raw.select(
        "row_number",
        **{number: whole_number(number), f"{what}_name": trimmed(what)},
    ).filter(~nw.col(number).is_null())
    return (
        with_copy_number(typed, number)
        .filter(nw.col("copy_number") == 1)
        .select(number, f"{what}_name")
    )


def or_number(what: str) -> nw.Expr:
    """Return `<what>_name`, else `<what>` and its number."""
    number = nw.col(f"{what}_id").cast(nw.String)
    return nw.coalesce(nw.col(f"{what}_name"), nw.concat_str(nw.lit(f"{what} "), number))
