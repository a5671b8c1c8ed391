"""The page without a browser: questions, filters, sums, and what it says when there is nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from agm_platform_tests.reports.conftest import ANSWERS, ROWS
from agm_platform_tests.reports.snapshots import publish

MORE = {
    "peak.orders": [
        {"order_id": f"o{number}", "business_date": f"2020-11-{24 + number}", "store_id": store}
        | {"subtotal_usd_cents": cents}
        for number, (store, cents) in enumerate([("s1", 1200), ("s2", 2400), ("s1", 3600)])
    ]
}


def page(link: str) -> None:
    """Is run by Streamlit's test bench as a script of its own."""
    from pathlib import Path

    from agm_platform.dashboard.app import main

    main(Path(link))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("first"), {**ROWS, **MORE}, ANSWERS)


def opened(link: Path) -> AppTest:
    app = AppTest.from_function(page, args=(str(link),), default_timeout=120).run()
    assert not app.exception
    return app


def chosen(app: AppTest, look: str, source: str, name: str) -> AppTest:
    app.sidebar.radio[0].set_value(look).run()
    app.sidebar.selectbox[0].set_value(source).run()
    (list_of_names,) = [one for one in app.selectbox if one.label == look]
    list_of_names.set_value(name).run()
    assert not app.exception
    return app


def texts(app: AppTest) -> list[str]:
    return [one.value for one in app.text]


def test_before_the_first_snapshot_it_says_what_to_do(tmp_path: Path) -> None:
    app = opened(tmp_path / "published")
    assert "make run" in app.info[0].value
    assert not app.sidebar.selectbox


def test_an_answer_leads_to_its_evidence_and_charts(folder: Path) -> None:
    app = chosen(opened(folder), "Question", "peak", "peak.radius")
    assert "66.7 % of Peak customers, 95% interval 50.0 % to 80.0 %, from 97 observations" in texts(
        app
    )
    assert app.info[0].value.startswith("It rests on peak.radius_insights, which is not in what is")
    app = chosen(app, "Question", "peak", "peak.sales")
    assert "`peak.delivery_insights`" in [one.value for one in app.subheader]
    assert app.dataframe[0].value["dimension"].unique().tolist() == ["day"]


def test_what_an_answer_says_is_text_and_never_markup(folder: Path) -> None:
    app = chosen(opened(folder), "Question", "peak", "peak.sales")
    assert "Peak delivered 42 sales & <script>alert(1)</script>." in texts(app)
    assert not [one for one in app.markdown if "<script>" in one.value]


def test_filters_narrow_the_rows(folder: Path) -> None:
    app = chosen(opened(folder), "Table", "peak", "peak.orders")
    assert len(app.dataframe[0].value) == 3
    app.sidebar.multiselect[0].set_value(["s1"]).run()
    assert app.dataframe[0].value["order_id"].tolist() == ["o0", "o2"]
    assert "2 rows." in [one.value for one in app.caption]
    (by,) = [one for one in app.selectbox if one.label == "Add up by"]
    by.set_value("store_id").run()
    assert app.dataframe[0].value.to_dict("records") == [
        {"store_id": "s1", "rows": 2, "subtotal_usd_cents": 4800}
        | {
            name: None
            for name in app.dataframe[0].value.columns
            if name not in {"store_id", "rows", "subtotal_usd_cents"}
        }
    ]


def test_a_new_snapshot_is_told_and_shown_when_asked_for(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "published"
    link.symlink_to(folder)
    app = opened(link)
    assert not app.warning
    newer = publish(tmp_path / "second", {}, [{"answer_id": "agm.new", "question": "New?"}])
    link.unlink()
    link.symlink_to(newer)
    app.run()
    assert [one.value for one in app.warning] == ["A new snapshot is there."]
    assert "New?" not in [one.value for one in app.subheader]
    app.button[0].click().run()
    assert not app.warning
    assert "New?" in [one.value for one in app.subheader]


def test_a_snapshot_that_was_deleted_is_not_shown_any_longer(folder: Path, tmp_path: Path) -> None:
    link, old = tmp_path / "published", tmp_path / "old"
    shutil.copytree(folder, old)
    link.symlink_to(old)
    app = opened(link)
    shutil.rmtree(old)
    link.unlink()
    link.symlink_to(publish(tmp_path / "second", {}, [{"answer_id": "agm.n", "question": "New?"}]))
    app.run()
    assert not app.exception
    assert "New?" in [one.value for one in app.subheader]
