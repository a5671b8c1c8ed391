"""What Dagster shows of a published table is what readers get, and of persons nothing."""

import base64
from pathlib import Path
from xml.etree import ElementTree as ET

import dagster as dg
import pandas as pd
import pytest

from agm_platform.defs.answers.links import evidence_links
from agm_platform.defs.publish.pictures import LARGEST, picture
from agm_platform.defs.publish.reports import site
from agm_platform.defs.publish.shelf import Shelf, point_to
from agm_platform_tests.reports.snapshots import breakdown, publish

EVIDENCE = "peak.delivery_insights"
DELIVERIES = dg.AssetKey(["peak", "delivery_insights"])
ROWS = {
    "peak.delivery_insights": [
        breakdown("day", "2020-11-09", 12),
        breakdown("day", "2020-11-10", None),
        *(breakdown("product", f"Soup {number} {'x' * 200}", 9) for number in range(9)),
    ],
    "peak.customer_accuracy": [
        {"customer_id": f"p{number}", "agreement": "exact", "is_exact": True}
        for number in range(30)
    ],
    "agm.stores": [{"store_id": "s1", "zip": "94704"}],
}


def seen(folder: Path, *, reports: bool = True) -> dict[dg.AssetKey, dg.AssetObservation]:
    """Publish and make the site; return what Dagster was told of each table."""
    target = publish(folder / "snapshots" / "one", ROWS)
    point_to(folder / "published", target)
    shelf = Shelf(
        published_path=str(folder / "published"),
        snapshots_path=str(folder / "snapshots"),
        reports=reports,
    )
    result = dg.materialize([site], resources={"shelf": shelf})
    observed = result.get_asset_observation_events()
    return {
        one.asset_key: one.event_specific_data.asset_observation
        for one in observed
        if one.asset_key
    }


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> dict[dg.AssetKey, dg.AssetObservation]:
    return seen(tmp_path_factory.mktemp("site"))


def test_a_table_has_its_chart_its_first_rows_and_the_way_to_the_site(
    observed: dict[dg.AssetKey, dg.AssetObservation],
) -> None:
    told = observed[DELIVERIES].metadata
    assert told.keys() == {"picture", "more", "first rows"}
    assert str(told["more"].value).endswith("published/site/peak.html#figure-peak_sales_by_day")
    text = str(told["picture"].value)
    assert text.startswith("![Delivered sales by day](data:image/svg+xml;base64,")
    assert len(text) < LARGEST
    drawn = ET.fromstring(base64.b64decode(text.partition("base64,")[2].rstrip(")")))
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    words = {each.text for each in drawn.iter() if each.tag.endswith("text")}
    assert {"Sales", "Day"} <= words


def test_rows_are_few_short_and_as_readers_get_them(
    observed: dict[dg.AssetKey, dg.AssetObservation],
) -> None:
    rows = observed[DELIVERIES].metadata["first rows"]
    assert isinstance(rows, dg.TableMetadataValue)
    assert len(rows.records) == 5
    assert rows.records[0].data["orders"] == 12
    assert rows.records[1].data["orders"] is None
    assert rows.records[1].data["suppressed"] is True
    assert max(len(str(value)) for each in rows.records for value in each.data.values()) == 100


def test_of_a_table_of_persons_there_is_the_chart_and_no_row(
    observed: dict[dg.AssetKey, dg.AssetObservation],
) -> None:
    told = observed[dg.AssetKey(["peak", "customer_accuracy"])].metadata
    assert told.keys() == {"picture", "more"}
    assert "p7" not in repr(told)


def test_of_a_table_without_a_figure_that_is_no_analysis_nothing_is_told(
    observed: dict[dg.AssetKey, dg.AssetObservation],
) -> None:
    assert dg.AssetKey(["agm", "stores"]) not in observed


def test_without_reports_nothing_is_told(tmp_path: Path) -> None:
    assert seen(tmp_path, reports=False) == {}


def test_a_picture_has_a_size_and_ink_of_its_own() -> None:
    svg = (
        '<svg role="img" aria-labelledby="a b" viewBox="0 0 815 329" width="815">'
        '<title id="a">T</title><desc id="b">D</desc>'
        '<g class="x" aria-hidden="true"><path fill="currentColor" d="M1,1h2"/></g></svg>'
    )
    text = base64.b64decode(picture(svg).partition("base64,")[2]).decode()
    assert text == (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 815 329" width="640">'
        '<g><path fill="#6b7780" d="M1,1h2"/></g></svg>'
    )


def test_each_answer_leads_to_its_evidence_and_to_the_site() -> None:
    rows = pd.DataFrame(
        [
            ("peak.sales", "peak", "97 | more.", "peak.delivery_insights"),
            ("peak.odd", "peak", "Nobody knows.", None),
            ("peak.gone", "peak", "Some.", "peak.no_such_table"),
        ],
        columns=["answer_id", "source", "answer", "evidence"],
    )
    told = evidence_links(rows)
    assert told.keys() == {"answers", "site", "evidence peak.delivery_insights"}
    assert told["evidence peak.delivery_insights"] == dg.MetadataValue.asset(DELIVERIES)
    assert told["answers"].value.splitlines()[2:] == [
        f"| **peak.sales**: 97 \\| more. | [{EVIDENCE}](/assets/peak/delivery_insights) |",
        "| **peak.odd**: Nobody knows. |  |",
        "| **peak.gone**: Some. |  |",
    ]
    assert str(told["site"].value).endswith("published/site/peak.html")


def test_no_answers_are_no_trouble() -> None:
    told = evidence_links(pd.DataFrame(columns=["answer_id", "source", "answer", "evidence"]))
    assert told.keys() == {"answers"}
