"""What is gathered from a published folder: figures with rows, what is left out, how written."""

from __future__ import annotations

from pathlib import Path

import pytest

from agm_platform.reports.figure import Form, rows_of
from agm_platform.reports.report import Report, gather
from agm_platform.reports.terms import business_terms
from agm_platform.reports.words import in_words
from agm_platform.reports.written import after_number, form_of_unit, written
from agm_platform_tests.reports.snapshots import breakdown, publish


def drawn(report: Report, name: str):
    return next(one for one in report.drawn if one.figure.name == name)


def test_hidden_rows_stay_in_the_table_and_are_not_drawn(report: Report) -> None:
    days = drawn(report, "peak_sales_by_day")
    assert days.table.column("Sales") == [12, None, 30]
    assert days.shown.column("Sales") == [12, 30]
    assert days.hidden == 1


def test_the_words_of_a_figure_are_made_from_its_rows(report: Report) -> None:
    assert in_words(drawn(report, "peak_sales_by_day")) == (
        "Bar chart of Sales, 2 values. Highest: 30 at Day 2020-11-11."
        " Lowest: 12 at Day 2020-11-09. 1 row without a figure."
    )


def test_the_words_of_an_estimate_tell_its_interval(report: Report) -> None:
    words = in_words(drawn(report, "loyalty_drop_off"))
    assert "Highest: 33.3 % (interval 28.3 % to 38.3 %) at Number of the purchase 2" in words


def test_a_figure_without_its_table_is_left_out_and_said(report: Report) -> None:
    left_out = {one.figure.name: one.reason for s in report.sections for one in s.left_out}
    assert left_out["peak_radius_map"].endswith("is not in this snapshot")
    assert "peak.radius_insights" in left_out["peak_radius_map"]


def test_a_figure_all_of_whose_groups_are_hidden_is_left_out_and_said(tmp_path: Path) -> None:
    rows = {"peak.delivery_insights": [breakdown("day", "2020-11-09", None)]}
    published = publish(tmp_path, rows, [{"answer_id": "peak.sales"}])
    (section,) = gather(published).sections
    reasons = {one.figure.name: one.reason for one in section.left_out}
    assert "too few customers" in reasons["peak_sales_by_day"]


def test_a_folder_that_holds_no_snapshot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        gather(tmp_path)
    (tmp_path / "answers.json").write_text("[]")
    with pytest.raises(FileNotFoundError, match=r"insights\.duckdb"):
        gather(tmp_path)


def test_an_answer_knows_its_charts_and_the_query_that_shows_it(report: Report) -> None:
    answers = {one.answer_id: one for one in report.answers}
    assert answers["peak.sales"].figures == ("peak_sales_by_day",)
    assert "peak.delivery_insights" in answers["peak.sales"].query
    assert not answers["agm.holidays"].is_answered
    assert any("passed 1 blocking checks" in step for step in answers["peak.sales"].lineage)


def test_what_an_answer_lists_is_a_table_with_a_column_for_every_field(report: Report) -> None:
    (details,) = (one.details for one in report.answers if one.answer_id == "peak.radius")
    assert details.columns == ("band", "share", "others")
    assert details.rows == (("inside", 2 / 3, None), ("outside", None, "[1]"))


def test_quality_is_summed_up_from_published_tables(report: Report) -> None:
    assert report.quality.reconciliation.rows == (("peak", "raw_orders", 10, 9, 1, 0, 0),)
    assert report.quality.shortfalls.rows == (
        ("peak", "orders", "customer_id", "completeness", 1, 10, 0.9),
    )


def test_every_business_term_has_a_value_and_a_meaning() -> None:
    terms = {term.name: term for term in business_terms()}
    assert terms["DELIVERY_RADIUS_MILES"].value == 5.0
    assert terms["DELIVERY_RADIUS_MILES"].source == "the trial agreement with Peak."
    assert all(term.meaning for term in terms.values())


def test_what_is_not_finite_is_no_value() -> None:
    table = rows_of(["a", "b"], [[float("nan"), float("inf")], [0.5, None]])
    assert table.rows == ((None, None), (0.5, None))


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (1234567, Form.INTEGER, "1,234,567"),
        (42.0, Form.INTEGER, "42"),
        (0.5, Form.PERCENT, "50.0 %"),
        (-3.5, Form.DOLLARS, "-$3.50"),
        (0.00012, Form.DECIMAL, "0.00012"),
        (1234.5, Form.DECIMAL, "1,234.50"),
        (None, Form.DECIMAL, "–"),
        ("a_b", Form.TEXT, "a_b"),
    ],
)
def test_numbers_are_written_as_people_read_them(value: object, form: Form, text: str) -> None:
    assert written(value, form) == text


@pytest.mark.parametrize(
    ("unit", "form", "after"),
    [
        ("share of Peak customers", Form.PERCENT, "of Peak customers"),
        ("fraction of buyers", Form.PERCENT, "of buyers"),
        ("largest difference of two shares", Form.PERCENT, "largest difference of two shares"),
        ("USD", Form.DOLLARS, ""),
        ("USD a buyer", Form.DOLLARS, "a buyer"),
        ("USD cents a member", Form.DECIMAL, "USD cents a member"),
        (None, Form.DECIMAL, ""),
    ],
)
def test_the_unit_tells_how_an_answer_is_written(unit: str | None, form: Form, after: str) -> None:
    assert form_of_unit(unit, 0.25) == form
    assert after_number(unit) == after
