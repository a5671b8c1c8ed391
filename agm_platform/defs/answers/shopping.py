"""The questions of the shopping trends' owner, answered from the insight tables."""

import narwhals as nw
import pandas as pd

from agm_platform.contracts import shopping, shopping_insights
from agm_platform.contracts.answers import answers_of
from agm_platform.contracts.categories import UNKNOWN
from agm_platform.defs.answers import shopping_groups, shopping_limits, shopping_purchases
from agm_platform.defs.answers.answer import Answer, table_of
from agm_platform.defs.answers.links import evidence_links
from agm_platform.defs.answers.shopping_figures import ShoppingFigures
from agm_platform.defs.table import table
from agm_platform.warehouse.rows import records

READS = {
    contract.name: contract
    for contract in (
        shopping_insights.PURCHASE_INSIGHTS,
        shopping_insights.FACTORS,
        shopping_insights.FLAG_EFFECTS,
        shopping_insights.ANOMALIES,
        shopping_insights.PREDICTION,
        shopping.CLEAN_CUSTOMERS,
    )
}


@table(answers_of("shopping"), reads=READS, tells=evidence_links)
def answers_of_shopping(
    purchase_insights: nw.LazyFrame,
    factors: nw.LazyFrame,
    flag_effects: nw.LazyFrame,
    anomalies: nw.LazyFrame,
    prediction: nw.LazyFrame,
    clean_customers: nw.LazyFrame,
) -> pd.DataFrame:
    """The owner's questions; one that cannot be answered says what is missing."""
    meaning = nw.col("purchase_frequency")
    words = clean_customers.filter(~meaning.is_null(), meaning != UNKNOWN).select(
        received=nw.col("purchase_frequency_received").n_unique(),
        meant=nw.col("purchase_frequency").n_unique(),
    )
    return table_of(
        answers(
            ShoppingFigures(
                records(purchase_insights),
                records(factors),
                records(flag_effects),
                records(anomalies),
                records(prediction),
                records(words)[0],
            )
        )
    )


def answers(figures: ShoppingFigures) -> list[Answer]:
    """Return every answer about the shopping trends."""
    return [
        *shopping_purchases.answers(figures),
        *shopping_groups.answers(figures),
        *shopping_limits.answers(figures),
    ]
