"""What the owner of sales claims, put to the test: confirmed, refuted, or not to be told."""

from agm_platform.defs.answers.answer import Answer, percent
from agm_platform.defs.answers.sales_delivery import alike
from agm_platform.defs.answers.sales_figures import (
    NO_ORDERS,
    SalesFigures,
    found,
    interval,
    plain,
    without,
)
from agm_platform.defs.answers.sales_tiers import missing, ranked

CONFIRMED, REFUTED, CANNOT_TELL = "Confirmed", "Refuted", "Cannot tell"
TIER_ORDER = ["Gold", "Silver", "Bronze"]


def claims(figures: SalesFigures) -> list[Answer]:
    """Return one answer a claim, each with its verdict first."""
    return [
        _discounts(figures),
        _volume(figures),
        _tiers(figures),
        *(
            _alike(figures, *each)
            for each in (
                ("claim_delays_alike_in_regions", "delivery_region", "delivery regions"),
                ("claim_price_band_does_not_matter", "price_band", "price bands"),
            )
        ),
        _late_as_others(figures),
        _advice(figures),
    ]


def _discounts(figures: SalesFigures) -> Answer:
    name, claim = "claim_discounts_do_not_raise_volume", "Claim: discounts do not raise volume."
    row = figures.effect("any_discount", "adjusted") or figures.effect(
        "any_discount", "association"
    )
    if row is None:
        return without(name, claim, NO_ORDERS, "sales.discount_effects")
    raises = row["verdict"] == "differs" and row["value"] > 0
    verdict = REFUTED if raises else CANNOT_TELL if row["verdict"] == "cannot tell" else CONFIRMED
    return Answer(
        f"sales.{name}",
        claim,
        f"{verdict}: against those without, orders with a discount have "
        f"{row['value']:+.3f} pieces"
        f"{interval(row['low'], row['high'], plain)} among orders alike otherwise.",
        row["value"],
        row["low"],
        row["high"],
        "pieces an order",
        row["orders"],
        caveat="About pieces in an order; whether discounts bring more orders or customers these "
        "data do not tell, since nobody knows who saw an offer and did not buy.",
        evidence="sales.discount_effects",
        method="see sales.discount_effect",
        as_of=figures.as_of,
    )


def _volume(figures: SalesFigures) -> Answer:
    name = "claim_volume_drives_revenue"
    claim = "Claim: quantity and revenue correlate at 0.72, so volume drives revenue."
    row = figures.correlation("quantity", "revenue")
    drivers = {each["component"]: each for each in figures.drivers if each["share"] is not None}
    if row is None or row["value"] is None or len(drivers) < 3:
        return without(name, claim, NO_ORDERS, "sales.revenue_drivers")
    volume, price = drivers["quantity"], drivers["unit_price"]
    holds = row["low"] <= 0.72 <= row["high"]
    return Answer(
        f"sales.{name}",
        claim,
        f"{CANNOT_TELL}: the correlation is {row['value']:.4f} "
        f"({'as claimed' if holds else 'not as claimed'}), but revenue is computed from quantity, "
        f"so it would be there in any case. Of the differences between orders "
        f"{percent(volume['share'])} go with volume, {percent(price['share'])} with price and "
        f"{percent(drivers['discount']['share'])} with discount.",
        volume["share"],
        volume["low"],
        volume["high"],
        "share of the variance of log revenue",
        row["orders"],
        details=[
            {k: each[k] for k in ("component", "share", "low", "high")} for each in drivers.values()
        ],
        caveat="A built-in correlation proves no driver. "
        + (figures.published("quantity_revenue_correlation", lambda value: f"{value:.4f}") or ""),
        evidence="sales.revenue_drivers",
        method="see sales.revenue_drivers",
        as_of=figures.as_of,
    )


def _tiers(figures: SalesFigures) -> Answer:
    name, claim = "claim_tier_order", "Claim: value ranks Gold, Silver, Bronze."
    rows = figures.known_tiers
    known = [row for row in rows if row["tier"] in TIER_ORDER]
    if len(known) < len(TIER_ORDER):
        return without(name, claim, missing(figures), "sales.tier_value")
    totals = sorted(rows, key=lambda row: -row["ordered_usd_cents"])
    against = [
        (one["tier"], other["tier"])
        for place, one in enumerate(known)
        for other in known[place + 1 :]
        if TIER_ORDER.index(one["tier"]) > TIER_ORDER.index(other["tier"])
        and other["tier"] not in (one["tied_with"] or "").split(", ")
    ]
    ties = any(row["tied_with"] for row in known)
    verdict = REFUTED if against else CANNOT_TELL if ties else CONFIRMED
    return Answer(
        f"sales.{name}",
        claim,
        f"{verdict}: a buyer's revenue ranks {ranked(rows)}; totals rank "
        f"{', '.join(row['tier'] for row in totals)}.",
        unit="USD a buyer",
        sample_size=sum(row["customers"] for row in rows),
        details=[
            {
                "tier": row["tier"],
                "ordered_per_buyer": row["ordered_per_buyer"] / 100,
                "ordered_dollars": row["ordered_usd_cents"] / 100,
                "customers": row["customers"],
                "tied_with": row["tied_with"],
            }
            for row in rows
        ],
        caveat="Totals follow the number of customers. "
        + (figures.published("gold_against_silver", lambda value: f"{value:.2f} times") or ""),
        evidence="sales.tier_value",
        method="Welch's test with Holm's correction on revenue a buyer",
        as_of=figures.as_of,
    )


def _alike(figures: SalesFigures, name: str, dimension: str, words: str) -> Answer:
    claim = {
        "delivery_region": "Claim: delays are alike in all regions.",
        "price_band": "Claim: the price band does not matter for delivery.",
    }[dimension]
    outcomes = ("delayed",) if dimension == "delivery_region" else ("delayed", "cancelled")
    tests = [test for each in outcomes if (test := figures.test(dimension, each))]
    if len(tests) < len(outcomes):
        return without(name, claim, NO_ORDERS, "sales.delivery_tests")
    verdicts = {test["verdict"] for test in tests}
    verdict = (
        REFUTED if "differs" in verdicts else CONFIRMED if verdicts == {"same"} else CANNOT_TELL
    )
    largest = max(tests, key=lambda test: test["largest_difference"])
    return Answer(
        f"sales.{name}",
        claim,
        f"{verdict}: "
        + "; ".join(f"of orders {test['outcome']}, {alike(test, words)}" for test in tests)
        + ".",
        largest["largest_difference"],
        unit="largest difference of two shares",
        sample_size=tests[0]["orders"],
        details=[
            {
                key: test[key]
                for key in (
                    *("outcome", "most", "least", "largest_difference", "statistic"),
                    *("p_holm", "cramers_v", "verdict"),
                )
            }
            for test in tests
        ],
        caveat="Not to find a difference is not to prove that there is none.",
        evidence="sales.delivery_tests",
        method="see sales.delay_by_region",
        as_of=figures.as_of,
    )


def _late_as_others(figures: SalesFigures) -> Answer:
    name = "claim_late_as_often_as_delivered_and_cancelled"
    claim = "Claim: orders are late as often as delivered and as cancelled."
    in_time = found(figures.statuses, first="delivered", second="delayed")
    cancelled = found(figures.statuses, first="delayed", second="cancelled")
    if in_time is None or cancelled is None:
        return without(name, claim, NO_ORDERS, "sales.status_comparisons")
    verdicts = {in_time["verdict"], cancelled["verdict"]}
    verdict = (
        REFUTED if "differs" in verdicts else CONFIRMED if verdicts == {"same"} else CANNOT_TELL
    )
    return Answer(
        f"sales.{name}",
        claim,
        f"{verdict}: {percent(in_time['second_share'])} are late, against "
        f"{percent(in_time['first_share'])} delivered ({in_time['verdict']}) and "
        f"{percent(cancelled['second_share'])} cancelled ({cancelled['verdict']}).",
        cancelled["difference"],
        cancelled["low"],
        cancelled["high"],
        "share late less share cancelled",
        in_time["orders"],
        caveat="Delivered, delayed and cancelled exclude each other; orders of unknown status are "
        "left out.",
        evidence="sales.status_comparisons",
        method="see sales.delivery_statuses",
        as_of=figures.as_of,
    )


def _advice(figures: SalesFigures) -> Answer:
    name = "claim_advice"
    claim = "Claim: grow volume, keep premium customers, look into logistics."
    total = next(iter(figures.groups("total")), None)
    rows = figures.known_tiers
    if total is None or not rows:
        return without(name, claim, missing(figures), "sales.delivery_rates")
    trouble = (total["delayed"] + total["cancelled"]) / total["orders"]
    return Answer(
        f"sales.{name}",
        claim,
        f"{CANNOT_TELL} as a whole. Logistics: {percent(trouble)} of orders are late or cancelled, "
        f"enough to look into. Customers: {ranked(rows)} by revenue a buyer. Volume: nothing here "
        "shows what would raise it; discounts are judged in sales.discount_effect.",
        trouble,
        unit="share of orders late or cancelled",
        sample_size=total["orders"],
        caveat="Advice rests on what an action would change; these data hold no action to compare.",
        evidence="sales.delivery_rates",
        method="shares of orders with a known status; revenue a buyer by tier",
        as_of=figures.as_of,
    )
