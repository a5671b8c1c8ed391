"""Contracts of who is who: Peak's customers linked to AGM's, and what sharing would buy."""

from __future__ import annotations

from agm_platform.contracts.breakdown import suppressed
from agm_platform.contracts.model import (
    Column,
    OnFailure,
    Owner,
    Rule,
    Severity,
    SmallGroups,
    Table,
    Type,
)
from agm_platform.contracts.rules import in_set, unique

TEXT, INTEGER, NUMBER, BOOLEAN = Type.TEXT, Type.INTEGER, Type.NUMBER, Type.BOOLEAN
SOURCE = "customers"
GROUP = "customers"
NO_CANDIDATE = "none"

NOTHING, HASHES, ENCODINGS, PLAIN = (
    "nothing_shared",
    "keyed_hashes",
    "private_encodings",
    "plain_details",
)

LINKS = Table(
    SOURCE,
    "links",
    "One row a Peak customer: the AGM customer that it is most likely, and how sure that is.",
    (
        Column(
            "customer_id", TEXT, "Peak's number of the customer.", nullable=False, identity="peak"
        ),
        Column(
            "agm_customer_id",
            TEXT,
            "AGM's number of the best candidate; null if none.",
            identity="agm",
        ),
        Column(
            "band", TEXT, "accept, review, reject, or none without a candidate.", nullable=False
        ),
        Column("probability", NUMBER, "That both are one person, calibrated.", unit="fraction"),
        Column("match_weight", NUMBER, "Evidence that both are one person.", unit="bits"),
        Column("margin", NUMBER, "Lead over the second best; null without one.", unit="bits"),
        Column("same_zip", BOOLEAN, "Whether the ZIPs agree; null where a side has none."),
        Column("explanation", TEXT, "Why, in words without any value."),
        Column("agreement", TEXT, "Level of agreement of each comparison."),
        Column("model_version", TEXT, "Model that weighed it."),
    ),
    key=("customer_id",),
    rules=(
        unique("customer_id", "a Peak customer has one best candidate"),
        in_set(
            "band__known",
            ["accept", "review", "reject", NO_CANDIDATE],
            "every customer is in a known band",
        ),
        Rule(
            "agm_customer_id__linked_once",
            "expect_column_values_to_be_unique",
            {"column": "agm_customer_id", "row_condition": 'band == "accept"'},
            "no AGM customer is two Peak customers",
        ),
    ),
    publish=False,
    group=GROUP,
)

MATCH_DRIFT = Table(
    SOURCE,
    "match_drift",
    "One row: whether today's links look like those that the matching model was trained on.",
    (
        Column("model_version", TEXT, "The model.", nullable=False),
        Column("links", INTEGER, "Likely links compared."),
        Column("stability_index", NUMBER, "Largest population stability index; null if too few."),
        Column("subject", TEXT, "What has that index."),
        Column("warning", TEXT, "What to do; null if nothing."),
    ),
    key=("model_version",),
    rules=(
        Rule(
            "warning__none",
            "expect_column_values_to_be_null",
            {"column": "warning"},
            "today's links look like those of the training",
            OnFailure.WARN,
            Severity.WARNING,
        ),
    ),
    group=GROUP,
)

WITHHOLDING_VERDICT = Table(
    SOURCE,
    "withholding_verdict",
    "One row a way of exchanging customer details: what it finds, how right it is, what it costs.",
    (
        Column("policy", TEXT, f"{NOTHING}, {HASHES}, {ENCODINGS} or {PLAIN}.", nullable=False),
        Column("description", TEXT, "What is exchanged, in words.", nullable=False),
        Column("customers", INTEGER, "Peak customers with accepted orders.", nullable=False),
        Column("recognised", INTEGER, "Of these, linked to an AGM customer.", nullable=False),
        Column("recognised_share", NUMBER, "recognised of customers.", unit="fraction"),
        Column("recognised_low", NUMBER, "Lower end of Wilson's 95 % interval.", unit="fraction"),
        Column("recognised_high", NUMBER, "Upper end of it.", unit="fraction"),
        Column(
            "precision",
            NUMBER,
            "Estimated share of the links that are right: the mean calibrated probability.",
            unit="fraction",
        ),
        Column("precision_low", NUMBER, "Lower end of its 95 % interval.", unit="fraction"),
        Column("precision_high", NUMBER, "Upper end of it.", unit="fraction"),
        Column("orders", INTEGER, "Orders of recognised customers.", nullable=False),
        Column("gross_usd_cents", INTEGER, "Their price.", unit="USD cents", nullable=False),
        Column("total_orders", INTEGER, "Orders of all Peak customers.", nullable=False),
        Column("total_gross_usd_cents", INTEGER, "Their price.", unit="USD cents", nullable=False),
        Column(
            "also_pick_up", INTEGER, "Recognised customers with a pick-up order.", nullable=False
        ),
        Column("days_in_both", INTEGER, "Days on which one bought in both ways.", nullable=False),
        Column("pick_up_stores", INTEGER, "Stores where they pick up.", nullable=False),
        Column("new_customers", NUMBER, "Expected number of customers new to AGM."),
        Column("new_low", NUMBER, "Lower end of its 95 % interval."),
        Column("new_high", NUMBER, "Upper end of it."),
        Column("agm_learns", TEXT, "What AGM learns of Peak's customers.", nullable=False),
        Column("peak_learns", TEXT, "What Peak learns of AGM's list.", nullable=False),
        Column(
            "reidentified_share",
            NUMBER,
            "Share of AGM's list that the strongest attack measured finds without the key.",
            unit="fraction",
        ),
        Column("is_list_shared", BOOLEAN, "Whether AGM's list leaves AGM.", nullable=False),
        suppressed(what="orders and money of the recognised"),
        suppressed("overlap_suppressed", "the figures of who picks up too"),
    ),
    key=("policy",),
    rules=(
        in_set("policy__known", [NOTHING, HASHES, ENCODINGS, PLAIN], "every way is a known one"),
        Rule(
            "recognised__not_above_customers",
            "expect_column_pair_values_a_to_be_greater_than_b",
            {"column_A": "customers", "column_B": "recognised", "or_equal": True},
            "no more are recognised than there are",
        ),
    ),
    group=GROUP,
    owner=Owner.ANALYTICS,
    small_groups=(
        SmallGroups(("orders", "gross_usd_cents")),
        SmallGroups(("also_pick_up", "days_in_both", "pick_up_stores"), "overlap_suppressed"),
    ),
)

TABLES = (LINKS, MATCH_DRIFT, WITHHOLDING_VERDICT)
