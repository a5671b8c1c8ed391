"""Timeliness, told from the ledger: in time, late, or not to be told."""

from datetime import UTC, date, datetime

from agm_platform.defs.quality.scores import due, timeliness
from agm_platform.landing.delivery import Delivery, State

DAY = date(2020, 10, 3)
LOOKED = datetime(2020, 10, 1, tzinfo=UTC)


def delivery(
    number: int, day: date | None, received: datetime, feed: str = "daily_sales"
) -> Delivery:
    return Delivery(
        number, "peak", feed, "f.json", day, str(number), 1, received, 1, State.ACCEPTED
    )


def told(*history: Delivery) -> dict[str, int]:
    first = delivery(0, date(2020, 9, 30), LOOKED)
    return {
        score.day: score.passed
        for score in timeliness([first, *history])
        if score.table == "raw_orders"
    }


def test_a_file_is_due_at_two_at_night_of_the_next_day_local_time() -> None:
    assert due(DAY).astimezone(UTC) == datetime(2020, 10, 4, 9, tzinfo=UTC)
    assert due(date(2020, 12, 1)).astimezone(UTC) == datetime(2020, 12, 2, 10, tzinfo=UTC)


def test_a_file_within_three_hours_is_in_time_and_a_later_one_is_not() -> None:
    assert told(delivery(1, DAY, datetime(2020, 10, 4, 12, tzinfo=UTC))) == {"2020-10-03": 1}
    assert told(delivery(1, DAY, datetime(2020, 10, 4, 12, 1, tzinfo=UTC))) == {"2020-10-03": 0}


def test_the_first_file_of_a_day_counts_and_not_its_correction() -> None:
    early, late = (datetime(2020, 10, day, 9, tzinfo=UTC) for day in (4, 9))
    assert told(delivery(2, DAY, late), delivery(1, DAY, early)) == {"2020-10-03": 1}


def test_what_lay_there_at_the_first_look_and_feeds_without_days_are_not_told() -> None:
    assert told(delivery(1, DAY, LOOKED), delivery(2, None, LOOKED, "product_mapping")) == {}
