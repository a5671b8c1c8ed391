"""Who buys again and how soon, after which purchase customers stop, where the fall flattens."""

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.contracts.loyalty_rules import DROP_OFF_ANSWERS, WAITING_DAYS
from agm_platform.defs.answers.answer import Answer, Row, percent, sentence
from agm_platform.defs.answers.loyalty_figures import (
    GROUP_WORDS,
    GROUPS,
    LoyaltyFigures,
    only,
    p_words,
)
from agm_platform.statistics.intervals import share

EVIDENCE = "loyalty.retention"
COLUMNS = (
    "purchase_number", "reached", "stopped", "drop_off", "drop_off_low", "drop_off_high",
    "shifted_drop_off", "watched", "gone", "gone_share", "gone_low", "gone_high",
    "survival_gone", "survival_gone_low", "survival_gone_high",
)  # fmt: skip


def retention_answers(figures: LoyaltyFigures) -> list[Answer]:
    """Return second purchases by group, drop-off after each purchase, and where it flattens."""
    return [
        *(_second_purchase(figures, group) for group in ("all", *GROUPS)),
        *(_days(figures, group) for group in ("all", *GROUPS)),
        *(_drop_off(figures, number) for number in range(1, DROP_OFF_ANSWERS + 1)),
        _flattens(figures),
    ]


def _suffix(group: str) -> str:
    return "" if group == "all" else f"_{group}"


def _censored(row: Row) -> str:
    """Say what is known where recent buyers may come back."""
    known = []
    if row["gone_share"] is not None:
        known.append(
            f"of the {row['watched']:,} whom the data go on for {WAITING_DAYS} days after, "
            f"{percent(row['gone_share'])} bought nothing in that time"
        )
    if row["survival_gone"] is not None:
        known.append(
            f"by Kaplan and Meier {percent(row['survival_gone'])} of all are without a purchase "
            f"after {WAITING_DAYS} days"
        )
    return "; ".join(known)


def _second_purchase(figures: LoyaltyFigures, group: str) -> Answer:
    name = f"second_purchase_rate{_suffix(group)}"
    question = f"What share of buyers buys a second time ({GROUP_WORDS[group].lower()})?"
    row = figures.after(group, 1)
    if row is None:
        return figures.missing(name, question, EVIDENCE)
    found = share(row["reached"] - row["stopped"], row["reached"])
    tested = figures.measure("second_purchase_rate")
    compared = (
        f"Members less control: {100 * tested['difference']:+.1f} points "
        f"({100 * tested['difference_low']:+.1f} to {100 * tested['difference_high']:+.1f}), "
        f"{p_words(tested['p_value_holm'])} after Holm."
        if tested
        else None
    )
    return Answer(
        f"loyalty.{name}",
        question,
        f"{GROUP_WORDS[group]}: {percent(found.value)} of {row['reached']:,} buyers bought a "
        f"second time ({percent(found.low)} to {percent(found.high)}).",
        found.value,
        found.low,
        found.high,
        unit="fraction of buyers",
        sample_size=row["reached"],
        details=[only(row, *COLUMNS)],
        caveat=sentence(f"Too low, since recent buyers may come back: {_censored(row)}.", compared),
        evidence=EVIDENCE,
        method="buyers with two purchases or more over buyers, Wilson's interval",
        as_of=figures.as_of,
    )


def _days(figures: LoyaltyFigures, group: str) -> Answer:
    name = f"days_to_second_purchase{_suffix(group)}"
    question = f"How soon do customers buy a second time ({GROUP_WORDS[group].lower()})?"
    row = figures.after(group, 1)
    if row is None or row["mean_days"] is None:
        return figures.missing(name, question, EVIDENCE)
    half = row["survival_median_days"]
    later = (
        f"half of all buyers are back after {half:,.0f} days (Kaplan and Meier)"
        if half is not None
        else "fewer than half of all buyers are back by the end of the data"
    )
    return Answer(
        f"loyalty.{name}",
        question,
        f"{GROUP_WORDS[group]}: those who came back did so after {row['mean_days']:,.1f} days on "
        f"average ({row['mean_days_low']:,.1f} to {row['mean_days_high']:,.1f}), half of them "
        f"within {row['median_days']:,.0f} days; {later}.",
        row["mean_days"],
        row["mean_days_low"],
        row["mean_days_high"],
        unit="days",
        sample_size=row["reached"] - row["stopped"],
        details=[
            only(row, "mean_days", "median_days", "survival_median_days", "returned_in_time_share")
        ],
        caveat="The mean is of those who came back before the data end, so it is too short, and a "
        "few late ones pull it up: the two medians are told beside it.",
        evidence=EVIDENCE,
        method="mean days from first to second purchase, Student's t interval; median; "
        "Kaplan's and Meier's median over all buyers",
        as_of=figures.as_of,
    )


def _drop_off(figures: LoyaltyFigures, number: int) -> Answer:
    name, question = f"drop_off_after_{number}", f"How many stop after purchase {number}?"
    row = figures.after("all", number)
    if row is None:
        return figures.missing(name, question, EVIDENCE)
    shifted = None
    if row["shifted_drop_off"] is not None:
        shifted = (
            f"{percent(row['shifted_drop_off'])} was told elsewhere: those who stopped at {number} "
            f"over those who reached {number - 1}, a table shifted by one; over those who reached "
            f"{number} it is {percent(row['drop_off'])}."
        )
    rows = [(group, figures.after(group, number)) for group in ("all", *GROUPS)]
    return Answer(
        f"loyalty.{name}",
        question,
        f"{row['stopped']:,} of {row['reached']:,} customers who made purchase {number} made no "
        f"later one: {percent(row['drop_off'])} ({percent(row['drop_off_low'])} to "
        f"{percent(row['drop_off_high'])}).",
        row["drop_off"],
        row["drop_off_low"],
        row["drop_off_high"],
        unit="fraction of those who reached it",
        sample_size=row["reached"],
        details=[{"group": group, **only(each, *COLUMNS)} for group, each in rows if each],
        caveat=sentence(
            f"Not all of them are gone: the data end, and recent buyers may come back; "
            f"{_censored(row)}.",
            shifted,
        ),
        evidence=EVIDENCE,
        method="stopped at n over reached n, Wilson's interval; beside it a fixed wait and "
        "Kaplan and Meier",
        as_of=figures.as_of,
    )


def _flattens(figures: LoyaltyFigures) -> Answer:
    question = "After which purchase does the fall of customers flatten?"
    rows = [
        row for row in figures.retention if row["member_group"] == "all" and not row["suppressed"]
    ]
    watched = _from(rows, "gone_next_p_value")
    naive = _from(rows, "next_p_value")
    if watched is None or naive is None:
        return figures.missing("drop_off_flattens", question, EVIDENCE)
    last = rows[-1]["purchase_number"]
    return Answer(
        "loyalty.drop_off_flattens",
        question,
        f"After a wait of {WAITING_DAYS} days, the share that is gone falls from one purchase to "
        f"the next beyond chance up to purchase {watched}; from there to purchase {last} no "
        f"further step can be told from chance.",
        float(watched),
        unit="number of the purchase",
        sample_size=rows[0]["watched"],
        details=[only(row, *COLUMNS, "next_p_value", "gone_next_p_value") for row in rows],
        caveat=f"By stopped over reached, which counts recent buyers as gone, it is purchase "
        f"{naive}. Elsewhere customers were called loyal after the 7th purchase from a table "
        f"shifted by one, without a test. Flat means that no step is told apart: fewer customers "
        f"reach later purchases, so smaller steps go unseen.",
        evidence=EVIDENCE,
        method="each share against the next, test of two shares, p values by Holm; the purchase "
        "after the last step that is significant",
        as_of=figures.as_of,
    )


def _from(rows: list[Row], p_value: str) -> int | None:
    """Return the purchase after the last significant fall; None if nothing was tested."""
    tested = [row for row in rows if row[p_value] is not None]
    if not tested:
        return None
    falls = [row["purchase_number"] for row in tested if row[p_value] <= 1 - CONFIDENCE]
    return int(max(falls, default=0)) + 1
