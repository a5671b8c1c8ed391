"""Which faults in customer details touch most customers, orders and money; what repairs them."""

import narwhals as nw
import pandas as pd

from agm_platform.contracts import peak
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import table
from agm_platform.matching.record_quality import ASK, REASONS
from agm_platform.statistics.intervals import share
from agm_platform.warehouse.rows import records

DETAILS_CHANGE = "details_change"
FAULTS = {
    **{each.code: (each.field, each.words, each.repair) for each in REASONS},
    DETAILS_CHANGE: (
        "several fields",
        "details differ from order to order",
        f"keep one profile a customer number and show it at the order; where it differs, {ASK}",
    ),
}
MEASURES = ("customers", "orders", "cents")


@table(peak.CUSTOMER_IMPROVEMENTS)
def customer_improvements(
    clean_customers: nw.LazyFrame, orders: nw.LazyFrame, privacy: Privacy
) -> pd.DataFrame:
    """Faults that at least one customer has, by customers, then by money; a customer may have many.

    Money and orders are those of the customers with the fault: what a repair can reach, not what
    the fault costs.
    """
    spent = orders.group_by("customer_id").agg(
        orders=nw.len(), cents=nw.col("subtotal_usd_cents").sum()
    )
    codes = nw.concat_str(nw.lit(","), nw.col("quality_reasons").fill_null(""), nw.lit(","))
    customers = clean_customers.join(spent, on="customer_id", how="left").select(
        "detail_variants",
        codes=codes,
        customers=nw.lit(1),
        orders=nw.col("orders").fill_null(0),
        cents=nw.col("cents").fill_null(0),
    )
    touched = {
        code: nw.col("detail_variants") > 1
        if code == DETAILS_CHANGE
        else nw.col("codes").str.contains(f",{code},", literal=True)
        for code in FAULTS
    }
    sums = [
        nw.when(condition).then(nw.col(measure)).otherwise(0).sum().alias(f"{code} {measure}")
        for code, condition in touched.items()
        for measure in MEASURES
    ]
    (totals,) = records(customers.select(nw.len().alias("all"), *sums))
    found = [code for code in FAULTS if totals[f"{code} customers"]]
    found.sort(key=lambda code: (-totals[f"{code} customers"], -totals[f"{code} cents"], code))
    k = privacy.smallest_group
    rows = [_row(place, code, totals, k) for place, code in enumerate(found, start=1)]
    return pd.DataFrame(rows, columns=list(peak.CUSTOMER_IMPROVEMENTS.column_names))


def _row(place: int, code: str, totals: dict[str, int], k: int) -> dict[str, object]:
    customers, orders, cents = (int(totals[f"{code} {measure}"]) for measure in MEASURES)
    field, words, repair = FAULTS[code]
    estimate = share(customers, totals["all"])
    return {
        "place": place,
        "fault": code,
        "field": field,
        "description": words,
        "repair": repair,
        "customers": customers,
        "all_customers": estimate.sample_size,
        "share": estimate.value,
        "share_low": estimate.low,
        "share_high": estimate.high,
        "orders": orders,
        "subtotal_usd_cents": cents,
        # Faults overlap and add up to nothing, so none is told by the others.
        "suppressed": customers < k,
    }
