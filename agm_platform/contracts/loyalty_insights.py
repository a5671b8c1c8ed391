"""Contracts of what is found out about the points programme, and of its answers."""

from __future__ import annotations

from agm_platform.contracts.answers import answers_of
from agm_platform.contracts.breakdown import suppressed
from agm_platform.contracts.customer_value import value_tables_of
from agm_platform.contracts.loyalty import CUSTOMER_ID, ORDERS
from agm_platform.contracts.model import Column, Owner, Rule, SmallGroups, Table, Type
from agm_platform.contracts.rules import in_set, unique
from agm_platform.contracts.segments import segments_of

TEXT, INTEGER, NUMBER, BOOLEAN = Type.TEXT, Type.INTEGER, Type.NUMBER, Type.BOOLEAN


def _number(name: str, description: str, unit: str | None = None) -> Column:
    return Column(name, NUMBER, description, unit=unit)


def _count(name: str, description: str, unit: str | None = None) -> Column:
    return Column(name, INTEGER, description, unit=unit)


def _interval(name: str, description: str, unit: str | None = None) -> tuple[Column, ...]:
    """Return a figure's columns for the ends of its interval."""
    prefix = f"{name}_" if name else ""
    return (
        _number(f"{prefix}low", f"Lower end of the interval of {description}.", unit),
        _number(f"{prefix}high", f"Upper end of the interval of {description}.", unit),
    )


def _insight(
    name: str, description: str, columns: tuple[Column, ...], key: tuple[str, ...], *, shown: int
) -> Table:
    """Return the contract of an insight; `shown` is how many columns small groups keep, or 0.

    Those after them are hidden, but the flag, which then has to be the last column.
    """
    hidden = tuple(column.name for column in columns[shown:-1])
    unique_key = (
        unique(key[0], "one row a group")
        if len(key) == 1
        else Rule(
            f"{key[0]}__{key[-1]}_unique",
            "expect_compound_columns_to_be_unique",
            {"column_list": list(key)},
            "one row a group",
        )
    )
    return Table(
        "loyalty",
        name,
        description,
        columns,
        key=key,
        rules=(unique_key,),
        owner=Owner.ANALYTICS,
        small_groups=(SmallGroups(hidden),) if shown else (),
    )


_TESTED = (
    _number("p_value_holm", "The same, Holm's over all rows of the table."),
    Column("is_significant", BOOLEAN, "Whether no test's Holm p value is above 0.05."),
)

LOYALTY_INSIGHTS = _insight(
    "loyalty_insights",
    "Customers, purchases, money and points in total and by group, attribute and use of points.",
    (
        Column("dimension", TEXT, "What customers are grouped by; total.", nullable=False),
        Column("member", TEXT, "The group's value; unknown where not told.", nullable=False),
        _count("customers", "Customers."),
        _count("buyers", "Customers who bought at least once."),
        _count("number_of_purchases", "Purchases."),
        _count("value_of_purchases_usd_cents", "Prices before redemption.", "USD cents"),
        _count("net_usd_cents", "Prices less redemptions.", "USD cents"),
        _count("points_earned", "Points earned.", "points"),
        _count("redemptions", "Redemptions."),
        _count("total_points_redeemed", "5,000 a redemption.", "points"),
        _count("points_taken", "5,050 a redemption.", "points"),
        _count("total_standard_points", "Points on the balances.", "points"),
        _count("first_points", "Points on the balances after the first purchase.", "points"),
        _count("enough_points_now", "Customers whose balance is 5,000 points or more."),
        suppressed(),
    ),
    ("dimension", "member"),
    shown=2,
)

PROGRAMME_COMPARISON = _insight(
    "programme_comparison",
    "Members against the control group, one row a measure, with intervals and tests.",
    (
        Column("measure", TEXT, "What is compared.", nullable=False),
        Column("unit", TEXT, "Unit of its values."),
        Column("denominator", TEXT, "What it is divided by: assigned customers, buyers..."),
        _count("enrolled_count", "Customers in the members' figure."),
        _number("enrolled_value", "The members' figure."),
        *_interval("enrolled", "the members' figure"),
        _count("control_count", "Customers in the control group's figure."),
        _number("control_value", "The control group's figure."),
        *_interval("control", "the control group's figure"),
        _number("difference", "Members less control."),
        *_interval("difference", "the difference"),
        _number("ratio", "Members over control; null for shares."),
        *_interval("ratio", "the ratio"),
        _number("effect_size", "The difference in standard deviations, or Cohen's h."),
        Column("effect_name", TEXT, "Hedges' g or Cohen's h."),
        _number("p_value", "p value of the difference: Welch's test, or the test of two shares."),
        _TESTED[0],
        _number("superiority", "How often a member's value is above a control customer's."),
        *_interval("superiority", "that share"),
        _number("rank_p_value", "p value of the rank test of Brunner and Munzel."),
        _number("rank_p_value_holm", "The same, Holm's over all measures."),
        _TESTED[1],
        suppressed(),
    ),
    ("measure",),
    shown=3,
)

ASSIGNMENT_BALANCE = _insight(
    "assignment_balance",
    "Whether what was known at sign-up is spread alike over members and control.",
    (
        Column("attribute", TEXT, "What was known.", nullable=False),
        _count("levels", "Its values, unknown among them."),
        _count("customers", "Customers."),
        _number("statistic", "Pearson's chi-square."),
        _count("degrees", "Its degrees of freedom."),
        _number("p_value", "Its p value."),
        _number("cramers_v", "0 no association to 1."),
        *_TESTED,
    ),
    ("attribute",),
    shown=0,
)

RETENTION = _insight(
    "retention",
    "Who stops after the n-th purchase and how soon the others come back.",
    (
        Column("member_group", TEXT, "all, enrolled or control.", nullable=False),
        Column("purchase_number", INTEGER, "n.", nullable=False),
        _count("reached", "Customers with at least n purchases."),
        _count("stopped", "Of them, customers with no later purchase in the data."),
        _number("drop_off", "stopped / reached: too high, since recent buyers may come back."),
        *_interval("drop_off", "that share"),
        _number(
            "shifted_drop_off",
            "stopped / reached n - 1: what was published elsewhere, wrong; null for n = 1.",
        ),
        _count("watched", "Customers whose n-th purchase the data outlast by the waiting time."),
        _count("gone", "Of them, customers with no purchase within the waiting time."),
        _number("gone_share", "gone / watched."),
        *_interval("gone", "that share"),
        _number("survival_gone", "Kaplan and Meier's share gone at the end of the waiting time."),
        *_interval("survival_gone", "that share"),
        _number("mean_days", "Mean days to the next purchase of those who made one.", "days"),
        *_interval("mean_days", "that mean", "days"),
        _number("median_days", "Median of the same.", "days"),
        _number("survival_median_days", "Days by which half of all come back.", "days"),
        _number("returned_in_time_share", "Of those who came back, within the waiting time."),
        _number("next_p_value", "Holm's p value of drop_off being that of n + 1."),
        _number("gone_next_p_value", "Holm's p value of gone_share being that of n + 1."),
        suppressed(),
    ),
    ("member_group", "purchase_number"),
    shown=2,
)

POINTS_HOLDERS = _insight(
    "points_holders",
    "Members by whether they ever held enough points and redeemed: what they are worth.",
    (
        Column("points_state", TEXT, "never_enough, enough_not_redeemed, redeemed, control."),
        _count("customers", "Customers."),
        _number("number_of_purchases_mean", "Mean purchases."),
        *_interval("number_of_purchases", "that mean"),
        _number("net_usd_cents_mean", "Mean money after redemptions.", "USD cents"),
        *_interval("net_usd_cents", "that mean", "USD cents"),
        _number("total_standard_points_mean", "Mean balance.", "points"),
        *_interval("total_standard_points", "that mean", "points"),
        suppressed(),
    ),
    ("points_state",),
    shown=1,
)

ATTRIBUTE_LEVELS = _insight(
    "attribute_levels",
    "Net spend a customer by each value of each attribute, who never bought counting as 0.",
    (
        Column("attribute", TEXT, "The attribute.", nullable=False),
        Column(
            "level",
            TEXT,
            "Its value; unknown where not told, rare for values of too few customers.",
            nullable=False,
        ),
        _count("customers", "Customers."),
        _number("mean", "Mean net spend.", "USD cents"),
        *_interval("", "that mean", "USD cents"),
        suppressed(),
    ),
    ("attribute", "level"),
    shown=2,
)

ATTRIBUTE_TESTS = _insight(
    "attribute_tests",
    "Whether net spend differs between the values of an attribute.",
    (
        Column("attribute", TEXT, "The attribute.", nullable=False),
        _count("levels", "Its values, unknown among them."),
        _count("customers", "Customers."),
        _number("statistic", "Kruskal's and Wallis' H."),
        _count("degrees", "Its degrees of freedom."),
        _number("p_value", "Its p value."),
        _number("epsilon_squared", "0 no association to 1."),
        *_TESTED,
    ),
    ("attribute",),
    shown=0,
)

ATTRIBUTE_PREDICTION = _insight(
    "attribute_prediction",
    "Whether a missing attribute can be predicted better than by its commonest value.",
    (
        Column("attribute", TEXT, "The attribute.", nullable=False),
        _count("levels", "Its known values."),
        _count("customers", "Customers who told it, on whom the model is learnt and judged."),
        _count("missing", "Customers who did not tell it."),
        _number("accuracy", "Share predicted right, in folds that the model has not seen."),
        *_interval("accuracy", "that share"),
        _number("baseline", "Share right if the commonest value is always said."),
        _number("gain", "accuracy - baseline."),
        *_interval("gain", "that difference"),
        _number("p_value", "p value of no gain."),
        *_TESTED,
    ),
    ("attribute",),
    shown=0,
)

EXPERIMENTS = _insight(
    "experiments",
    "What experiments need: two equal groups, two-sided at 0.05, power 0.8.",
    (
        Column("experiment", TEXT, "Its name.", nullable=False),
        Column("who", TEXT, "Who takes part."),
        Column("measure", TEXT, "What is measured."),
        _number("baseline", "Its value today."),
        _number("smallest_effect", "The difference that has to be found: an assumption."),
        _count("per_group", "Customers needed a group."),
        _count("customers_needed", "Customers needed in all."),
        _count("customers_in_data", "Such customers in the data."),
        _number("new_customers_per_30_days", "How many come in 30 days, if they come one by one."),
        _number("detectable_effect", "The difference that all those in the data would find."),
        Column("is_enough", BOOLEAN, "Whether there are as many in the data."),
    ),
    ("experiment",),
    shown=0,
)

CUSTOMER_FLAGS = Table(
    "loyalty",
    "customer_flags",
    "One row a buyer: how loyal, how free-spending and how frequent.",
    (
        CUSTOMER_ID,
        _count("order_count", "Purchases."),
        _number("mean_basket_usd_cents", "Mean price of a purchase.", "USD cents"),
        _number("mean_gap_days", "Mean days between purchases; null for a single one.", "days"),
        Column("loyalty_flag", TEXT, "new, regular or loyal, by purchases.", nullable=False),
        Column("spending_flag", TEXT, "low, mid or high, by mean price.", nullable=False),
        Column("frequency_flag", TEXT, "frequent, regular or seldom, by mean gap; null as that."),
    ),
    key=("customer_id",),
    rules=(
        unique("customer_id", "one row a buyer"),
        in_set("loyalty_flag__known", ["new", "regular", "loyal"], "every buyer has a flag"),
    ),
    owner=Owner.ANALYTICS,
    one_row_a_person=True,
)

SEGMENTS = segments_of("loyalty", identity="loyalty")

TABLES = (
    LOYALTY_INSIGHTS,
    PROGRAMME_COMPARISON,
    ASSIGNMENT_BALANCE,
    RETENTION,
    POINTS_HOLDERS,
    ATTRIBUTE_LEVELS,
    ATTRIBUTE_TESTS,
    ATTRIBUTE_PREDICTION,
    EXPERIMENTS,
    CUSTOMER_FLAGS,
    SEGMENTS,
    *value_tables_of(ORDERS),
    answers_of("loyalty"),
)
