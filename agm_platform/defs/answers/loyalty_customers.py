"""What the programme's files hold, which attributes go with spending, and what to try next."""

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.contracts.loyalty_rules import EXPERIMENT_POWER
from agm_platform.defs.answers.answer import TOO_FEW, Answer, Row, listed, percent, sentence
from agm_platform.defs.answers.loyalty_figures import LoyaltyFigures, money, only

INSIGHTS, LEVELS = "loyalty.loyalty_insights", "loyalty.attribute_levels"
PREDICTION, EXPERIMENTS = "loyalty.attribute_prediction", "loyalty.experiments"
FILLED = (
    "number_of_purchases",
    "value_of_purchases_usd_cents",
    "total_standard_points",
    "total_points_redeemed",
)
DIMENSIONS = ("location", "gender", "age", "movie_line")
TRIED = {
    "reminder_after_first_purchase": "Remind customers after their first purchase, by lot",
    "larger_rewards": "Offer larger rewards at higher points, by lot",
    "tell_who_can_redeem": "Tell members who can redeem that they can, by lot",
}


def customer_answers(figures: LoyaltyFigures) -> list[Answer]:
    """Return what was filled in, what the files hold, attributes, and experiments."""
    return [
        _filled(figures),
        _coverage(figures),
        _oddities(figures),
        _spending(figures),
        _missing_attributes(figures),
        *_experiments(figures),
    ]


def _filled(figures: LoyaltyFigures) -> Answer:
    question = "What goes into the four empty customer columns?"
    total = figures.total
    if total is None:
        return figures.missing("customers_filled", question, INSIGHTS)
    return Answer(
        "loyalty.customers_filled",
        question,
        f"All four are filled for {total['customers']:,} customers: "
        f"{total['number_of_purchases']:,} purchases of "
        f"{money(total['value_of_purchases_usd_cents'])}, "
        f"{total['total_standard_points']:,} points on balances and "
        f"{total['total_points_redeemed']:,} redeemed; "
        f"{total['customers'] - total['buyers']:,} customers never bought and have 0.",
        float(total["customers"]),
        unit="customers",
        sample_size=total["customers"],
        details=[only(total, *FILLED, "points_taken")],
        caveat="A balance is the sum of all movements of points; who never bought has 0 and not "
        "nothing, so that means stay means of all customers.",
        evidence="loyalty.clean_customers",
        method="counts and sums of accepted purchases by customer; 5,000 points a redemption",
        as_of=figures.as_of,
    )


def _coverage(figures: LoyaltyFigures) -> Answer:
    question = "What do the two files hold?"
    total, files = figures.total, figures.files
    if total is None or not files.get("orders"):
        return figures.missing("coverage", question, INSIGHTS)
    groups = figures.members("group")
    return Answer(
        "loyalty.coverage",
        question,
        f"{total['customers']:,} customers, of whom {total['buyers']:,} bought, and "
        f"{files['orders']:,} purchases from {files['first_day']} to {files['last_day']}, each of "
        f"{money(files['least'])} to {money(files['most'])}.",
        float(files["orders"]),
        unit="purchases",
        sample_size=total["customers"],
        details=[
            {
                "group": name,
                "customers": None if row["suppressed"] else row["customers"],
                "buyers": None if row["suppressed"] else row["buyers"],
                "purchases": None if row["suppressed"] else row["number_of_purchases"],
            }
            for name, row in sorted(groups.items())
        ],
        caveat=sentence(
            f"{files['quarantined']:,} rows are in quarantine and count nowhere.",
            TOO_FEW if any(row["suppressed"] for row in groups.values()) else None,
        ),
        evidence=INSIGHTS,
        method="counted from accepted rows",
        as_of=figures.as_of,
    )


def _oddities(figures: LoyaltyFigures) -> Answer:
    question = "What is odd in the two files?"
    total, files = figures.total, figures.files
    if total is None or not files.get("orders"):
        return figures.missing("oddities", question, INSIGHTS)
    unknown: dict[str, Row] = {
        name: row
        for name in DIMENSIONS
        for row in [figures.members(name).get("unknown")]
        if row is not None and not row["suppressed"]
    }
    blank = [f"{name} of {row['customers']:,}" for name, row in unknown.items()]
    return Answer(
        "loyalty.oddities",
        question,
        f"Not told: {listed(blank) if blank else 'nothing that may be counted'}. "
        f"{files['free']:,} purchases have the value 0; {files['before_signup']:,} lie before the "
        f"customer's sign-up; {files['unexplained']:,} move points that the points rule does not "
        f"explain; the lowest balance is {files['lowest_points']:,} points.",
        float(files["unexplained"]),
        unit="purchases that the points rule does not explain",
        sample_size=files["orders"],
        details=[
            {"attribute": name, "not_told": row["customers"],
             "share": row["customers"] / total["customers"]}
            for name, row in unknown.items()
        ],
        caveat="Purchases of value 0 are counted as purchases. A blank is kept as a level of its "
        "own. A purchase has no number in the file: customer and day stand for it.",
        evidence="loyalty.loyalty_events",
        method="counted from accepted rows; the points rule is proved on each of them",
        as_of=figures.as_of,
    )  # fmt: skip


def _spending(figures: LoyaltyFigures) -> Answer:
    question = "Which attributes go with spending?"
    tests = sorted(figures.tests, key=lambda row: -row["epsilon_squared"])
    if not tests:
        return figures.missing("attributes_and_spending", question, LEVELS)
    sure = [row for row in tests if row["is_significant"]]
    ranked = listed(
        f"{row['attribute']} ({percent(row['epsilon_squared'])})" for row in sure or tests
    )
    best = (sure or tests)[0]
    levels = [
        row
        for row in figures.levels
        if row["attribute"] == best["attribute"] and not row["suppressed"]
    ]
    ends = sorted(levels, key=lambda row: row["mean"])
    span = (
        f" Of {best['attribute']}, {ends[-1]['level']!r} spends most "
        f"({money(ends[-1]['mean'])} a customer), {ends[0]['level']!r} least "
        f"({money(ends[0]['mean'])})."
        if len(ends) > 1 and sure
        else ""
    )
    said = (
        f"{len(sure)} of {len(tests)} attributes, by the share of the order of customers that goes "
        f"with them: {ranked}.{span}"
        if sure
        else f"None of {len(tests)} attributes goes with spending beyond chance."
    )
    return Answer(
        "loyalty.attributes_and_spending",
        question,
        said,
        best["epsilon_squared"],
        unit="epsilon squared, a fraction",
        sample_size=best["customers"],
        details=[
            *(only(row, "attribute", "levels", "epsilon_squared", "p_value_holm") for row in tests),
            *(
                only(row, "attribute", "level", "customers", "mean", "low", "high")
                for row in figures.levels
                if not row["suppressed"]
            ),
        ],
        caveat="Association, not cause: nobody was given an attribute by lot, and attributes may "
        "go with each other. The ends of many levels are exaggerated by chance. Not told is a "
        "level of its own; the labels have no order.",
        evidence=LEVELS,
        method="Kruskal's and Wallis' test of net spend a customer (who never bought: 0), p values "
        "by Holm; means with Student's t interval",
        as_of=figures.as_of,
    )


def _missing_attributes(figures: LoyaltyFigures) -> Answer:
    question = "Can missing attributes be predicted?"
    rows = sorted(figures.prediction, key=lambda row: -row["gain"])
    if not rows:
        return figures.missing("missing_attributes", question, PREDICTION)
    best = rows[0]
    better = [row for row in rows if row["is_significant"] and row["gain"] > 0]
    each = listed(
        f"{row['attribute']} {percent(row['accuracy'])} right against "
        f"{percent(row['baseline'])} by always saying the commonest"
        for row in rows
    )
    said = (
        f"Better than guessing for {listed(row['attribute'] for row in better)}, but often wrong"
        if better
        else "No better than guessing"
    )
    complete = figures.members("attributes_told").get("4")
    few = (
        f"Elsewhere only the {complete['buyers']:,} buyers who told everything were used, "
        f"with labels coded as ordered numbers and without a baseline; here all "
        f"{best['customers']:,} who told {best['attribute']} are."
        if complete and not complete["suppressed"]
        else None
    )
    return Answer(
        "loyalty.missing_attributes",
        question,
        f"{said}: {each}.",
        best["gain"],
        best["gain_low"],
        best["gain_high"],
        unit="share right beyond the commonest value",
        sample_size=best["customers"],
        details=[
            only(row, "attribute", "levels", "customers", "missing", "accuracy", "accuracy_low",
                 "accuracy_high", "baseline", "gain", "gain_low", "gain_high", "p_value_holm")
            for row in rows
        ],
        caveat=sentence(
            few,
            "Nothing is filled in from it. Judged on those who told: who did not may differ.",
        ),
        evidence=PREDICTION,
        method="naive Bayes on the other attributes, group and buying, missing as a level of its "
        "own; five-fold cross-validation against the commonest value; p values by Holm",
        as_of=figures.as_of,
    )  # fmt: skip


def _experiments(figures: LoyaltyFigures) -> list[Answer]:
    rows = {row["experiment"]: row for row in figures.experiments}
    asked = "What should be tried next, and how many customers does it take? {}"
    return [
        _experiment(figures, f"experiment_{name}", asked.format(words), words, rows.get(name))
        for name, words in TRIED.items()
    ]


def _experiment(
    figures: LoyaltyFigures, name: str, question: str, words: str, row: Row | None
) -> Answer:
    if row is None:
        why = None if figures.total is None else "nobody it could be tried with is in the data."
        return figures.missing(name, question, EXPERIMENTS, why)
    is_money = "cents" in row["measure"]
    effect = (
        money(row["smallest_effect"]) if is_money else f"{100 * row['smallest_effect']:.0f} points"
    )
    enough = "as many are in the data" if row["is_enough"] else (
        f"only {row['customers_in_data']:,} are in the data, so it cannot be told from them"
    )  # fmt: skip
    per_month = row["new_customers_per_30_days"]
    months = (
        f" At {per_month:,.0f} such customers in 30 days the groups are full in "
        f"{row['customers_needed'] / per_month * 30:,.0f} days."
        if per_month
        else ""
    )
    least = row["detectable_effect"]
    found = (
        f"With all {row['customers_in_data']:,} in the data, an effect of "
        f"{money(least) if is_money else f'{100 * least:.0f} points'} or more would be found."
        if least is not None
        else None
    )
    return Answer(
        f"loyalty.{name}",
        question,
        f"{words}: it takes {row['customers_needed']:,} {row['who']}, in two equal groups, to "
        f"show a rise of {effect} in the {row['measure'].partition(',')[0]}; {enough}.{months}",
        float(row["customers_needed"]),
        unit="customers",
        sample_size=row["customers_in_data"],
        details=[row],
        caveat=sentence(
            found,
            "The rise worth finding is an assumption for the owner to confirm. Nothing in the data "
            "says whether it will happen: that is what the experiment is for.",
        ),
        evidence=EXPERIMENTS,
        method=f"sample size of two groups, two-sided at {1 - CONFIDENCE:.2f}, power "
        f"{EXPERIMENT_POWER:.1f}; baseline from the data, a half where none is known",
        as_of=figures.as_of,
    )
