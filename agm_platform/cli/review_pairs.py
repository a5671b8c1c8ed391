"""`make review`: the pairs that the matching model leaves open, as a file to fill in."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from rich.console import Console

from agm_platform.contracts import agm, peak, reviews
from agm_platform.defs.customers.review_desk import DECIDED
from agm_platform.matching.prepare import prepare
from agm_platform.matching.review import ReviewError, read_review, review_file
from agm_platform.matching.review_decisions import add_decisions
from agm_platform.warehouse.connection import WarehouseLockedError, read_only
from agm_platform.warehouse.tables import ContractBrokenError, read_table

if TYPE_CHECKING:
    import pandas as pd

    from agm_platform.settings import Settings

TO_DECIDE = "to_decide.csv"
LINKS = "customers.links"


class NotReadyError(RuntimeError):
    """There is nothing to write from yet, or something that must not be written over."""


def review_pairs(settings: Settings) -> int:
    """Write the open pairs to `<DATA>/review/to_decide.csv`; 1 if that cannot be done, with why."""
    console = Console()
    desk = settings.review_desk_path
    path = desk / TO_DECIDE
    try:
        links, ours, theirs, store = _tables(settings.warehouse_path)
        _spare(path, store)
        count = _write(path, links, ours, theirs, store)
    except (NotReadyError, WarehouseLockedError, ContractBrokenError) as error:
        console.print(str(error), highlight=False, soft_wrap=True, markup=False)
        return 1
    words = "1 pair is" if count == 1 else f"{count:,} pairs are"
    console.print(f"{words} open: {path}", highlight=False, soft_wrap=True)
    if count:
        console.print(
            "Fill in the column decision (yes: one person, no: two, empty: later), save the file\n"
            f"as CSV under another name in {desk / DECIDED}, then: make run\n"
            "The file holds personal data: keep it in this folder.",
            highlight=False,
            soft_wrap=True,
        )
    return 0


def _tables(warehouse: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return links, Peak's and AGM's customers and the decisions; NotReadyError if one lacks."""
    if not warehouse.exists():
        msg = f"There is no warehouse at {warehouse} yet: make run, with the same DATA"
        raise NotReadyError(msg)
    with read_only(warehouse) as connection:
        try:
            links = connection.table(LINKS).df()
            for contract in (peak.CLEAN_CUSTOMERS, agm.CLEAN_CUSTOMERS):
                connection.table(contract.full_name)
        except duckdb.CatalogException:
            msg = "The warehouse has no links between customers yet: make run, with the same DATA"
            raise NotReadyError(msg) from None
        contracts = (peak.CLEAN_CUSTOMERS, agm.CLEAN_CUSTOMERS, reviews.REVIEW_DECISIONS)
        ours, theirs, store = (read_table(connection, contract).df() for contract in contracts)
    links = links.rename(columns={"customer_id": "left_id", "agm_customer_id": "right_id"})
    # A row of a customer without any candidate is no pair.
    return links[links["right_id"].notna()], ours, theirs, store


def _spare(path: Path, store: pd.DataFrame) -> None:
    """Raise NotReadyError if the file holds decisions that are in no decided file."""
    if not path.exists():
        return
    try:
        taken = read_review(path)
    except (ReviewError, OSError) as error:
        msg = f"{path} is not as it was written and is left alone: {error}. Mend it or move it away"
        raise NotReadyError(msg) from None
    unsaved = len(add_decisions(store, taken, "", "")) - len(store)
    if unsaved:
        msg = (
            f"{path} holds {unsaved} decisions that no run has read and is left alone: move it "
            f"into {path.parent / DECIDED}, then make run, then make review"
        )
        raise NotReadyError(msg)


def _write(
    path: Path,
    links: pd.DataFrame,
    ours: pd.DataFrame,
    theirs: pd.DataFrame,
    store: pd.DataFrame,
) -> int:
    """Write the file whole or not at all, for its owner's eyes only; return the open pairs."""
    (path.parent / DECIDED).mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{TO_DECIDE}.")
    os.close(handle)
    written = Path(name)  # mkstemp gives mode 0600
    try:
        count = review_file(
            links,
            ours,
            theirs,
            written,
            prepared_left=prepare(ours),
            prepared_right=prepare(theirs),
            decisions=store,
        )
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)
    return count
