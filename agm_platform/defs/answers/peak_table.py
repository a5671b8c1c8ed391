"""The table of the answers that Peak's data give: its figures counted, then put into words."""

import narwhals as nw
import pandas as pd

from agm_platform.contracts import agm, answers, peak
from agm_platform.contracts.forecasts import TRIAL_EFFECT, scores_of
from agm_platform.contracts.links import LINKS, WITHHOLDING_VERDICT
from agm_platform.defs.answers.answer import Row, table_of
from agm_platform.defs.answers.links import evidence_links
from agm_platform.defs.answers.peak import answers as peak_answers
from agm_platform.defs.answers.peak_figures import NO_FEED, figures_from
from agm_platform.defs.answers.segments import segments_answer
from agm_platform.defs.answers.value_answers import value_answers, value_reads
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import table
from agm_platform.warehouse.rows import records


@table(
    answers.answers_of("peak"),
    reads={
        "delivery_insights": peak.DELIVERY_INSIGHTS,
        "customer_accuracy": peak.CUSTOMER_ACCURACY,
        "clean_customers": peak.CLEAN_CUSTOMERS,
        "radius_insights": peak.RADIUS_INSIGHTS,
        "quarantine": peak.QUARANTINE,
        "raw_files": agm.RAW_FILES,
        "customers": agm.CUSTOMERS,
        "links": LINKS,
        "verdict": WITHHOLDING_VERDICT,
        "trial_effect": TRIAL_EFFECT,
        "product_sets": peak.PRODUCT_SETS,
        "forecast_scores": scores_of("peak"),
        "segments": peak.SEGMENTS,
        **value_reads("peak"),
    },
    tells=evidence_links,
)
def answers_of_peak(
    delivery_insights: nw.LazyFrame,
    customer_accuracy: nw.LazyFrame,
    clean_customers: nw.LazyFrame,
    radius_insights: nw.LazyFrame,
    quarantine: nw.LazyFrame,
    raw_files: nw.LazyFrame,
    customers: nw.LazyFrame,
    links: nw.LazyFrame,
    verdict: nw.LazyFrame,
    trial_effect: nw.LazyFrame,
    product_sets: nw.LazyFrame,
    forecast_scores: nw.LazyFrame,
    segments: nw.LazyFrame,
    privacy: Privacy,
    **value: nw.LazyFrame,
) -> pd.DataFrame:
    """The questions about the delivery trial; one that cannot be answered says what is missing."""
    agreement = customer_accuracy.group_by("agreement").agg(customers=nw.len())
    set_aside = records(quarantine.group_by("table_name", "rule").agg(rows=nw.len()))
    bands = records(links.group_by("band").agg(customers=nw.len()))
    files = {row["feed"]: row for row in records(raw_files)}
    figures = figures_from(
        {
            "delivery_insights": records(delivery_insights),
            "radius_insights": records(radius_insights),
            "trial_effect": records(trial_effect),
            "product_sets": records(product_sets),
            "forecast_scores": records(forecast_scores),
        },
        {
            "agreement": {row["agreement"]: row["customers"] for row in records(agreement)},
            "quarantined_sales": _sum(set_aside, table_name=peak.RAW_ORDERS.name),
            "quarantined_lines": _sum(set_aside, table_name=peak.RAW_ORDER_LINES.name),
            "unmapped_lines": _sum(set_aside, rule=peak.UNMAPPED_PRODUCT),
            "customers": records(_customer_counts(clean_customers))[0],
            "agm_customer_rows": records(customers.select(rows=nw.len()))[0]["rows"],
            "agm_file_notes": files.get("customers", {}).get("notes"),
            "verdict": {row["policy"]: row for row in records(verdict)},
            "bands": {row["band"]: row["customers"] for row in bands},
        },
    )
    segmented = segments_answer(
        "peak", segments, privacy.smallest_group, NO_FEED, figures.as_of, figures.span
    )
    worth = value_answers("peak", value, figures.as_of)
    return table_of([*peak_answers(figures), segmented, *worth])


def _sum(counts: list[Row], **where: str) -> int:
    """Add up the rows of the groups whose columns have these values."""
    return sum(
        row["rows"] for row in counts if all(row[name] == value for name, value in where.items())
    )


def _customer_counts(clean_customers: nw.LazyFrame) -> nw.LazyFrame:
    """Count customers: all, with several orders, and with each kind of fault."""

    def count(condition: nw.Expr) -> nw.Expr:
        return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0)).sum()

    returning, consistent = nw.col("order_count") > 1, nw.col("detail_variants") == 1
    return clean_customers.select(
        all=nw.len(),
        returning=count(returning),
        returning_consistent=count(returning & consistent),
        blank=count(nw.col("blank_fields") > 0),
        unknown_zip=count(~nw.col("zip_is_known")),
        inconsistent=count(~consistent),
    ).with_columns(nw.all().fill_null(0))
