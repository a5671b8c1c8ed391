"""Does the points programme change what customers do: every measure by group, then the effect."""

from dataclasses import dataclass

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.defs.answers.answer import Answer, Row, listed, percent, sentence
from agm_platform.defs.answers.loyalty_figures import (
    GROUP_WORDS,
    GROUPS,
    LoyaltyFigures,
    change,
    money,
    only,
    p_words,
)

EVIDENCE = "loyalty.programme_comparison"
BALANCE = "loyalty.assignment_balance"
SHARE, COUNT, CENTS = "share", "count", "cents"
BUYING_IS_AN_OUTCOME = (
    "Of buyers only: the programme also changes who buys, so the buyers of both groups differ in "
    "more than the programme; the figure a customer assigned is the fair one"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A measure as answered: the answers' name, the words around it, and what it is of."""

    name: str
    measure: str
    words: str
    kind: str
    method: str


ASKED = (
    Asked("share_that_buys", "share_that_buys", "bought at least once", SHARE, "Wilson's interval"),
    Asked(
        "purchases_per_customer",
        "purchases_per_customer",
        "purchases a customer assigned, who never bought counting as 0",
        COUNT,
        "mean with Student's t interval",
    ),
    Asked(
        "purchases_per_buyer",
        "purchases_per_buyer",
        "purchases a buyer",
        COUNT,
        "mean with Student's t interval",
    ),
    Asked(
        "net_spend_per_customer_cents",
        "net_per_customer",
        "after redemptions a customer assigned, who never bought counting as 0",
        CENTS,
        "mean with Student's t interval",
    ),
    Asked(
        "net_spend_per_buyer_cents",
        "net_per_buyer",
        "after redemptions a buyer",
        CENTS,
        "mean with Student's t interval",
    ),
    Asked(
        "net_basket_cents",
        "net_basket",
        "a purchase after redemptions",
        CENTS,
        "sum of money over sum of purchases, interval by customers (linearised ratio)",
    ),
)
QUESTIONS = {
    "share_that_buys": "What share of {} buys at all?",
    "purchases_per_customer": "How many purchases does a customer assigned to {} make?",
    "purchases_per_buyer": "How many purchases does a buyer of {} make?",
    "net_spend_per_customer_cents": "What does a customer assigned to {} spend after redemptions?",
    "net_spend_per_buyer_cents": "What does a buyer of {} spend after redemptions?",
    "net_basket_cents": "What is a purchase of {} worth after redemptions?",
}
OF = {"enrolled": "the programme", "control": "the control group"}


def programme_answers(figures: LoyaltyFigures) -> list[Answer]:
    """Return each measure of each group, the effect of the programme, and whether it is fair."""
    by_group = [_of_group(figures, asked, group) for asked in ASKED for group in GROUPS]
    return [*by_group, _effect(figures), _groups_alike(figures)]


def shown(value: float, kind: str) -> str:
    """Return a figure in words: 81.7 %, 11.70 or $30.35."""
    return {SHARE: percent(value), COUNT: f"{value:,.2f}", CENTS: money(value)}[kind]


def _of_group(figures: LoyaltyFigures, asked: Asked, group: str) -> Answer:
    name, question = f"{asked.name}_{group}", QUESTIONS[asked.name].format(OF[group])
    row = figures.measure(asked.measure)
    if row is None:
        return figures.missing(name, question, EVIDENCE)
    value, low, high = (row[f"{group}_{end}"] for end in ("value", "low", "high"))
    plain = shown(value, asked.kind)
    said = f"{GROUP_WORDS[group]}: {plain} {asked.words}"
    interval = f"{shown(low, asked.kind)} to {shown(high, asked.kind)}"
    return Answer(
        f"loyalty.{name}",
        question,
        f"{said} ({interval}; {row[f'{group}_count']:,} customers).",
        value,
        low,
        high,
        unit=row["unit"],
        sample_size=row[f"{group}_count"],
        caveat=_caveat(figures, row, asked),
        evidence=EVIDENCE,
        method=asked.method,
        as_of=figures.as_of,
    )


def _caveat(figures: LoyaltyFigures, row: Row, asked: Asked) -> str | None:
    """Say what the measure cannot, and what was published in its place, both from the data."""
    if asked.measure == "share_that_buys":
        return (
            f"Elsewhere the share that did not buy and the share that did were mixed up: members "
            f"{percent(1 - row['enrolled_value'])} did not, {percent(row['enrolled_value'])} did."
        )
    if row["denominator"] == "buyers":
        whole = figures.measure(row["measure"].replace("per_buyer", "per_customer"))
        if whole is None or not row["ratio"]:
            return f"{BUYING_IS_AN_OUTCOME}."
        return (
            f"{BUYING_IS_AN_OUTCOME}: {change(row['ratio'])} a buyer, but "
            f"{change(whole['ratio'])} a customer assigned. Elsewhere who never bought was left "
            f"empty instead of 0, so that means became means of buyers unnoticed."
        )
    if row["denominator"] == "purchases":
        gross = figures.measure("gross_basket")
        if gross is None or not row["ratio"] or not gross["ratio"]:
            return None
        return (
            f"A slide published elsewhere shows an amount that no table holds, and claimed a "
            f"difference that was tested for other measures only. Here it is tested itself: "
            f"{change(row['ratio'], 1)} after redemptions ({change(gross['ratio'], 1)} before), "
            f"{p_words(row['p_value_holm'])} after Holm."
        )
    return None


def _effect(figures: LoyaltyFigures) -> Answer:
    question = "Does the points programme change behaviour against the control group?"
    row = figures.measure("net_per_customer")
    if row is None:
        return figures.missing("programme_effect", question, EVIDENCE)
    told = [each for each in figures.comparison if not each["suppressed"]]
    sure = [each for each in told if each["is_significant"]]
    worse = [each["measure"] for each in sure if each["difference"] < 0]
    found = f"{len(sure)} of {len(told)} measures differ beyond chance"
    found += f", of which {listed(worse)} to the members' loss" if worse else ""
    buyers = figures.measure("net_per_buyer")
    published = None
    if buyers and buyers["ratio"] and row["ratio"]:
        published = (
            f"Elsewhere {change(buyers['ratio'])} was told as more revenue overall: that is the "
            f"spend of those who bought at all. A customer assigned spends {change(row['ratio'])}."
        )
    return Answer(
        "loyalty.programme_effect",
        question,
        f"A customer assigned to the programme spends {money(row['difference'])} more after "
        f"redemptions than one in the control group ({money(row['difference_low'])} to "
        f"{money(row['difference_high'])}; Hedges' g {row['effect_size']:.2f}); {found}."
        if row["is_significant"] and row["difference"] > 0
        else f"A customer assigned to the programme spends {money(row['difference'])} against one "
        f"in the control group ({money(row['difference_low'])} to "
        f"{money(row['difference_high'])}); the data "
        f"{'say so beyond chance' if row['is_significant'] else 'cannot tell this from chance'}; "
        f"{found}.",
        row["difference"],
        row["difference_low"],
        row["difference_high"],
        unit="USD cents a customer assigned",
        sample_size=row["enrolled_count"] + row["control_count"],
        details=[
            {name: value for name, value in each.items() if name != "suppressed"} for each in told
        ],
        caveat=sentence(
            published,
            "An effect only if the groups were made by chance: see loyalty.groups_alike. Elsewhere "
            "buyers only were tested, for other measures than those claimed.",
        ),
        evidence=EVIDENCE,
        method="Welch's test and, against skewness, Brunner's and Munzel's rank test; shares by "
        "Newcombe's interval; both families of p values by Holm, both must agree",
        as_of=figures.as_of,
    )


def _groups_alike(figures: LoyaltyFigures) -> Answer:
    question = "Are members and control group alike in what was known before?"
    rows = figures.balance
    if not rows:
        return figures.missing("groups_alike", question, BALANCE)
    apart = [row["attribute"] for row in rows if row["is_significant"]]
    least = min(rows, key=lambda row: row["p_value"])
    said = (
        f"No: {listed(apart)} is spread differently over the groups"
        if apart
        else f"Nothing speaks against it: none of {len(rows)} attributes is spread differently"
    )
    return Answer(
        "loyalty.groups_alike",
        question,
        f"{said} (smallest {p_words(least['p_value'])} before Holm's correction, for "
        f"{least['attribute']}).",
        least["p_value"],
        unit="p value",
        sample_size=least["customers"],
        details=[
            only(row, "attribute", "levels", "statistic", "p_value", "p_value_holm", "cramers_v")
            for row in rows
        ],
        caveat="The files do not say how customers were assigned; what was not recorded cannot be "
        f"checked. Level {1 - CONFIDENCE:.2f}, missing values as a level of their own.",
        evidence=BALANCE,
        method="Pearson's chi-square an attribute, p values by Holm",
        as_of=figures.as_of,
    )
