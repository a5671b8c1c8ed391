"""What the programme costs, who could redeem and does not, and what they are worth."""

from agm_platform.contracts.loyalty_rules import (
    REDEMPTION_POINTS,
    REDEMPTION_POINTS_TAKEN,
    REDEMPTION_USD_CENTS,
)
from agm_platform.defs.answers.answer import Answer, Row, percent, sentence
from agm_platform.defs.answers.loyalty_figures import LoyaltyFigures, money, only
from agm_platform.statistics.intervals import Estimate, share

EVIDENCE = "loyalty.loyalty_insights"
HOLDERS = "loyalty.points_holders"
NO_INTERVAL = "counted from all accepted purchases; no estimate, so no interval"
SURVIVORS = (
    "Whoever holds enough points has bought for long and much: association, not an effect of "
    "holding or of redeeming."
)


def points_answers(figures: LoyaltyFigures) -> list[Answer]:
    """Return the cost of the programme, who has enough points, and what becomes of points."""
    return [
        *_costs(figures),
        _enough(figures, "ever"),
        _enough(figures, "now"),
        _never_redeemed(figures),
        _breakage(figures),
        _worth(figures),
    ]


def _costs(figures: LoyaltyFigures) -> list[Answer]:
    asked = {
        "redemptions": "How many redemptions were there?",
        "revenue_given_away_cents": "What does the programme cost in revenue?",
        "revenue_given_away_share": "What share of all revenue does the programme cost?",
        "revenue_given_away_share_of_members": "What share of members' revenue does it cost?",
        "revenue_given_away_per_member_cents": "What does the programme cost a member?",
    }
    total, members = figures.total, figures.members("group").get("enrolled")
    if total is None or members is None:
        return [figures.missing(name, text, EVIDENCE) for name, text in asked.items()]
    if members["suppressed"]:
        return [figures.missing(name, text, EVIDENCE) for name, text in asked.items()]
    count = total["redemptions"]
    given = count * REDEMPTION_USD_CENTS
    gross, own = total["value_of_purchases_usd_cents"], members["value_of_purchases_usd_cents"]
    said = f"{count:,} redemptions took {money(given)} off the prices"
    booked = (
        f"Booked as {total['total_points_redeemed']:,} points ({REDEMPTION_POINTS:,} each), while "
        f"{total['points_taken']:,} ({REDEMPTION_POINTS_TAKEN:,} each) left the balances: both are "
        f"kept, and the balances agree with the second only."
    )
    values = {
        "redemptions": (float(count), "redemptions", f"{said}.", booked),
        "revenue_given_away_cents": (
            float(given),
            "USD cents",
            f"{said}, {money(REDEMPTION_USD_CENTS)} each.",
            "What members buy more because of the programme: loyalty.programme_effect.",
        ),
        "revenue_given_away_share": (
            given / gross if gross else None,
            "fraction of revenue before redemptions",
            f"{said}: {small(given / gross)} of all revenue." if gross else f"{said}.",
            "Of revenue before redemptions, of members and control group together.",
        ),
        "revenue_given_away_share_of_members": (
            given / own if own else None,
            "fraction of revenue before redemptions",
            f"{said}: {small(given / own)} of members' revenue." if own else f"{said}.",
            "Of members' revenue before redemptions.",
        ),
        "revenue_given_away_per_member_cents": (
            given / members["customers"],
            "USD cents a member",
            f"{said}: {money(given / members['customers'])} a member of {members['customers']:,}.",
            "Over all members, most of whom never redeemed.",
        ),
    }
    return [
        Answer(
            f"loyalty.{name}",
            question,
            values[name][2],
            values[name][0],
            unit=values[name][1],
            sample_size=total["number_of_purchases"],
            caveat=values[name][3],
            evidence=EVIDENCE,
            method=NO_INTERVAL,
            as_of=figures.as_of,
        )
        for name, question in asked.items()
    ]


def small(share_of: float) -> str:
    """Return 0.0036 as "0.36 %"."""
    return f"{share_of:.2%}".replace("%", " %")


def _states(figures: LoyaltyFigures) -> dict[str, Row] | None:
    """Return the members by use of points; None if some may not be told."""
    states = figures.members("points_state")
    if not states or any(row["suppressed"] for row in states.values()):
        return None
    return states


def _customers(states: dict[str, Row], name: str) -> int:
    return int(states[name]["customers"]) if name in states else 0


def _enough(figures: LoyaltyFigures, when: str) -> Answer:
    name = f"{when}_enough_points"
    question = {
        "ever": "How many members ever held enough points to redeem?",
        "now": "How many members hold enough points now?",
    }[when]
    states, total = _states(figures), figures.total
    members = figures.members("group").get("enrolled")
    if states is None or total is None or members is None or not members["customers"]:
        return figures.missing(name, question, EVIDENCE)
    ever = _customers(states, "redeemed") + _customers(states, "enough_not_redeemed")
    count = {"ever": ever, "now": int(total["enough_points_now"])}[when]
    held = {"ever": "have ever held", "now": "now hold"}[when]
    found = share(count, members["customers"])
    early = None
    if when == "now":
        early = (
            f"Elsewhere the balance after the first purchase was taken for the current one: "
            f"{total['first_points']:,} points in all instead of "
            f"{total['total_standard_points']:,}."
        )
    return Answer(
        f"loyalty.{name}",
        question,
        f"{count:,} of {members['customers']:,} members {held} {REDEMPTION_POINTS:,} points or "
        f"more ({percent(found.value)}, {percent(found.low)} to {percent(found.high)}).",
        float(count),
        unit="customers",
        sample_size=members["customers"],
        details=[{"share": found.value, "low": found.low, "high": found.high}],
        caveat=sentence(
            f"Balances after a purchase; {REDEMPTION_POINTS_TAKEN:,} points leave with a "
            f"redemption, so a balance may fall a little below 0 and that is no fault.",
            early,
        ),
        evidence=EVIDENCE,
        method="balances from the ledger of points; share with Wilson's interval in details",
        as_of=figures.as_of,
    )


def _never_redeemed(figures: LoyaltyFigures) -> Answer:
    name, question = "never_redeemed_share", "What share of those who could redeem never did?"
    states = _states(figures)
    never = _customers(states, "enough_not_redeemed") if states else 0
    ever = never + (_customers(states, "redeemed") if states else 0)
    if states is None or not ever:
        why = None if states is None else "no member has ever held enough points."
        return figures.missing(name, question, EVIDENCE, why)
    found: Estimate = share(never, ever)
    members = figures.members("group")["enrolled"]["customers"]
    return Answer(
        f"loyalty.{name}",
        question,
        f"{never:,} of {ever:,} members who ever held {REDEMPTION_POINTS:,} points never redeemed: "
        f"{percent(found.value)} ({percent(found.low)} to {percent(found.high)}).",
        found.value,
        found.low,
        found.high,
        unit="fraction of those who ever held enough",
        sample_size=ever,
        caveat=f"Some of them got there lately and have not bought since. Of all {members:,} "
        f"members {percent(1 - _customers(states, 'redeemed') / members)} never redeemed, most "
        f"because they never held enough.",
        evidence=EVIDENCE,
        method="members by highest balance and redemptions, Wilson's interval",
        as_of=figures.as_of,
    )


def _breakage(figures: LoyaltyFigures) -> Answer:
    question = "What share of the points earned has not been redeemed?"
    total = figures.total
    if total is None or not total["points_earned"]:
        return figures.missing("breakage", question, EVIDENCE)
    left = total["points_earned"] - total["points_taken"]
    worth = left / REDEMPTION_POINTS_TAKEN * REDEMPTION_USD_CENTS
    return Answer(
        "loyalty.breakage",
        question,
        f"{left:,} of {total['points_earned']:,} points earned are not redeemed: "
        f"{percent(left / total['points_earned'])}, worth {money(worth)} if all of them were.",
        left / total["points_earned"],
        unit="fraction of points earned",
        sample_size=total["number_of_purchases"],
        details=[only(total, "points_earned", "points_taken", "total_standard_points")],
        caveat="Points do not expire in the data, so nothing is forfeited yet: this is what is "
        "open, not what will never be claimed.",
        evidence=EVIDENCE,
        method=NO_INTERVAL,
        as_of=figures.as_of,
    )


def _worth(figures: LoyaltyFigures) -> Answer:
    name = "unredeemed_worth"
    question = "What are customers worth who could redeem but do not?"
    rows = {row["points_state"]: row for row in figures.holders if not row["suppressed"]}
    row = rows.get("enough_not_redeemed")
    if row is None:
        why = None if figures.total is None else "no such member, or too few to be told."
        return figures.missing(name, question, HOLDERS, why)
    redeemed = rows.get("redeemed")
    beside = (
        f", against {money(redeemed['net_usd_cents_mean'])} of those who redeemed"
        if redeemed
        else ""
    )
    return Answer(
        f"loyalty.{name}",
        question,
        f"{row['customers']:,} members held enough points and never redeemed; each spent "
        f"{money(row['net_usd_cents_mean'])} on average ({money(row['net_usd_cents_low'])} to "
        f"{money(row['net_usd_cents_high'])}){beside}.",
        row["net_usd_cents_mean"],
        row["net_usd_cents_low"],
        row["net_usd_cents_high"],
        unit="USD cents a customer",
        sample_size=row["customers"],
        details=[
            {key: value for key, value in each.items() if key != "suppressed"}
            for each in rows.values()
        ],
        caveat=SURVIVORS,
        evidence=HOLDERS,
        method="mean net spend by use of points, Student's t interval",
        as_of=figures.as_of,
    )
