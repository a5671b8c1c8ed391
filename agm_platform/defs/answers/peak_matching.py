"""Who of Peak's customers is AGM's: how many are recognised, how surely, and what follows."""

from agm_platform.contracts.business import WITHHOLDING_TOLD_APART_SHARE
from agm_platform.contracts.links import ENCODINGS, HASHES, NOTHING, PLAIN
from agm_platform.defs.answers.answer import (
    Answer,
    Row,
    dollars,
    left_empty,
    percent,
    sentence,
    shown,
    unanswered,
)
from agm_platform.defs.answers.peak_figures import NO_AGM, NO_FEED, PeakFigures

VERDICT = "customers.withholding_verdict"
LINKS = "customers.links"
METHOD = (
    "probabilistic record linkage with a pinned model on name, street, city and ZIP; a link is "
    "accepted from a calibrated probability of 98 %, people's decisions beat the model"
)
WORDS = {
    NOTHING: "nothing is exchanged",
    HASHES: "keyed hashes",
    ENCODINGS: "private encodings",
    PLAIN: "Peak's plain details",
}


def answers(figures: PeakFigures) -> list[Answer]:
    """Return the answers that rest on matching; each says what is missing where data are."""
    return [
        _matched(figures),
        _precision(figures),
        _new(figures),
        _accuracy_after_matching(figures),
        _withholding(figures),
    ]


def _missing(figures: PeakFigures) -> str | None:
    if not figures.verdict or not figures.verdict[PLAIN]["customers"]:
        return NO_FEED
    return None if figures.agm_customer_rows else NO_AGM


def _list_caveat(figures: PeakFigures) -> str:
    rows = f"AGM's customer file has {figures.agm_customer_rows:,} rows"
    if figures.agm_file_notes:
        rows += f" and is not complete ({figures.agm_file_notes})"
    return f"{rows}; who is not in it cannot be recognised."


def _matched(figures: PeakFigures) -> Answer:
    name, question = "peak.customers_matched", "How many Peak customers are AGM customers?"
    missing = _missing(figures)
    if missing:
        return unanswered(name, question, missing, LINKS)
    row = figures.verdict[PLAIN]
    bands = figures.bands
    return Answer(
        name,
        question,
        f"{row['recognised']:,} of {row['customers']:,} Peak customers "
        f"({percent(row['recognised_share'])}; 95 % interval {percent(row['recognised_low'])} to "
        f"{percent(row['recognised_high'])}) are recognised as AGM customers; "
        f"{bands.get('review', 0):,} more wait for a person's look.",
        row["recognised_share"],
        row["recognised_low"],
        row["recognised_high"],
        "share of Peak customers",
        row["customers"],
        [{"band": band, "customers": count} for band, count in sorted(bands.items())],
        caveat=sentence(figures.span, _list_caveat(figures)),
        evidence=LINKS,
        method=METHOD,
        as_of=figures.as_of,
    )


def _precision(figures: PeakFigures) -> Answer:
    name, question = "peak.match_precision", "How many of these links are right?"
    missing = _missing(figures)
    if not missing and not figures.verdict[PLAIN]["recognised"]:
        missing = "no Peak customer is recognised in AGM's file."
    if missing:
        return unanswered(name, question, missing, VERDICT)
    row = figures.verdict[PLAIN]
    return Answer(
        name,
        question,
        f"An estimated {_almost(row['precision'])} of the {row['recognised']:,} accepted links are "
        f"right (95 % interval {percent(row['precision_low'])} to "
        f"{percent(row['precision_high'])}).",
        row["precision"],
        row["precision_low"],
        row["precision_high"],
        "share of accepted links",
        row["recognised"],
        caveat=sentence(
            figures.span,
            "Estimated, not counted: nobody has told who these customers really are. It is the "
            "mean of probabilities that were calibrated on an invented world with known truth.",
        ),
        evidence=VERDICT,
        method="mean calibrated probability of the accepted links; Wilson's interval",
        as_of=figures.as_of,
    )


def _new(figures: PeakFigures) -> Answer:
    name, question = "peak.new_customers", "How many Peak customers are new to AGM?"
    missing = _missing(figures)
    if not missing and figures.agm_file_notes:
        missing = (
            f"AGM's customer file is not complete ({figures.agm_file_notes}); "
            "a whole one is needed."
        )
    if missing:
        return unanswered(name, question, missing, VERDICT)
    row = figures.verdict[PLAIN]
    total = row["customers"]
    share, low, high = (row[key] / total for key in ("new_customers", "new_low", "new_high"))
    return Answer(
        name,
        question,
        f"About {row['new_customers']:,.0f} of {total:,} Peak customers ({percent(share)}; 95 % "
        f"interval {percent(low)} to {percent(high)}) are nobody in AGM's file.",
        share,
        low,
        high,
        "share of Peak customers",
        total,
        caveat=sentence(
            figures.span,
            _list_caveat(figures),
            "That they bought because of delivery is not shown: they may have come anyway.",
        ),
        evidence=VERDICT,
        method="sum of the probabilities that the best candidate is another person",
        as_of=figures.as_of,
    )


def _accuracy_after_matching(figures: PeakFigures) -> Answer:
    name = "peak.customer_accuracy_after_matching"
    question = "How accurate are Peak's customer details once misspelt ones are matched?"
    missing = _missing(figures)
    if missing:
        return unanswered(name, question, missing, LINKS)
    row = figures.verdict[PLAIN]
    exact = figures.agreement.get("exact", 0)
    return Answer(
        name,
        question,
        f"Exactly alike are {exact:,} of {row['customers']:,} customers; with misspelt ones "
        f"matched {row['recognised']:,} ({percent(row['recognised_share'])}) have details that "
        "lead to the right person.",
        row["recognised_share"],
        row["recognised_low"],
        row["recognised_high"],
        "share of Peak customers",
        row["customers"],
        [
            {"details": "exactly alike", "customers": exact},
            {"details": "recognised", "customers": row["recognised"]},
            *({"details": band, "customers": n} for band, n in sorted(figures.bands.items())),
        ],
        caveat=sentence(
            figures.span,
            _list_caveat(figures),
            "Exactly alike means equal names and street; two people can share them, so not all of "
            "those are accepted.",
        ),
        evidence=LINKS,
        method=METHOD,
        as_of=figures.as_of,
    )


def _withholding(figures: PeakFigures) -> Answer:
    """Recommend one thing, with both sides and what would change it."""
    name = "peak.withholding"
    question = "Can AGM go on withholding its customer list from Peak?"
    missing = _missing(figures)
    if missing:
        return unanswered(name, question, missing, VERDICT)
    row = figures.verdict[PLAIN]
    limit = percent(WITHHOLDING_TOLD_APART_SHARE)
    known = f"{percent(row['recognised_share'])} of Peak's customers are recognised"
    if figures.agm_file_notes:
        verdict = (
            f"Cannot be decided on this customer file, which is not complete: {known}. What can be "
            "said: AGM matches at home with the details that Peak sends, so sharing the list would "
            "add nothing to it."
        )
    elif figures.new_share is not None and figures.uncertain_share <= 1 - (
        WITHHOLDING_TOLD_APART_SHARE
    ):
        verdict = (
            f"Yes: with the details that Peak sends, {known} at home and "
            f"{percent(figures.new_share)} are told to be new; only "
            f"{percent(figures.uncertain_share)} stay open. Handing over the list would tell AGM "
            "nothing more and Peak everything."
        )
    else:
        verdict = (
            f"Not decided: {known}, but {percent(figures.uncertain_share)} stay open; more than "
            f"{percent(1 - WITHHOLDING_TOLD_APART_SHARE)} is too much to tell old from new "
            "customers. Have the open pairs reviewed before thinking of sharing the list."
        )
    return Answer(
        name,
        question,
        verdict,
        row["recognised_share"],
        row["recognised_low"],
        row["recognised_high"],
        "share of Peak customers recognised without sharing the list",
        row["customers"],
        [_of_policy(figures.verdict[policy]) for policy in WORDS],
        caveat=sentence(
            figures.span,
            _list_caveat(figures),
            f"That at least {limit} have to be told apart is an assumption for AGM's executives to "
            "confirm. It would change if Peak stopped sending names and addresses: then private "
            "encodings find nearly as many, and whoever holds the key can test names.",
            left_empty(list(figures.verdict.values())),
        ),
        evidence=VERDICT,
        method=METHOD,
        as_of=figures.as_of,
    )


def _almost(share: float) -> str:
    """Return a share that is never certain in words."""
    return "more than 99.9 %" if share > 0.9995 else percent(share)


def _of_policy(row: Row) -> Row:
    """Return one way of exchanging details as both sides of the argument need it."""
    gross = shown(row, "gross_usd_cents")
    return {
        "policy": row["policy"],
        "recognised": row["recognised"],
        "recognised_share": row["recognised_share"],
        "precision": row["precision"],
        "orders": shown(row, "orders"),
        "gross": None if gross is None else dollars(gross),
        "also_pick_up": shown(row, "also_pick_up", "overlap_suppressed"),
        "agm_learns": row["agm_learns"],
        "peak_learns": row["peak_learns"],
        "reidentified_share": row["reidentified_share"],
    }
