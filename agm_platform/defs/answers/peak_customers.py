"""How good the customer data are that Peak collects, and which fields can be improved."""

from agm_platform.defs.answers.answer import (
    Answer,
    Row,
    estimated,
    listed,
    percent,
    sentence,
    unanswered,
)
from agm_platform.defs.answers.peak_figures import ACCURACY, CUSTOMERS, NO_AGM, NO_FEED, PeakFigures
from agm_platform.statistics import intervals

IMPROVEMENTS = {
    "first_name_differs": (
        "first_name",
        "match nicknames and initials against AGM's first names, within last name and street",
    ),
    "last_name_differs": (
        "last_name",
        "compare without apostrophes and by sound and edit distance, within first name and street",
    ),
    "street_differs": (
        "street",
        "standardise suffixes and split or joined words to the postal form, within full name",
    ),
    "no_partner": (
        "several fields, or a new customer",
        "probabilistic matching within the ZIP with a review of the uncertain pairs",
    ),
}


def _file_caveat(figures: PeakFigures) -> str:
    """Say what AGM's customer file is, since who is not in it can never agree."""
    rows = f"AGM's customer file has {figures.agm_customer_rows:,} rows"
    if figures.agm_file_notes:
        rows += f" and is not complete ({figures.agm_file_notes})"
    return f"{rows}; a customer who is not in it counts as not exact, be it new or misspelt."


def accuracy(figures: PeakFigures) -> Answer:
    """Return the share of customers that agree exactly with AGM's file."""
    question = "How accurate are the customer details that Peak collects?"
    missing = _missing_for_accuracy(figures)
    if missing:
        return unanswered("peak.customer_accuracy", question, missing, ACCURACY)
    total, exact = sum(figures.agreement.values()), figures.agreement.get("exact", 0)
    estimate = intervals.share(exact, total)
    return Answer(
        "peak.customer_accuracy",
        question,
        f"{exact:,} of {total:,} Peak customers ({percent(estimate.value)}; 95 % interval "
        f"{percent(estimate.low)} to {percent(estimate.high)}) agree exactly with a customer in "
        "AGM's file on first name, last name and street.",
        **estimated(estimate),
        unit="share of Peak customers",
        details=[
            {"agreement": name, "customers": count, "share": count / total}
            for name, count in sorted(figures.agreement.items())
        ],
        caveat=sentence(figures.span, _file_caveat(figures)),
        evidence=ACCURACY,
        method="equality of the three fields but for blanks at their ends; Wilson's interval",
        as_of=figures.as_of,
    )


def not_exact(figures: PeakFigures) -> Answer:
    """Return how many customers do not agree exactly, by what differs."""
    question = "How many of Peak's customers do not agree exactly with AGM's file?"
    missing = _missing_for_accuracy(figures)
    if missing:
        return unanswered("peak.customers_not_exact", question, missing, ACCURACY)
    total = sum(figures.agreement.values())
    different = total - figures.agreement.get("exact", 0)
    return Answer(
        "peak.customers_not_exact",
        question,
        f"{different:,} of {total:,} Peak customers do not agree exactly with AGM's file.",
        different,
        unit="customers",
        sample_size=total,
        details=[
            {"agreement": name, "customers": count}
            for name, count in sorted(figures.agreement.items())
            if name != "exact"
        ],
        caveat=sentence(figures.span, _file_caveat(figures)),
        evidence=ACCURACY,
        method="count of customers whose agreement is not exact",
        as_of=figures.as_of,
    )


def _missing_for_accuracy(figures: PeakFigures) -> str | None:
    if not figures.agreement:
        return NO_FEED
    return None if figures.agm_customer_rows else NO_AGM


def consistency(figures: PeakFigures) -> Answer:
    """Return the share of returning customers whose details stay the same."""
    question = "Do the same customers' details stay the same from order to order?"
    returning, same = figures.customers["returning"], figures.customers["returning_consistent"]
    if not figures.customers["all"]:
        return unanswered("peak.customer_consistency", question, NO_FEED, CUSTOMERS)
    if not returning:
        return unanswered(
            "peak.customer_consistency",
            question,
            f"none of the {figures.customers['all']:,} customers has a second order; more days "
            "are needed.",
            CUSTOMERS,
        )
    estimate = intervals.share(same, returning)
    return Answer(
        "peak.customer_consistency",
        question,
        f"{same:,} of {returning:,} customers with more than one order ({percent(estimate.value)}) "
        "gave the same name, street, city, state and ZIP every time.",
        **estimated(estimate),
        unit="share of returning Peak customers",
        details=[
            {"details": "unchanged", "customers": same},
            {"details": "changed", "customers": returning - same},
        ],
        caveat=sentence(
            figures.span,
            "A change can be a correction, a move or a mistake; the feed does not say.",
        ),
        evidence=CUSTOMERS,
        method="share of customers with one set of details among those with two orders or more; "
        "Wilson's interval",
        as_of=figures.as_of,
    )


def improvements(figures: PeakFigures) -> Answer:
    """Return the faults of the customer fields, commonest first, each with a method."""
    question = "Which customer fields can be improved, and how?"
    if not figures.customers["all"]:
        return unanswered("peak.quality_improvements", question, NO_FEED, CUSTOMERS)
    found: list[Row] = [
        {
            "field": IMPROVEMENTS[name][0],
            "customers": count,
            "found_by": name,
            "method": IMPROVEMENTS[name][1],
        }
        for name, count in figures.agreement.items()
        if name in IMPROVEMENTS and figures.agm_customer_rows
    ]
    for name, fault, method in (
        ("blank", "blank fields", "have Peak require the field at sign-up"),
        ("unknown_zip", "city, state and ZIP", "have Peak check the place against the ZIP table"),
        ("inconsistent", "details that change", "ask which are right and keep the confirmed ones"),
    ):
        if figures.customers[name]:
            found.append(
                {
                    "field": fault,
                    "customers": figures.customers[name],
                    "found_by": name,
                    "method": method,
                }
            )
    found.sort(key=lambda row: (-int(row["customers"]), str(row["field"])))
    named = (
        listed(f"{row['field']} ({_customers(row['customers'])})" for row in found) if found else ""
    )
    return Answer(
        "peak.quality_improvements",
        question,
        f"Most to gain: {named}." if found else "No field-level fault was found.",
        float(found[0]["customers"]) if found else 0.0,
        unit="customers with the commonest fault",
        sample_size=figures.customers["all"],
        details=found,
        caveat=sentence(
            figures.span,
            _file_caveat(figures) if figures.agm_customer_rows else NO_AGM,
            "A customer with no partner may simply be new.",
        ),
        evidence=ACCURACY,
        method="customers counted by the field in which they differ from their closest partner, "
        "and by blank, unplaced or changing details",
        as_of=figures.as_of,
    )


def _customers(count: int) -> str:
    return "1 customer" if count == 1 else f"{count:,} customers"
