"""What a reconciliation tells at a glance: rows in, out, set aside and replaced, by table."""

import narwhals as nw

from agm_platform.warehouse.rows import records

FIGURES = ("received", "accepted", "quarantined", "superseded", "unaccounted")


def totals(reconciliation: nw.LazyFrame) -> dict[str, int]:
    """Return each figure of each table summed up, as metadata of the materialization."""
    summed = reconciliation.group_by("table_name").agg(*(nw.col(name).sum() for name in FIGURES))
    return {
        f"{row['table_name']}_{name}": int(row[name])
        for row in sorted(records(summed), key=lambda row: str(row["table_name"]))
        for name in FIGURES
    }
