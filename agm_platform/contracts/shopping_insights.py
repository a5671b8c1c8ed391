"""Contracts of what is made from the shopping trends: breakdowns, segments, tests, oddities."""

from __future__ import annotations

from agm_platform.contracts.breakdown import suppressed
from agm_platform.contracts.model import Column, Owner, Rule, SmallGroups, Table, Type
from agm_platform.contracts.rules import in_set, unique
from agm_platform.contracts.shopping import CUSTOMER_ID, SOURCE

TEXT, INTEGER, NUMBER, BOOLEAN = Type.TEXT, Type.INTEGER, Type.NUMBER, Type.BOOLEAN
CENTS = "USD cents"
P_VALUE = Column("p_value", NUMBER, "Chance of so much or more if nothing is behind it.")
P_ADJUSTED = Column(
    "p_adjusted", NUMBER, "The same, adjusted for all tests of the table (Holm's method)."
)
VERDICT = Column("verdict", TEXT, "differ, not told apart or cannot tell.", nullable=False)
VERDICTS = ["differ", "not told apart", "cannot tell"]

PURCHASE_FIGURES = (
    "orders",
    "customers",
    "gross_usd_cents",
    "share_of_gross",
    "mean_usd_cents",
    "mean_low_usd_cents",
    "mean_high_usd_cents",
)

PURCHASE_INSIGHTS = Table(
    SOURCE,
    "purchase_insights",
    "Purchases summed up in total and by category, item, season, place, kind of customer...",
    (
        Column("dimension", TEXT, "What the purchases are grouped by.", nullable=False),
        Column("member", TEXT, "The group's value; all for the total.", nullable=False),
        Column("orders", INTEGER, "Purchases in the group.", nullable=False),
        Column("customers", INTEGER, "Different customers in the group.", nullable=False),
        Column("gross_usd_cents", INTEGER, "Amounts paid.", unit=CENTS),
        Column("share_of_gross", NUMBER, "Of all amounts paid, a fraction."),
        Column("mean_usd_cents", NUMBER, "Mean amount of a purchase.", unit=CENTS),
        Column("mean_low_usd_cents", NUMBER, "Lower end of the mean's interval.", unit=CENTS),
        Column("mean_high_usd_cents", NUMBER, "Upper end of the mean's interval.", unit=CENTS),
        suppressed(),
    ),
    key=("dimension", "member"),
    rules=(
        Rule(
            "dimension__member_unique",
            "expect_compound_columns_to_be_unique",
            {"column_list": ["dimension", "member"]},
            "one row a group",
        ),
    ),
    owner=Owner.ANALYTICS,
    small_groups=(SmallGroups(PURCHASE_FIGURES),),
)

STATED_SEGMENTS = Table(
    SOURCE,
    "stated_segments",
    "One row a customer: bands of frequency, experience and amount, and the segment they make.",
    (
        CUSTOMER_ID,
        Column("frequency_band", TEXT, "seldom, monthly, often; null where it is not known."),
        Column("experience_band", TEXT, "new, known, long-standing by previous purchases."),
        Column("amount_band", TEXT, "low, mid, high by the amount of the purchase."),
        Column(
            "segment",
            TEXT,
            "loyal, promising, steady, occasional, newcomer or unknown.",
            nullable=False,
            harmless=True,
        ),
    ),
    key=("customer_id",),
    rules=(
        unique("customer_id", "one row a customer"),
        in_set(
            "segment__known",
            ["loyal", "promising", "steady", "occasional", "newcomer", "unknown"],
            "every customer is in a known segment",
        ),
    ),
    owner=Owner.ANALYTICS,
    one_row_a_person=True,
)

FACTORS = Table(
    SOURCE,
    "factors",
    "Does what is bought, or what is paid, differ between kinds of customers and of purchases?",
    (
        Column("factor", TEXT, "What purchases are grouped by.", nullable=False),
        Column("outcome", TEXT, "category, amount or rating.", nullable=False),
        Column("test", TEXT, "Name of the test.", nullable=False),
        Column("groups", INTEGER, "Groups compared."),
        Column("sample_size", INTEGER, "Purchases.", nullable=False),
        Column("statistic", NUMBER, "Chi-square, or Welch's F."),
        Column("effect_size", NUMBER, "Cramer's V, or eta squared (share of variance explained)."),
        P_VALUE,
        P_ADJUSTED,
        VERDICT,
    ),
    key=("factor", "outcome"),
    rules=(in_set("verdict__known", VERDICTS, "a test differs, does not, or cannot tell"),),
    owner=Owner.ANALYTICS,
)

EFFECT_FIGURES = (
    "customers_with",
    "customers_without",
    "mean_with_usd_cents",
    "mean_without_usd_cents",
    "difference_usd_cents",
    "low_usd_cents",
    "high_usd_cents",
    "effect_size",
    "p_value",
    "p_adjusted",
)

FLAG_EFFECTS = Table(
    SOURCE,
    "flag_effects",
    "Mean amounts with and without a discount or subscription: all together and in each gender.",
    (
        Column("flag", TEXT, "has_discount or is_subscribed.", nullable=False),
        Column("population", TEXT, "all, or a gender.", nullable=False),
        Column("customers_with", INTEGER, "Customers with it.", nullable=False),
        Column("customers_without", INTEGER, "Customers without it.", nullable=False),
        Column("mean_with_usd_cents", NUMBER, "Mean amount with it.", unit=CENTS),
        Column("mean_without_usd_cents", NUMBER, "Mean amount without it.", unit=CENTS),
        Column("difference_usd_cents", NUMBER, "With less without.", unit=CENTS),
        Column("low_usd_cents", NUMBER, "Lower end of the difference.", unit=CENTS),
        Column("high_usd_cents", NUMBER, "Upper end of the difference.", unit=CENTS),
        Column("effect_size", NUMBER, "Hedges' g."),
        P_VALUE,
        P_ADJUSTED,
        VERDICT,
        suppressed(),
    ),
    key=("flag", "population"),
    rules=(in_set("verdict__known", VERDICTS, "groups differ, do not, or cannot be compared"),),
    owner=Owner.ANALYTICS,
    small_groups=(SmallGroups(EFFECT_FIGURES),),
)

ANOMALIES = Table(
    SOURCE,
    "anomalies",
    "What purchases of real people seldom show: even spreads, flags that are one, flags in order.",
    (
        Column("check_name", TEXT, "Which column is looked at for what.", nullable=False),
        Column("kind", TEXT, "even spread, same flags or flags in order.", nullable=False),
        Column("what", TEXT, "What was found, in words.", nullable=False),
        Column("figure", NUMBER, "Rows that fit, or distinct values spread over."),
        P_VALUE,
        Column("sample_size", INTEGER, "Rows looked at.", nullable=False),
        Column("is_odd", BOOLEAN, "Whether it is odd."),
    ),
    key=("check_name",),
    rules=(unique("check_name", "one row a check"),),
    owner=Owner.ANALYTICS,
)

PREDICTION = Table(
    SOURCE,
    "prediction",
    "What cross-validated models foretell of a purchase, beside a guess that knows nothing.",
    (
        Column("target", TEXT, "category or amount.", nullable=False),
        Column("model", TEXT, "What foretells.", nullable=False),
        Column("guess", TEXT, "What it is measured against.", nullable=False),
        Column("measure", TEXT, "Share of right guesses, or mean absolute error.", nullable=False),
        Column("model_value", NUMBER, "What the model reaches.", nullable=False),
        Column("guess_value", NUMBER, "What the guess reaches.", nullable=False),
        Column("gain", NUMBER, "How much better the model is; negative if worse.", nullable=False),
        Column("low", NUMBER, "Lower end of the gain's interval.", nullable=False),
        Column("high", NUMBER, "Upper end of the gain's interval.", nullable=False),
        Column("folds", INTEGER, "Parts of the cross-validation.", nullable=False),
        Column("sample_size", INTEGER, "Purchases.", nullable=False),
        Column("is_better", BOOLEAN, "Whether the gain's interval lies above 0.", nullable=False),
    ),
    key=("target",),
    rules=(unique("target", "one row a target"),),
    owner=Owner.ANALYTICS,
)

TABLES = (PURCHASE_INSIGHTS, STATED_SEGMENTS, FACTORS, FLAG_EFFECTS, ANOMALIES, PREDICTION)
