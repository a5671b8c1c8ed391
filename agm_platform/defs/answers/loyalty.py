"""The table of the answers about the points programme: rows gathered, then put into words."""

from typing import Any

import narwhals as nw
import pandas as pd

from agm_platform.contracts import loyalty, loyalty_insights, loyalty_points
from agm_platform.contracts.answers import answers_of
from agm_platform.defs.answers.answer import Answer, table_of
from agm_platform.defs.answers.links import evidence_links
from agm_platform.defs.answers.loyalty_customers import customer_answers
from agm_platform.defs.answers.loyalty_figures import NO_FILES, LoyaltyFigures
from agm_platform.defs.answers.loyalty_points_use import points_answers
from agm_platform.defs.answers.loyalty_programme import programme_answers
from agm_platform.defs.answers.loyalty_retention import retention_answers
from agm_platform.defs.answers.segments import segments_answer
from agm_platform.defs.answers.value_answers import value_answers, value_reads
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import table
from agm_platform.warehouse.rows import records


@table(
    answers_of("loyalty"),
    reads={
        "insights": loyalty_insights.LOYALTY_INSIGHTS,
        "comparison": loyalty_insights.PROGRAMME_COMPARISON,
        "balance": loyalty_insights.ASSIGNMENT_BALANCE,
        "retention": loyalty_insights.RETENTION,
        "holders": loyalty_insights.POINTS_HOLDERS,
        "levels": loyalty_insights.ATTRIBUTE_LEVELS,
        "tests": loyalty_insights.ATTRIBUTE_TESTS,
        "prediction": loyalty_insights.ATTRIBUTE_PREDICTION,
        "experiments": loyalty_insights.EXPERIMENTS,
        "orders": loyalty.ORDERS,
        "events": loyalty_points.LOYALTY_EVENTS,
        "quarantine": loyalty.QUARANTINE,
        "segments": loyalty_insights.SEGMENTS,
        **value_reads("loyalty"),
    },
    tells=evidence_links,
)
def answers_of_loyalty(
    orders: nw.LazyFrame,
    events: nw.LazyFrame,
    quarantine: nw.LazyFrame,
    segments: nw.LazyFrame,
    privacy: Privacy,
    **insights: nw.LazyFrame,
) -> pd.DataFrame:
    """The questions about the points programme; one that cannot be answered says why."""
    value = value_reads("loyalty")
    rows = {name: records(frame) for name, frame in insights.items() if name not in value}
    figures = LoyaltyFigures(**rows, files=file_figures(orders, events, quarantine))
    segmented = segments_answer(
        "loyalty",
        segments,
        privacy.smallest_group,
        NO_FILES,
        figures.as_of,
        "Members and control group together; money before redemptions; who never bought is in no "
        "segment.",
    )
    worth = value_answers("loyalty", insights, figures.as_of)
    return table_of([*answers(figures), segmented, *worth])


def answers(figures: LoyaltyFigures) -> list[Answer]:
    """Return every answer about the points programme."""
    return [
        *customer_answers(figures),
        *programme_answers(figures),
        *points_answers(figures),
        *retention_answers(figures),
    ]


def file_figures(
    orders: nw.LazyFrame, events: nw.LazyFrame, quarantine: nw.LazyFrame
) -> dict[str, Any]:
    """Return plain counts and ranges of the accepted purchases, and the rows set aside."""
    one, none = nw.lit(1), nw.lit(0)
    value = nw.col("subtotal_usd_cents")
    (counted,) = records(
        orders.select(
            orders=nw.len(),
            first_day=nw.col("order_date").min(),
            last_day=nw.col("order_date").max(),
            least=value.min(),
            most=value.max(),
            free=nw.when(value == 0).then(one).otherwise(none).sum(),
            before_signup=nw.when(nw.col("is_before_signup")).then(one).otherwise(none).sum(),
        )
    )
    (moved,) = records(
        events.select(
            unexplained=nw.when(nw.col("unexplained_points") != 0).then(one).otherwise(none).sum(),
            lowest_points=nw.col("points_after").min(),
        )
    )
    (aside,) = records(quarantine.select(quarantined=nw.len()))
    return {**counted, **moved, **aside}
