"""The questions of sales' owner, answered from the insight tables."""

import narwhals as nw
import pandas as pd

from agm_platform.contracts import sales_insights as insights
from agm_platform.contracts.answers import answers_of
from agm_platform.contracts.sales import ORDERS
from agm_platform.defs.answers.answer import Answer, table_of
from agm_platform.defs.answers.links import evidence_links
from agm_platform.defs.answers.sales_claims import claims
from agm_platform.defs.answers.sales_delivery import delivery_answers
from agm_platform.defs.answers.sales_discounts import discount_answers
from agm_platform.defs.answers.sales_figures import NO_ORDERS, SalesFigures
from agm_platform.defs.answers.sales_revenue import revenue_answers
from agm_platform.defs.answers.sales_tiers import tier_answers
from agm_platform.defs.answers.segments import segments_answer
from agm_platform.defs.answers.value_answers import value_answers, value_reads
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import table
from agm_platform.warehouse.rows import records


@table(
    answers_of("sales"),
    reads={
        **{contract.name: contract for contract in (*insights.TABLES, ORDERS)},
        **value_reads("sales"),
    },
    tells=evidence_links,
)
def answers_of_sales(privacy: Privacy, **frames: nw.LazyFrame) -> pd.DataFrame:
    """Revenue, discounts, tiers, deliveries, and the owner's claims put to the test."""
    (last,) = records(frames["orders"].select(as_of=nw.col("order_date").max()))
    figures = SalesFigures(
        revenue=records(frames["revenue_insights"]),
        levels=sorted(records(frames["discount_levels"]), key=lambda row: row["discount_share"]),
        effects=records(frames["discount_effects"]),
        correlations=records(frames["correlations"]),
        drivers=records(frames["revenue_drivers"]),
        tiers=sorted(
            records(frames["tier_value"]),
            key=lambda row: (-row["ordered_per_buyer"], row["tier"]),
        ),
        rates=records(frames["delivery_rates"]),
        tests=records(frames["delivery_tests"]),
        statuses=records(frames["status_comparisons"]),
        earlier=records(frames["earlier_figures"]),
        as_of=last["as_of"],
    )
    segmented = segments_answer(
        "sales",
        frames["segments"],
        privacy.smallest_group,
        NO_ORDERS,
        figures.as_of,
        "Money is ordered revenue, cancelled orders included; orders without a customer or a date "
        "are left out.",
    )
    worth = value_answers("sales", frames, figures.as_of)
    return table_of([*answers(figures), segmented, *worth])


def answers(figures: SalesFigures) -> list[Answer]:
    """Return every answer about sales; each says what is missing where data are."""
    return [
        *revenue_answers(figures),
        *discount_answers(figures),
        *tier_answers(figures),
        *delivery_answers(figures),
        *claims(figures),
    ]
