"""Which segments customers fall into, and whether they stay: of any source of dated orders."""

from datetime import date

from agm_platform.contracts.customer_value import CHANGES
from agm_platform.defs.answers.answer import Answer, Row, listed, percent, sentence, told
from agm_platform.defs.answers.not_shown import not_shown
from agm_platform.defs.insights.segment_changes import BEFORE, NOW
from agm_platform.statistics import intervals
from agm_platform.value.segmentation import LABELS


def segments(source: str, cards: dict[str, Row], changes: list[Row], as_of: date | None) -> Answer:
    """Return the sizes of the segments, who stayed, and how they go with fixed rules."""
    name, question = f"{source}.segment_changes", "Do customers stay in their segments?"
    evidence = f"{source}.{CHANGES}"
    card = cards.get("segments")
    sizes = [row for row in told(changes) if row["comparison"] == NOW]
    if card is None or card["label"] is None or not sizes:
        return not_shown(name, question, card, evidence, as_of)
    counts = {row["segment"]: row["customers"] for row in sizes}
    total = sum(row["customers"] for row in changes if row["comparison"] == NOW)
    active = sum(
        counts.get(label, 0) for label in LABELS if not label.startswith(("quiet", "lapsed"))
    )
    share = intervals.share(active, total)
    words = [f"{counts[label]:,} {label.replace('_', ' ')}" for label in LABELS if label in counts]
    known = [r for r in changes if r["comparison"] == BEFORE and r["other"] in LABELS]
    stayed = sum(row["customers"] for row in known if row["other"] == row["segment"])
    before = sum(row["customers"] for row in known)
    moved = (
        f" Of those known 30 days before, {percent(stayed / before)} are where they were."
        if before
        else ""
    )
    agreement = {
        row["comparison"]: row["association"]
        for row in changes
        if row["association"] is not None and row["comparison"] not in {NOW, BEFORE}
    }
    beside = [f"{name.replace('_', ' ')} {value:.2f}" for name, value in sorted(agreement.items())]
    return Answer(
        name,
        question,
        f"Of {total:,} customers: {listed(words)}.{moved}",
        share.value,
        share.low,
        share.high,
        unit="fraction of customers that are active",
        sample_size=total,
        details=[
            {key: row[key] for key in ("comparison", "other", "segment", "customers")}
            for row in told(changes)
        ],
        caveat=sentence(
            f"{card['label']}: {card['verdict']}.",
            f"Population stability index since training {card['stability_index']:.3f}.",
            f"Association with labels by fixed rules (Cramér's V): {listed(beside)}."
            if beside
            else None,
            card["warning"] and f"Warning: {card['warning']}.",
            "Segments of too few customers are left out." if len(sizes) < _of(changes) else None,
        ),
        evidence=evidence,
        method=card["method"],
        as_of=as_of,
    )


def _of(changes: list[Row]) -> int:
    return sum(row["comparison"] == NOW for row in changes)
