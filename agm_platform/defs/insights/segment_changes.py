"""Segments beside other labels of the same customers: a month ago, and by fixed rules."""

import math

import dagster as dg
import narwhals as nw
import pandas as pd

from agm_platform.contracts.customer_value import CHANGES, money_of
from agm_platform.contracts.model import Table
from agm_platform.contracts.registry import TABLES, find_table
from agm_platform.contracts.segments import NAME as FIXED_EDGES
from agm_platform.defs.insights.customer_value import cards_of, hidden
from agm_platform.defs.insights.purchase_histories import EngineHistories, as_of, purchase_days
from agm_platform.defs.insights.value_models import NUMPY, ValueModels, chosen, orders_of
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import table
from agm_platform.statistics.groups import homogeneous
from agm_platform.value.segmentation import Edges, edges_from, with_segment
from agm_platform.warehouse.held import held
from agm_platform.warehouse.rows import records

DAYS_BEFORE = 30
NOW = "now"
BEFORE = "30_days_before"
NOT_YET = "no purchase yet"
FLAGS = "customer_flags"
COLUMNS = ["comparison", "other", "segment", "customers", "association"]


def segments_on(days: nw.LazyFrame, edges: Edges, day: int) -> nw.LazyFrame:
    """Return customer_id and segment of all customers as of a day."""
    return with_segment(as_of(days, day), edges).select("customer_id", "segment")


def sizes(now: nw.LazyFrame) -> nw.LazyFrame:
    """Count customers by their segment; other is the segment too."""
    return now.with_columns(other="segment").group_by("other", "segment").agg(customers=nw.len())


def moved(now: nw.LazyFrame, then: nw.LazyFrame) -> nw.LazyFrame:
    """Count customers by their segment of an earlier day (other) and of now."""
    return (
        now.join(then.rename({"segment": "other"}), on="customer_id", how="left")
        .with_columns(nw.col("other").fill_null(NOT_YET))
        .group_by("other", "segment")
        .agg(customers=nw.len())
    )


def beside(now: nw.LazyFrame, labelled: nw.LazyFrame, label: str) -> nw.LazyFrame:
    """Count customers by a label that another table gives them (other) and by their segment."""
    given = labelled.select("customer_id", other=nw.col(label))
    return (
        now.join(given, on="customer_id", how="inner")
        .filter(~nw.col("other").is_null())
        .group_by("other", "segment")
        .agg(customers=nw.len())
    )


def compared(comparison: str, counts: nw.LazyFrame) -> pd.DataFrame:
    """Return the counts of one comparison, in order, with Cramér's V."""
    rows = sorted(records(counts), key=lambda row: (row["other"], row["segment"]))
    others, own = (sorted({row[name] for row in rows}) for name in ("other", "segment"))
    found = {(row["other"], row["segment"]): int(row["customers"]) for row in rows}
    tested = homogeneous([[found.get((other, mine), 0) for mine in own] for other in others])
    frame = pd.DataFrame(rows, columns=["other", "segment", "customers"])
    association = math.nan if tested is None else round(tested.cramers_v, 6)
    return frame.assign(comparison=comparison, association=association)


def labelled_by(source: str) -> dict[str, Table]:
    """Return the tables of a source that label its customers by rules, by name."""
    found = {name: find_table(source, name) for name in (FIXED_EDGES, FLAGS)}
    return {name: contract for name, contract in found.items() if contract is not None}


def labels_of(contract: Table) -> list[str]:
    """Return the columns of such a table that are labels: segment, and whatever ends in _flag."""
    names = contract.column_names
    return [name for name in names if name == "segment" or name.endswith("_flag")]


def changes_asset(contract: Table) -> dg.AssetsDefinition:
    """Return the asset of one source."""
    orders_contract = orders_of(contract)
    rules = labelled_by(contract.source)

    @table(
        contract,
        reads={"orders": orders_contract, "model_cards": cards_of(contract), **rules},
        duckdb_only=NUMPY,
    )
    def of_source(
        orders: nw.LazyFrame,
        model_cards: nw.LazyFrame,
        value_models: ValueModels,
        privacy: Privacy,
        **labelled: nw.LazyFrame,
    ) -> pd.DataFrame:
        """Cross the segments with those of 30 days before, and with the labels of fixed rules."""
        days = purchase_days(orders, money_of(orders_contract))
        models, last = chosen(model_cards, value_models.store()), EngineHistories(days).last_day
        if "segments" not in models or last is None:
            return pd.DataFrame(columns=list(contract.column_names))
        edges = edges_from(models["segments"].parameters)
        now = held(segments_on(days, edges, last))
        parts = [
            compared(NOW, sizes(now)),
            compared(BEFORE, moved(now, segments_on(days, edges, last - DAYS_BEFORE))),
        ]
        for name, frame in labelled.items():
            for label in labels_of(rules[name]):
                comparison = "fixed_edges" if name == FIXED_EDGES else label
                parts.append(compared(comparison, beside(now, frame, label)))
        found = pd.concat([part for part in parts if len(part)] or [parts[0]])
        smallest = privacy.smallest_group
        return hidden(found, ["comparison"], ["other", "segment"], smallest).reindex(
            columns=list(contract.column_names)
        )

    return of_source


SEGMENT_CHANGES = [changes_asset(contract) for contract in TABLES if contract.name == CHANGES]
