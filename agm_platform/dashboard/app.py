"""The page of the dashboard: Streamlit runs this file anew whenever a reader changes something.

Thin on purpose: what is computed is in `tables` and `snapshot`.
"""

from __future__ import annotations

import sys
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw
import streamlit as st  # noqa: TID253

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.dashboard import tables
from agm_platform.dashboard.snapshot import Snapshot, current, made
from agm_platform.dashboard.tables import Filter, Kind
from agm_platform.reports.catalogue import chapters
from agm_platform.reports.charts import svg
from agm_platform.reports.figure import LeftOut
from agm_platform.reports.report import UNANSWERED
from agm_platform.reports.words import in_words
from agm_platform.reports.written import NOTHING, after_number, form_of_unit, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from agm_platform.reports.figure import Figure

LOOKS_EVERY = "3s"
MOST_ROWS = 1_000
"""Rows of a table that the page shows; a download has all of them."""
INKS = {"light": "#1d2326", "dark": "#e8e6e1"}
ALL = "No, show rows"
QUESTION, TABLE = "Question", "Table"


def main(link: Path) -> None:
    """Show the current snapshot, or what to do when there is none."""
    st.set_page_config(page_title="Customer insights", layout="wide")
    shown: Path | None = st.session_state.get("folder")
    # A folder that is gone was deleted on purpose (an erasure, say): nothing of it is shown.
    if shown is None or not shown.exists():
        shown = st.session_state["folder"] = current(link)
    st.header("Customer insights", anchor=False)
    news(link)
    if shown is None:
        st.info("Nothing is published yet. Run `make run`; this page shows it by itself.")
        return
    with Snapshot(shown) as snapshot:
        explore(snapshot)


@st.fragment(run_every=LOOKS_EVERY)
def news(link: Path) -> None:
    """Say that another snapshot is there; show it when asked to, so that no number moves unseen."""
    shown, now = st.session_state["folder"], current(link)
    if now is None or now == shown:
        return
    if shown is None or not shown.exists():
        st.rerun()
    st.warning("A new snapshot is there.")
    if st.button("Show it"):
        st.session_state["folder"] = now
        st.rerun()


def explore(snapshot: Snapshot) -> None:
    """Let the reader choose a question or a table, and show it."""
    titles = {chapter.source: chapter.title for chapter in chapters()}
    # Answered questions first, and a source with some of them.
    rows = sorted(snapshot.answers, key=is_open)
    asked = list(dict.fromkeys(str(row["source"]) for row in rows))
    schemas = sorted({table.schema for table in snapshot.tables.values()})
    with st.sidebar:
        look = st.radio("Begin with a", [QUESTION, TABLE], horizontal=True)
        source = st.selectbox(
            "Source",
            asked if look == QUESTION else schemas,
            format_func=lambda name: titles.get(name, name.capitalize()),
            key=f"source {look}",
        )
    if look == QUESTION:
        mine = {str(row["answer_id"]): row for row in rows if row["source"] == source}
        chosen = st.selectbox(
            QUESTION, list(mine), format_func=lambda one: mine[one]["question"], key=source
        )
        if chosen:
            show_answer(snapshot, mine[chosen])
    else:
        names = [table.full_name for table in snapshot.tables.values() if table.schema == source]
        name = st.selectbox(TABLE, names, key=f"tables of {source}")
        if name:
            show_table(snapshot, name, snapshot.figures_of(name))
    as_of = f"newest data of {snapshot.as_of}, " if snapshot.as_of else ""
    st.caption(
        f"Snapshot: {as_of}run {str(snapshot.manifest.get('run_id', ''))[:8]}. Figures that"
        " describe too few customers are left empty: read them as unknown, never as 0."
    )


def is_open(row: dict[str, Any]) -> bool:
    """Whether a question is one that the data cannot answer."""
    return str(row["answer"]).startswith(UNANSWERED)


def show_answer(snapshot: Snapshot, row: dict[str, Any]) -> None:
    """Show the sentence, how sure it is and what to beware of, then its evidence."""
    st.subheader(row["question"], anchor=False)
    st.text(row["answer"])
    if row["value"] is not None:
        form = form_of_unit(row["unit"], row["value"])
        told = f"{written(row['value'], form)} {after_number(row['unit'])}"
        if row["low"] is not None and row["high"] is not None:
            ends = form_of_unit(row["unit"], (row["low"] or 0) + 0.5)
            told += f", {CONFIDENCE:.0%} interval {written(row['low'], ends)}"
            told += f" to {written(row['high'], ends)}"
        if row["sample_size"] is not None:
            told += f", from {row['sample_size']:,} observations"
        st.text(told)
    if row["caveat"]:
        st.text(f"Note: {row['caveat']}")
    if row["method"]:
        st.text(f"Method: {row['method']}")
    if row["details"]:
        with st.expander("Details of the answer"):
            st.dataframe(row["details"], hide_index=True, alt="Details of the answer")
    evidence = row["evidence"]
    if evidence and snapshot.has(evidence):
        show_table(snapshot, evidence, snapshot.figures(row["answer_id"]))
    elif evidence:
        st.info(f"It rests on {evidence}, which is not in what is published.")


def show_table(snapshot: Snapshot, name: str, figures: list[Figure]) -> None:
    """Show a table by the reader's filters: charts, rows or sums, downloads."""
    described = snapshot.tables[name]
    st.subheader(f"`{name}`", anchor=False)
    st.text(f"{described.description} {described.rows:,} rows.")
    frame = snapshot.table(name)
    filters = tables.filters_of(frame)
    chosen = ask(name, filters)
    rows = snapshot.rows(name, chosen)
    count = tables.counted(rows)
    if not count:
        st.info("No row fits these filters." if described.rows else "This table has no rows yet.")
        return
    for figure in figures:
        show_figure(snapshot, figure, name, rows)
    by = None
    if filters and tables.can_be_added_up(frame):
        columns = [one.column for one in filters]
        wanted = st.selectbox("Add up by", [ALL, *columns], key=f"{name} by")
        by = None if wanted == ALL else wanted
    if by:
        rows = snapshot.rows(name, chosen, by)
        count = tables.counted(rows)
    native = nw.to_native(rows)
    meanings = {column: meaning for column, _, meaning in described.columns}
    st.dataframe(
        native.limit(MOST_ROWS).to_arrow_table(),
        hide_index=True,
        column_config={
            column: st.column_config.Column(column, help=meanings[column] or None)
            for column in native.columns
            if column in meanings
        },
        alt=f"Rows of {name}",
        placeholder=NOTHING,
    )
    cut = f", of which the first {MOST_ROWS:,} are shown" if count > MOST_ROWS else ""
    st.caption(f"{count:,} rows{cut}.")
    download(partial(made, snapshot.folder, name, chosen, by), name, count)


def ask(name: str, filters: list[Filter]) -> dict[str, Any]:
    """Return what the reader chose in the sidebar."""
    chosen: dict[str, Any] = {}
    with st.sidebar:
        st.subheader("Filters")
        if not filters:
            st.caption("This table has nothing to filter by.")
        for one in filters:
            key = f"{name} {one.column}"
            if one.kind is Kind.ONE:
                chosen[one.column] = [st.selectbox(one.name, one.values, key=key)]
            elif one.kind is Kind.SOME:
                chosen[one.column] = st.multiselect(
                    one.name, one.values, key=key, placeholder="All"
                )
            else:
                first, last = one.values
                days = st.date_input(one.name, (first, last), first, last, key=key)
                # Between two clicks the reader has chosen the first day only.
                if isinstance(days, tuple) and len(days) == 2 and days != (first, last):
                    chosen[one.column] = days
    return chosen


def show_figure(snapshot: Snapshot, figure: Figure, name: str, rows: nw.LazyFrame[Any]) -> None:
    """Draw a figure from the rows that the filters leave, if its query needs no others."""
    drawn = snapshot.draw_from(figure, {name: rows})
    st.subheader(figure.title, anchor=False)
    if isinstance(drawn, LeftOut):
        st.caption(f"Not drawn from these rows: {drawn.reason}.")
        return
    ink = INKS.get(str(st.context.theme.type), INKS["light"])
    st.image(picture(drawn, ink), alt=in_words(drawn))
    others = [one for one in figure.evidence if one != name]
    if others:
        st.caption(f"From {' and '.join(others)}, which these filters do not narrow.")
    if figure.note:
        st.caption(figure.note)


# Every click runs the whole page again, and drawing is the slow part of it.
picture = lru_cache(maxsize=64)(svg)


def download(write: Callable[..., bytes], name: str, count: int) -> None:
    """Offer the rows, all of them, as files; each is made when it is asked for."""
    kinds = [
        ("CSV", "csv", "text/csv", tables.as_csv),
        ("Parquet", "parquet", "application/vnd.apache.parquet", tables.as_parquet),
    ]
    if count <= tables.MOST_EXCEL_ROWS:
        sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        kinds.append(("Excel", "xlsx", sheet, tables.as_xlsx))
    with st.container(horizontal=True):
        for label, ending, mime, form in kinds:
            st.download_button(
                f"Download {label}",
                data=partial(write, form),
                file_name=f"{name}.{ending}",
                mime=mime,
                on_click="ignore",
                key=f"{name} {ending}",
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
