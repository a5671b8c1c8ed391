"""Instacart's questions, answered from the insight tables: time, products, customers."""

import narwhals as nw
import pandas as pd

from agm_platform.contracts import instacart_insights as made
from agm_platform.contracts.answers import answers_of
from agm_platform.contracts.instacart_rules import LOYALTY
from agm_platform.defs.answers import (
    instacart_customers,
    instacart_flags,
    instacart_hours,
    instacart_products,
    top_pairs,
)
from agm_platform.defs.answers.answer import table_of
from agm_platform.defs.answers.instacart_figures import LINES_MISSING, InstacartFigures
from agm_platform.defs.answers.links import evidence_links
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import table
from agm_platform.privacy.suppression import with_hidden_cells
from agm_platform.warehouse.rows import records

POPULAR_TOLD = 20


@table(
    answers_of("instacart"),
    reads={
        contract.name: contract
        for contract in (
            made.SHOPPING_HABITS,
            made.PRICE_BANDS,
            made.DEPARTMENT_INSIGHTS,
            made.DEPARTMENT_PAIRS,
            made.FLAG_COUNTS,
            made.GROUP_HABITS,
            made.LINE_JOIN,
            made.PRODUCT_POPULARITY,
            made.CUSTOMER_HABITS,
            made.CUSTOMER_GROUPS,
            made.PRODUCT_SETS,
        )
    },
    tells=evidence_links,
)
def answers_of_instacart(
    shopping_habits: nw.LazyFrame,
    price_bands: nw.LazyFrame,
    department_insights: nw.LazyFrame,
    department_pairs: nw.LazyFrame,
    flag_counts: nw.LazyFrame,
    group_habits: nw.LazyFrame,
    line_join: nw.LazyFrame,
    product_popularity: nw.LazyFrame,
    customer_habits: nw.LazyFrame,
    customer_groups: nw.LazyFrame,
    product_sets: nw.LazyFrame,
    privacy: Privacy,
) -> pd.DataFrame:
    """Every question; one that cannot be answered says which file is missing."""
    popular = (
        product_popularity.filter(~nw.col("suppressed"))
        .sort("order_lines", "product_id", descending=[True, False])
        .head(POPULAR_TOLD)
    )
    edge = customer_habits.filter(nw.col("last_order_number") == LOYALTY.edges[1]).select(
        customers=nw.len()
    )
    family = (
        customer_groups.filter(
            nw.col("age_band") != "unknown", nw.col("family_status") != "unknown"
        )
        .group_by("age_band", "family_status")
        .agg(customers=nw.len())
    )
    families = with_hidden_cells(
        family, ["age_band"], "customers", privacy.smallest_group, cell_columns=["family_status"]
    ).sort("age_band", "family_status")
    figures = InstacartFigures(
        records(shopping_habits),
        records(price_bands),
        records(department_insights),
        records(department_pairs),
        records(flag_counts),
        records(group_habits),
        records(line_join),
        records(popular),
        records(edge)[0],
        records(families),
    )
    families_of = (instacart_hours, instacart_products, instacart_flags, instacart_customers)
    together = top_pairs.answer(
        "instacart", records(product_sets), LINES_MISSING, bool(figures.popular)
    )
    return table_of(
        [*(answer for family in families_of for answer in family.answers(figures)), together]
    )
