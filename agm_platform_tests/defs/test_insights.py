"""Insights: orders summed up, holidays, segments and ZIPs, on frames small enough to read."""

from datetime import date, timedelta

import duckdb
import narwhals as nw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.contracts import agm, peak, reference
from agm_platform.defs.insights.calendar import day_number, weekday, weekday_name
from agm_platform.defs.insights.delivery_insights import delivery_insights
from agm_platform.defs.insights.holiday_effect import holiday_effect
from agm_platform.defs.insights.radius_insights import radius_insights
from agm_platform.defs.insights.sales_insights import sales_insights
from agm_platform.defs.insights.segments import segments
from agm_platform.defs.privacy import Privacy
from agm_platform_tests.defs.conftest import Make, rows_of

PRIVACY = Privacy(keys_path="not used")

SATURDAY = date(2020, 10, 3)


@given(st.lists(st.dates(min_value=date(1, 1, 1)), min_size=1, max_size=50))
@settings(max_examples=4)
def test_day_numbers_and_weekdays_are_those_of_the_calendar(days: list[date]) -> None:
    with duckdb.connect() as connection:
        given_days = connection.sql("select unnest($days::date[]) as day", params={"days": days})
        rows = (
            nw.from_native(given_days)
            .select(a=day_number("day"), b=weekday("day"), c=weekday_name("day"))
            .to_native()
            .fetchall()
        )
    assert rows == [(day.toordinal(), day.isoweekday(), f"{day:%A}") for day in days]


def test_deliveries_are_summed_up_in_total_and_along_every_dimension(make: Make) -> None:
    orders = make(
        peak.ORDERS,
        *(
            {
                "business_date": SATURDAY,
                "order_date": SATURDAY,
                "order_id": order,
                "store_id": "1",
                "customer_id": customer,
                "subtotal_usd_cents": cents,
                "commission_usd_cents": cents * 18 // 100,
                "net_usd_cents": cents * 82 // 100,
            }
            for order, customer, cents in (("a", "42", 3600), ("b", "42", 1200))
        ),
    )
    lines = make(
        peak.ORDER_LINES,
        {
            "order_id": "a",
            "line_number": 1,
            "product_id": "1",
            "quantity": 2,
            "line_usd_cents": 2400,
        },
        {
            "order_id": "a",
            "line_number": 2,
            "product_id": "2",
            "quantity": 1,
            "line_usd_cents": 1200,
        },
        {
            "order_id": "b",
            "line_number": 1,
            "product_id": "1",
            "quantity": 1,
            "line_usd_cents": 1200,
        },
    )
    customers = make(
        peak.CLEAN_CUSTOMERS, {"customer_id": "42", "zip": "94609", "radius_band": "inside"}
    )
    products = make(
        agm.PRODUCTS,
        *(
            {"product_id": str(number), "product_name": name}
            for number, name in enumerate("XYZ", 1)
        ),
    )
    found = {
        (row["dimension"], row["member"]): row
        for row in rows_of(
            delivery_insights(orders, lines, customers, products, PRIVACY), peak.DELIVERY_INSIGHTS
        )
    }
    total = found["total", "all"]
    assert [total[name] for name in ("orders", "customers", "order_lines", "meals")] == [2, 1, 3, 4]
    assert [
        total[name] for name in ("gross_usd_cents", "commission_usd_cents", "net_usd_cents")
    ] == [
        4800,
        864,
        3936,
    ]
    assert {key for key in found if key[0] != "total"} == {
        ("day", "2020-10-03"),
        ("weekday", "Saturday"),
        ("store", "1"),
        ("radius", "inside"),
        ("zip", "94609"),
        ("meals_in_sale", "1"),
        ("meals_in_sale", "3"),
        ("product", "X"),
        ("product", "Y"),
        ("product", "Z"),
    }
    assert (found["product", "X"]["meals"], found["product", "X"]["orders"]) == (3, 2)
    assert (found["product", "Z"]["meals"], found["product", "Z"]["gross_usd_cents"]) == (0, 0)
    assert found["product", "X"]["net_usd_cents"] is None


def test_no_deliveries_make_no_total_but_list_the_products(make: Make) -> None:
    frame = delivery_insights(
        make(peak.ORDERS),
        make(peak.ORDER_LINES),
        make(peak.CLEAN_CUSTOMERS),
        make(agm.PRODUCTS, {"product_id": "1", "product_name": "X"}),
        PRIVACY,
    )
    rows = rows_of(frame, peak.DELIVERY_INSIGHTS)
    assert [(row["dimension"], row["meals"]) for row in rows] == [("product", 0)]


def test_pick_up_sales_name_the_store_by_its_city_else_by_its_number(make: Make) -> None:
    orders = make(
        agm.ORDERS,
        *(
            {
                "order_id": f"{store}-1",
                "order_date": SATURDAY,
                "store_id": store,
                "customer_id": "7",
                "subtotal_usd_cents": 1200,
            }
            for store in ("1", "9")
        ),
    )
    frame = sales_insights(
        orders,
        make(
            agm.ORDER_LINES, {"order_id": "1-1", "line_number": 1, "product_id": "1", "quantity": 1}
        ),
        make(agm.PRODUCTS, {"product_id": "1", "product_name": "X"}),
        make(agm.STORES, {"store_id": "1", "city": "Berkeley"}),
        PRIVACY,
    )
    rows = rows_of(frame, agm.SALES_INSIGHTS)
    assert [row["member"] for row in rows if row["dimension"] == "store"] == ["9", "Berkeley"]
    assert [row["gross_usd_cents"] for row in rows if row["dimension"] == "product"] == [1200]


def test_a_holiday_is_measured_against_the_same_weekday_away_from_it(make: Make) -> None:
    holiday = date(2020, 11, 26)
    first = holiday - timedelta(days=21)
    days = [first + timedelta(days=number) for number in range(43)]
    takings = dict.fromkeys(days, 10_000)
    takings[holiday - timedelta(days=1)] = 8_000  # affected: 80 % of a usual Wednesday
    takings[holiday + timedelta(days=1)] = 8_600  # not affected: 86 % of a usual Friday
    orders = make(
        agm.ORDERS,
        *(
            {"order_id": str(day), "order_date": day, "subtotal_usd_cents": cents}
            for day, cents in takings.items()
            if day != holiday
        ),
    )
    holidays = make(
        agm.HOLIDAYS,
        {"holiday_date": holiday, "is_closed": True},
        {"holiday_date": date(2019, 1, 1), "is_closed": True},
    )
    rows = {
        row["days_from_holiday"]: row
        for row in rows_of(
            holiday_effect(orders, holidays, make(agm.SALES_INSIGHTS)), agm.HOLIDAY_EFFECT
        )
    }
    assert sorted(rows) == list(range(-7, 8))
    assert (rows[0]["gross_usd_cents"], rows[0]["is_affected"]) == (0, True)
    assert (rows[-1]["share_of_mean"], rows[-1]["is_affected"]) == (0.8, True)
    assert (rows[1]["share_of_mean"], rows[1]["is_affected"]) == (0.86, False)
    assert rows[0]["weekday_mean_usd_cents"] == 10_000


@pytest.mark.parametrize(
    ("last_order_days_ago", "orders_a_month", "segment"),
    [
        (0, 4, "loyal"),
        (0, 1, "promising"),
        (20, 4, "at_risk"),
        (20, 1, "regular"),
        (91, 9, "lapsed"),
    ],
)
def test_recency_and_frequency_name_the_segment(
    make: Make, last_order_days_ago: int, orders_a_month: int, segment: str
) -> None:
    last_day = date(2020, 12, 31)
    first_day = last_day - timedelta(days=299)  # 300 days: ten times thirty
    rows = [
        {"customer_id": "anchor", "order_date": first_day},
        {"customer_id": "anchor", "order_date": last_day},
        *(
            {"customer_id": "7", "order_date": last_day - timedelta(days=last_order_days_ago)}
            for _ in range(orders_a_month * 10)
        ),
    ]
    orders = make(agm.ORDERS, *({"subtotal_usd_cents": 1200, **row} for row in rows))
    found = {row["customer_id"]: row for row in rows_of(segments(orders), agm.SEGMENTS)}
    assert found["7"]["segment"] == segment
    assert found["7"]["recency_days"] == last_order_days_ago
    assert found["7"]["orders_per_30_days"] == orders_a_month


def test_no_orders_make_no_segments(make: Make) -> None:
    assert rows_of(segments(make(agm.ORDERS)), agm.SEGMENTS) == []


def test_zips_show_peaks_customers_beside_agms_in_the_radius_of_the_trial_store(make: Make) -> None:
    frame = radius_insights(
        make(
            peak.CLEAN_CUSTOMERS,
            {"customer_id": "1", "zip": "94609", "order_count": 3, "radius_band": "inside"},
            {"customer_id": "2", "zip": None, "order_count": 1, "radius_band": "uncertain"},
        ),
        make(
            agm.CUSTOMERS,
            {"customer_id": "1", "zip": "94609", "closest_store_id": "1", "distance_miles": 1},
            {"customer_id": "2", "zip": "94530", "closest_store_id": "1", "distance_miles": 5},
            {"customer_id": "3", "zip": "94606", "closest_store_id": "1", "distance_miles": 6},
            {"customer_id": "4", "zip": "98101", "closest_store_id": "2", "distance_miles": 1},
        ),
        make(agm.STORES, {"store_id": "1", "zip": "94705"}, {"store_id": "2", "zip": "98109"}),
        make(reference.ZIP_PLACES, {"zip": "94609", "city": "Oakland"}),
        make(peak.DELIVERY_INSIGHTS),
        PRIVACY,
    )
    assert [
        (row["zip"], row["city"], row["peak_customers"], row["peak_orders"], row["agm_customers"])
        for row in rows_of(frame, peak.RADIUS_INSIGHTS)
    ] == [
        ("94530", None, 0, 0, 1),
        ("94609", "Oakland", 1, 3, 1),
        ("unknown", None, 1, 1, 0),
    ]


def test_a_customer_file_without_places_leaves_agms_count_unknown(make: Make) -> None:
    frame = radius_insights(
        make(peak.CLEAN_CUSTOMERS, {"customer_id": "1", "zip": "94609", "order_count": 1}),
        make(agm.CUSTOMERS, {"customer_id": "1"}),
        make(agm.STORES, {"store_id": "1", "zip": "94705"}),
        make(reference.ZIP_PLACES),
        make(peak.DELIVERY_INSIGHTS),
        PRIVACY,
    )
    assert [row["agm_customers"] for row in rows_of(frame, peak.RADIUS_INSIGHTS)] == [None]
