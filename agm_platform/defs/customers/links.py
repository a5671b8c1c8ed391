"""Peak's customers linked to AGM's by the pinned model, people's decisions first, and its drift."""

import narwhals as nw
import pandas as pd

from agm_platform.contracts import agm, peak
from agm_platform.contracts.links import LINKS, MATCH_DRIFT, NO_CANDIDATE
from agm_platform.contracts.reviews import REVIEW_DECISIONS
from agm_platform.defs.customers.matching_model import MatchingModel
from agm_platform.defs.table import table

FROM_LIBRARY = {"left_id": "customer_id", "right_id": "agm_customer_id"}


@table(
    LINKS,
    reads={
        "peak_customers": peak.CLEAN_CUSTOMERS,
        "agm_customers": agm.CLEAN_CUSTOMERS,
        "review_decisions": REVIEW_DECISIONS,
    },
    duckdb_only="records are compared by the matching library, which runs on DuckDB",
)
def links(
    peak_customers: nw.LazyFrame,
    agm_customers: nw.LazyFrame,
    review_decisions: nw.LazyFrame,
    matching_model: MatchingModel,
) -> pd.DataFrame:
    """The best candidate of each Peak customer; a decision of a person beats the model.

    Scores with the pinned model; never trains.
    """
    from agm_platform.matching.linking import link
    from agm_platform.matching.normalise import as_pandas
    from agm_platform.matching.prepare import prepare
    from agm_platform.matching.review_decisions import digests, valid

    ours, theirs = prepare(peak_customers), prepare(agm_customers)
    decisions = valid(as_pandas(review_decisions), digests(ours), digests(theirs))
    found = link(ours, theirs, matching_model.load(), decisions=decisions).rename(
        columns=FROM_LIBRARY
    )
    everybody = ours[["record_id"]].rename(columns={"record_id": "customer_id"})
    linked = everybody.merge(found, on="customer_id", how="left")
    return linked.assign(band=linked["band"].fillna(NO_CANDIDATE)).sort_values("customer_id")


@table(MATCH_DRIFT, duckdb_only="links become pandas frames by way of DuckDB")
def match_drift(links: nw.LazyFrame, matching_model: MatchingModel) -> pd.DataFrame:
    """Compare the agreement of today's likely links with that of the training's."""
    from agm_platform.matching.drift import drift
    from agm_platform.matching.normalise import as_pandas

    model = matching_model.load()
    candidates = as_pandas(links.filter(nw.col("band") != NO_CANDIDATE))
    found = drift(candidates, model)
    row = {
        "model_version": model.label,
        "links": found.links,
        "stability_index": found.value,
        "subject": found.subject or None,
        "warning": found.warning or None,
    }
    return pd.DataFrame([row])
