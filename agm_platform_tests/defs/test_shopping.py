"""The shopping trends: every variant of the file, every rule, insights by hand, planted effects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pytest
import xlsxwriter

from agm_platform.contracts import shopping, shopping_insights, shopping_rules
from agm_platform.contracts.categories import SYNONYMS
from agm_platform.defs.sources.shopping.staging import staged_shopping_trends
from agm_platform.settings import REPOSITORY
from agm_platform.warehouse.types import empty_relation
from agm_platform.world.sources.shopping import ShoppingSize, write_files
from agm_platform_tests.defs.conftest import Make, rows_of
from agm_platform_tests.defs.shopping_chain import Chain, chain, read

SEEDS = REPOSITORY.parent / "shared" / "seeds" / "shopping" / "shopping_trends.csv"
HEADER = (
    "Customer ID,Age,Gender,Item Purchased,Category,Purchase Amount (USD),Location,Size,Color,"
    "Season,Review Rating,Subscription Status,Payment Method,Shipping Type,Discount Applied,"
    "Promo Code Used,Previous Purchases,Preferred Payment Method,Frequency of Purchases"
)
ROW = (
    "1,55,Male,Blouse,Clothing,53,Kentucky,L,Gray,Winter,3.1,Yes,Credit Card,Express,Yes,Yes,14,"
    "Venmo,Fortnightly"
)
GOOD = {
    "customer_id": "1",
    "age": "55",
    "gender": "Male",
    "item_purchased": "Blouse",
    "category": "Clothing",
    "purchase_amount_usd": "53",
    "location": "Kentucky",
    "size": "L",
    "color": "Gray",
    "season": "Winter",
    "review_rating": "3.1",
    "subscription_status": "Yes",
    "payment_method": "Credit Card",
    "shipping_type": "Express",
    "discount_applied": "Yes",
    "promo_code_used": "Yes",
    "previous_purchases": "14",
    "preferred_payment_method": "Venmo",
    "frequency_of_purchases": "Fortnightly",
}
SNAKE = ",".join(GOOD).replace("purchase_amount_usd", "purchase_amount")


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (f"{HEADER}\r\n{ROW}\r\n", ""),
        (f"\ufeff{SNAKE}\n{ROW}\n", "purchase_amount read as purchase_amount_usd"),
        (f",Unnamed: 0,{HEADER}\r\n0,0,{ROW}\r\n", "one without a name, unnamed_0"),
        (f",{HEADER}\n0,{ROW}\n", "one without a name"),
    ],
    ids=["as sent", "snake case with mark", "two index columns", "one index column"],
)
def test_every_variant_gives_the_same_row(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, content: str, note: str
) -> None:
    path = tmp_path / "shopping_trends.csv"
    path.write_bytes(content.encode())
    found = read(connection, path, tmp_path)
    assert found.relation is not None, found.reason
    assert found.relation.fetchall() == [(1, *ROW.split(","))]
    assert note in "; ".join(found.notes)


def test_a_workbook_with_an_index_column_gives_the_same_row(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "shopping_trends.xlsx"
    cells = [int(text) if text.isdigit() else text for text in ROW.split(",")]
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 1, HEADER.split(","))
        sheet.write_row(1, 0, [0, *cells])
    found = read(connection, path, tmp_path)
    assert found.relation is not None, found.reason
    assert found.relation.fetchall() == [(1, *ROW.split(","))]


def without(text: str, place: int) -> str:
    parts = text.split(",")
    return ",".join(parts[:place] + parts[place + 1 :])


@pytest.mark.parametrize("front", ["", ",Unnamed: 0,"])
def test_a_renamed_payment_method_is_refused_with_words_that_explain_it(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, front: str
) -> None:
    header = without(HEADER, 12).replace("Preferred Payment Method", "Payment Method")
    row = ("0,0," if front else "") + without(ROW, 12)
    path = tmp_path / "shopping_trends_updated.csv"
    path.write_text(f"{front}{header}\n{row}\n", encoding="utf-8")
    found = read(connection, path, tmp_path)
    assert found.relation is None
    assert "lacks preferred_payment_method" in str(found.reason)
    assert "the same header with another meaning" in str(found.reason)


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("shopping_trends.csv", True),
        ("shopping_trends_updated.csv", True),
        ("shopping_trends_updated.xlsx", True),
        ("Shopping Trends (1).csv", True),
        ("shopping_trends.csv.part", False),
        ("shopping_trendsetters.csv", False),
        ("notes.csv", False),
    ],
)
def test_the_feed_takes_updated_files_and_copies(name: str, fits: bool) -> None:
    assert shopping.TRENDS.matches(name) is fits


FORTNIGHT = {
    "source": "shopping",
    "field": "purchase_frequency",
    "spelling": "bi-weekly",
    "value": "Fortnightly",
}


def staged(make: Make, **changed: str | None) -> dict[str, Any]:
    raw = make(shopping.RAW_SHOPPING_TRENDS, {"row_number": 1, **GOOD, **changed})
    table = shopping.STAGED_SHOPPING_TRENDS
    return rows_of(staged_shopping_trends(raw, make(SYNONYMS, FORTNIGHT)), table)[0]


def test_a_row_gets_types_bands_and_one_word_for_its_frequency(make: Make) -> None:
    row = staged(make, gender=" male ", frequency_of_purchases="bi-weekly")
    assert row["failed_rule"] is None
    assert row["gender"] == "Male"
    assert row["age_band"] == "45-59"
    assert row["subtotal_usd_cents"] == 5300
    assert row["is_subscribed"] is True
    assert row["review_rating"] == 3.1
    assert (row["purchase_frequency_received"], row["purchase_frequency"]) == (
        "Bi-Weekly",
        "Fortnightly",
    )
    assert row["purchases_a_year"] == 26


def test_a_word_for_frequency_that_nobody_has_reviewed_waits_if_the_setting_says_so(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGM_UNKNOWN_SPELLINGS", "quarantine")
    row = staged(make, frequency_of_purchases="Now and then")
    assert row["failed_rule"] == "purchase_frequency__spelling_known"
    assert staged(make, frequency_of_purchases="Bi-Weekly")["failed_rule"] is None


def test_every_word_of_the_owners_file_has_a_meaning_in_the_reviewed_list() -> None:
    with duckdb.connect() as engine:
        listed = engine.execute(
            "select spelling, value from read_csv($path) where source = 'shopping'",
            {"path": str(REPOSITORY / "data" / "reference" / "synonyms.csv")},
        ).fetchall()
    reviewed = dict(listed)
    meanings = {word: reviewed.get(word.lower(), word) for word in shopping_rules.FREQUENCY_WORDS}
    assert set(meanings.values()) == set(shopping_rules.PURCHASES_A_YEAR)
    assert meanings["Bi-Weekly"] == "Fortnightly"
    assert meanings["Every 3 Months"] == "Quarterly"


def test_an_unknown_frequency_is_kept_and_means_nothing(make: Make) -> None:
    row = staged(make, frequency_of_purchases="Now and then")
    assert row["failed_rule"] is None
    assert row["purchase_frequency_received"] == "Now and then"
    assert row["purchase_frequency"] == "unknown"
    assert row["purchases_a_year"] is None


BROKEN: list[tuple[dict[str, str | None], str]] = [
    ({"customer_id": "A1"}, "customer_id__not_null"),
    ({"age": None}, "age_years__not_null"),
    ({"age": "17"}, "age_years__in_limits"),
    ({"age": "101"}, "age_years__in_limits"),
    ({"gender": None}, "gender__not_null"),
    ({"gender": "M"}, "gender__known"),
    ({"purchase_amount_usd": "-1"}, "subtotal_usd_cents__not_null"),
    ({"purchase_amount_usd": "10000.01"}, "subtotal_usd_cents__in_limits"),
    ({"review_rating": ""}, "review_rating__not_null"),
    ({"review_rating": "5.1"}, "review_rating__in_limits"),
    ({"subscription_status": "perhaps"}, "is_subscribed__not_null"),
    ({"payment_method": None}, "payment_method__not_null"),
    ({"payment_method": "Cheque"}, "payment_method__known"),
    ({"shipping_type": None}, "shipping_type__not_null"),
    ({"shipping_type": "Pigeon"}, "shipping_type__known"),
]
ON_LIMITS: list[dict[str, str | None]] = [
    {"age": "18"},
    {"age": "100"},
    {"purchase_amount_usd": "10000"},
]


@pytest.fixture(scope="module")
def failed_rules() -> list[str | None]:
    """The rule that each changed row breaks, broken ones first, each with a customer of its own."""
    columns = [column.name for column in shopping.RAW_SHOPPING_TRENDS.columns]
    rows = [
        (number, *({**GOOD, "customer_id": str(number), **changed}[name] for name in columns[1:]))
        for number, changed in enumerate([*(changed for changed, _ in BROKEN), *ON_LIMITS], 1)
    ]
    with duckdb.connect() as connection:
        names = ", ".join(f"{name} varchar" for name in columns[1:])
        connection.execute(f"create table raw (row_number bigint, {names})")
        marks = ", ".join("?" for _ in columns)
        connection.executemany(f"insert into raw values ({marks})", rows)
        table = shopping.STAGED_SHOPPING_TRENDS
        reviewed = nw.from_native(empty_relation(connection, SYNONYMS))
        raw = nw.from_native(connection.table("raw"))
        found = rows_of(staged_shopping_trends(raw, reviewed), table)
    by_number = {row["row_number"]: row["failed_rule"] for row in found}
    return [by_number[number] for number, *_ in rows]


@pytest.mark.parametrize(
    ("place", "rule"),
    [(place, rule) for place, (_, rule) in enumerate(BROKEN)],
    ids=[f"{changed}-{rule}" for changed, rule in BROKEN],
)
def test_a_row_that_breaks_a_rule_names_it(
    failed_rules: list[str | None], place: int, rule: str
) -> None:
    assert failed_rules[place] == rule


@pytest.mark.parametrize("place", range(len(ON_LIMITS)), ids=map(str, ON_LIMITS))
def test_a_row_on_the_owners_limits_is_accepted(failed_rules: list[str | None], place: int) -> None:
    assert failed_rules[len(BROKEN) + place] is None


def test_of_a_customer_who_stands_twice_the_first_row_counts(make: Make) -> None:
    raw = make(shopping.RAW_SHOPPING_TRENDS, {"row_number": 1, **GOOD}, {"row_number": 2, **GOOD})
    table = shopping.STAGED_SHOPPING_TRENDS
    rows = {
        row["row_number"]: row
        for row in rows_of(staged_shopping_trends(raw, make(SYNONYMS)), table)
    }
    assert rows[1]["failed_rule"] is None
    assert rows[2]["failed_rule"] == "copy_number__first"


def world(connection: duckdb.DuckDBPyConnection, folder: Path, **size: Any) -> Chain:
    """Make the tables of an invented file."""
    (path,) = write_files(ShoppingSize(**size), 41, folder)
    found = read(connection, path, folder)
    assert found.relation is not None, found.reason
    return chain(connection, nw.from_native(found.relation))


def test_a_file_without_effects_shows_none_and_says_what_is_odd(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    made = world(connection, tmp_path, customers=3000, wrong_rows=3)
    answers = made.answers()
    assert answers["shopping.purchases"]["value"] == 3000
    assert answers["shopping.factors"]["value"] <= 1
    assert "cannot be foretold" in answers["shopping.prediction"]["answer"]
    assert answers["shopping.discount_effect"]["answer"].startswith("Cannot be separated")
    verdicts = {row["verdict"] for row in made.rows(shopping_insights.FLAG_EFFECTS)}
    assert verdicts == {"not told apart", "cannot tell"}
    odd = {row["check_name"] for row in made.rows(shopping_insights.ANOMALIES) if row["is_odd"]}
    assert {"has_discount_is_has_promo_code", "discount_in_order"} <= odd
    assert {row["failed_rule"] for row in made.rows(shopping.STAGED_SHOPPING_TRENDS)} == {
        None,
        "payment_method__known",
    }


def test_planted_effects_are_found_and_can_be_separated(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    made = world(
        connection,
        tmp_path,
        customers=3000,
        discount_dollars=10.0,
        season_tilt=0.9,
        discounts_at_random=1,
    )
    answers = made.answers()
    effect = answers["shopping.discount_effect"]
    assert effect["low"] < 10 < effect["high"]
    assert effect["low"] > 0
    assert not effect["answer"].startswith("Cannot be separated")
    assert "season with category" in answers["shopping.factors"]["answer"]
    assert answers["shopping.prediction"]["low"] > 0
    assert "Better than a guess" in answers["shopping.prediction"]["answer"]
    odd = {row["check_name"] for row in made.rows(shopping_insights.ANOMALIES) if row["is_odd"]}
    assert not {"discount_in_order", "subscription_in_order"} & odd


def test_without_a_file_every_answer_says_what_is_missing(make: Make) -> None:
    raw = make(shopping.RAW_SHOPPING_TRENDS)
    with duckdb.connect() as other:
        text = ", ".join(f"null::varchar as {name}" for name in GOOD)
        relation = other.sql(f"select null::bigint as row_number, {text} where false")
        answers = chain(other, nw.from_native(relation)).answers()
    assert rows_of(raw, shopping.RAW_SHOPPING_TRENDS) == []
    assert len(answers) == 17
    for name, row in answers.items():
        assert row["value"] is None, name
        assert row["answer"].startswith(("Cannot be answered yet", "Not computable here")), name


def test_groups_of_too_few_customers_are_marked_with_a_second_one(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    made = world(connection, tmp_path, customers=60)
    rows = made.rows(shopping_insights.PURCHASE_INSIGHTS)
    states = [row for row in rows if row["dimension"] == "state"]
    assert all(row["suppressed"] for row in states if 0 < row["customers"] < 10)
    hidden = [r for r in rows if r["dimension"] == "category" and r["suppressed"]]
    assert len(hidden) != 1


def test_segments_are_made_of_frequency_and_experience(make: Make) -> None:
    from agm_platform.defs.insights.shopping_insights import stated_segments

    people = [
        ("1", 52, 31, "loyal"),
        ("2", 26, 30, "promising"),
        ("3", 12, 50, "steady"),
        ("4", 4, 10, "newcomer"),
        ("5", 1, 11, "occasional"),
        ("6", None, 50, "unknown"),
    ]
    customers = make(
        shopping.CLEAN_CUSTOMERS,
        *(
            {"customer_id": n, "purchases_a_year": often, "previous_purchases": before}
            for n, often, before, _ in people
        ),
    )
    orders = make(
        shopping.ORDERS,
        *(
            {"order_id": n, "customer_id": n, "subtotal_usd_cents": 4000 + int(n)}
            for n, *_ in people
        ),
    )
    rows = rows_of(stated_segments(orders, customers), shopping_insights.STATED_SEGMENTS)
    assert [(row["customer_id"], row["segment"]) for row in rows] == [
        (n, segment) for n, _, _, segment in people
    ]
    assert {row["amount_band"] for row in rows} == {"mid"}


@pytest.mark.skipif(not SEEDS.exists(), reason="the owner's file is not here")
def test_the_owners_file_gives_the_figures_that_are_known(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    found = read(connection, SEEDS, tmp_path)
    assert found.relation is not None
    assert not found.notes
    made = chain(connection, nw.from_native(found.relation))
    answers = made.answers()
    assert answers["shopping.purchases"]["value"] == 3900
    assert answers["shopping.revenue_dollars"]["value"] == 233_081
    assert round(answers["shopping.mean_purchase_dollars"]["value"], 2) == 59.76
    genders = json.loads(answers["shopping.revenue_by_gender"]["details"])
    assert {row["gender"]: row["customers"] for row in genders} == {"Male": 2652, "Female": 1248}
    effects = {
        (row["flag"], row["population"]): row["customers_with"]
        for row in made.rows(shopping_insights.FLAG_EFFECTS)
    }
    assert effects["has_discount", "all"] == effects["has_discount", "Male"] == 1677
    assert effects["is_subscribed", "all"] == effects["is_subscribed", "Male"] == 1053
    assert "7 words for frequency mean 5" in answers["shopping.segments"]["caveat"]
    assert (
        "expected Autumn; the file has it 0 times"
        in answers["shopping.revenue_by_season"]["caveat"]
    )
    same = [r for r in made.rows(shopping_insights.ANOMALIES) if r["kind"] == "same flags"]
    assert same[0]["figure"] == 3900
