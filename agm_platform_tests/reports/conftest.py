"""One small published folder that all tests here look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from agm_platform.reports.report import Report, gather
from agm_platform_tests.reports.snapshots import breakdown, publish

ROWS = {
    "peak.delivery_insights": [
        breakdown("day", "2020-11-09", 12, net_usd_cents=59040, commission_usd_cents=12960),
        breakdown("day", "2020-11-10", None),
        breakdown("day", "2020-11-11", 30, net_usd_cents=147600, commission_usd_cents=32400),
        breakdown("product", "Soup <b>& more</b>", 21),
        breakdown("product", "=1+1", 7),
        breakdown("radius", "inside", 33),
        breakdown("radius", "uncertain", 11),
    ],
    "agm.sales_insights": [
        breakdown("day", "2020-11-09", 80),
        breakdown("day", "2020-11-11", 90),
    ],
    "loyalty.retention": [
        {
            "member_group": group,
            "purchase_number": number,
            "reached": 100 // number,
            "stopped": 20 // number,
            "drop_off": share,
            "drop_off_low": share - 0.05,
            "drop_off_high": share + 0.05,
            "suppressed": False,
        }
        for group in ("enrolled", "control")
        for number, share in ((1, 0.25), (2, 1 / 3))
    ],
    "instacart.shopping_habits": [
        {
            "dimension": "day",
            "order_day": 0,
            "label": "Saturday",
            "orders": 50,
            "share": 0.5,
            "share_low": 0.4,
            "share_high": 0.6,
            "suppressed": False,
        },
        *(
            {
                "dimension": "day_hour",
                "order_day": 0,
                "order_hour": hour,
                "orders": orders,
                "suppressed": orders is None,
            }
            for hour, orders in ((8, 20), (9, 30), (10, None))
        ),
    ],
    "quality.scores": [
        {
            "source": "peak",
            "table_name": "orders",
            "column_name": "customer_id",
            "score_date": "2020-11-09",
            "completeness": 0.9,
            "completeness_passed": 9,
            "completeness_judged": 10,
        }
    ],
    "peak.reconciliation": [
        {
            "table_name": "raw_orders",
            "business_date": "2020-11-09",
            "received": 10,
            "accepted": 9,
            "quarantined": 1,
            "superseded": 0,
            "unaccounted": 0,
            "on_other_days": 0,
        }
    ],
}
ANSWERS = [
    {
        "answer_id": "peak.sales",
        "question": "How many <sales>?",
        "answer": "Peak delivered 42 sales & <script>alert(1)</script>.",
        "value": 42.0,
        "unit": "sales",
        "sample_size": 42,
        "evidence": "peak.delivery_insights",
        "method": "Counted.",
        "as_of": "2020-11-11",
    },
    {
        "answer_id": "peak.radius",
        "value": 2 / 3,
        "low": 0.5,
        "high": 0.8,
        "unit": "share of Peak customers",
        "sample_size": 97,
        "details": [{"band": "inside", "share": 2 / 3}, {"band": "outside", "others": [1]}],
        "evidence": "peak.radius_insights",
    },
    {
        "answer_id": "agm.holidays",
        "answer": "Cannot be answered yet: there is no file.",
        "caveat": "there is no file.",
        "sample_size": 0,
        "evidence": "agm.holiday_effect",
    },
]


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("published"), ROWS, ANSWERS)


@pytest.fixture(scope="session")
def report(published: Path) -> Report:
    return gather(published)
