"""The answer to what the delivery trial did to its store's own sales."""

from datetime import date

from agm_platform.defs.answers.answer import Answer, Row, dollars, percent, sentence, unanswered

EVIDENCE = "peak.trial_effect"
QUESTION = "What did the delivery trial do to the store's own sales?"
NOTHING = (
    "sales of AGM's stores and of Peak for the same days have not arrived; drop sales.csv into "
    "landing/agm and Peak's files into landing/peak."
)
CANNOT = (
    "Association, not proof: only one store had deliveries, and whatever else was particular to it "
    "in these weeks counts as the trial's. A few months tell neither seasons nor whether customers "
    "stay, and nothing about other cities."
)


def answer(rows: list[Row], as_of: date | None) -> Answer:
    """Return the change of the trial store's pick-up takings beyond that of the other stores."""
    trial = next((row for row in rows if row["is_on_trial"]), None)
    if trial is None:
        return unanswered("peak.trial_effect", QUESTION, NOTHING, EVIDENCE)
    if trial["effect"] is None:
        return unanswered("peak.trial_effect", QUESTION, f"{trial['why_not']}.", EVIDENCE)
    taken = trial["pickup_usd_cents"]
    # Without the trial the same weeks would have taken taken / (1 + effect).
    change, low, high = (taken - taken / (1 + trial[name]) for name in ("effect", "low", "high"))
    net = trial["delivery_net_usd_cents"]
    is_seen = trial["low"] > 0 or trial["high"] < 0
    words = (
        f"Pick-up at the store on trial {'rose' if trial['effect'] > 0 else 'fell'} by "
        f"{percent(abs(trial['effect']))} against the other stores"
        if is_seen
        else "No change of the trial store's pick-up can be told from chance "
        f"({percent(trial['effect'])})"
    )
    return Answer(
        "peak.trial_effect",
        QUESTION,
        f"{words}, with 95 % confidence {percent(trial['low'])} to {percent(trial['high'])}; "
        f"deliveries brought AGM {dollars(net)} in the same {trial['weeks_during']} weeks.",
        trial["effect"],
        trial["low"],
        trial["high"],
        unit="fraction",
        sample_size=trial["weeks_before"] + trial["weeks_during"],
        details=[
            {
                "what": "pick-up gained or lost, dollars",
                "value": change / 100,
                "low": low / 100,
                "high": high / 100,
            },
            {"what": "deliveries less commission, dollars", "value": net / 100},
            {
                "what": "both together, dollars",
                "value": (net + change) / 100,
                "low": (net + low) / 100,
                "high": (net + high) / 100,
            },
            *(
                {"what": f"placebo: store {row['store_id']}", "value": row["effect"]}
                for row in rows
                if not row["is_on_trial"]
            ),
        ],
        caveat=sentence(
            CANNOT,
            None
            if trial["placebo_p"] is None
            else f"{percent(trial['placebo_p'])} of the stores, itself counted, differ as much.",
        ),
        evidence=EVIDENCE,
        method="difference in differences of logarithms of weekly takings: the store less the mean "
        f"of the others, {trial['weeks_during']} weeks of trial less {trial['weeks_before']} weeks "
        "before; the interval allows for weeks that resemble the one before",
        as_of=as_of,
    )
