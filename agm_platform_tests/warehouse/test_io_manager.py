"""The catalogue of what can go wrong between an asset and its table, through Dagster itself."""

from dataclasses import replace
from typing import Any

import dagster as dg
import duckdb
import narwhals as nw
import pandas as pd
import pytest

from agm_platform.contracts.model import Column, Table, Type
from agm_platform.warehouse.engine import Engine
from agm_platform_tests.warehouse.bench import DAYS, KNOWN_DAYS, PRICES, VISITS, Bench, asset_of

TWO_PRICES = "select * from (values ('bread', 250::bigint), ('apple', 40)) t(item, price)"
DAY = "2020-10-03"
NEXT = "2020-10-04"
ANN = f"select date '{DAY}' as day, 'Ann' as visitor, 5::bigint as spent"
BOB_NEXT_DAY = f"select date '{NEXT}' as day, 'Bob' as visitor, 7::bigint as spent"


def stored_prices(bench: Bench) -> list[tuple[Any, ...]]:
    return bench.sql("select item, price from shop.prices order by rowid")


def metadata_of(result: Any, node: str) -> dict[str, Any]:
    (event,) = result.asset_materializations_for_node(node)
    return {name: value.value for name, value in event.metadata.items()}


class TestWhatIsWritten:
    def test_a_snapshot_replaces_the_table_in_the_order_of_the_frame(self, bench: Bench) -> None:
        bench.given(PRICES, "select 'old' as item, 1::bigint as price")
        bench.write(PRICES, TWO_PRICES)
        assert stored_prices(bench) == [("bread", 250), ("apple", 40)]

    def test_a_day_replaces_that_day_and_no_other(self, bench: Bench) -> None:
        bench.given(VISITS, f"{ANN} union all {BOB_NEXT_DAY}", [DAY, NEXT])
        bench.write(VISITS, ANN.replace("Ann", "Cy"), [DAY])
        assert bench.visits() == [(DAY, "Cy", 5), (NEXT, "Bob", 7)]

    def test_reordered_columns_are_matched_by_name(self, bench: Bench) -> None:
        bench.write(PRICES, "select 3::bigint as price, 'bread' as item")
        bench.write(VISITS, f"select 5::bigint spent, 'Ann' visitor, date '{DAY}' as day", [DAY])
        assert stored_prices(bench) == [("bread", 3)]
        assert bench.visits() == [(DAY, "Ann", 5)]

    def test_another_type_is_cast_where_nothing_is_lost(self, bench: Bench) -> None:
        bench.write(VISITS, f"select '{DAY}' as day, 17 as visitor, 5.0::double as spent", [DAY])
        assert bench.visits() == [(DAY, "17", 5)]

    def test_an_empty_snapshot_makes_an_empty_table_of_the_contracts_types(
        self, bench: Bench
    ) -> None:
        bench.given(PRICES, TWO_PRICES)
        bench.write(PRICES, "select null as item, null as price where false")
        assert stored_prices(bench) == []
        assert bench.sql("select data_type from duckdb_columns() where table_name = 'prices'") == [
            ("VARCHAR",),
            ("BIGINT",),
        ]

    def test_an_empty_day_empties_that_day(self, bench: Bench) -> None:
        bench.write(VISITS, f"{ANN} where false", [DAY])
        assert bench.visits() == []
        bench.given(VISITS, f"{ANN} union all {BOB_NEXT_DAY}", [DAY, NEXT])
        bench.write(VISITS, f"{ANN} where false", [DAY])
        assert bench.visits() == [(NEXT, "Bob", 7)]

    def test_a_pandas_frame_is_stored_and_loaded(self, bench: Bench) -> None:
        day = pd.Timestamp(DAY)
        frame = pd.DataFrame({"spent": [5, None], "visitor": ["Ann", None], "day": [day, day]})
        seen = []

        @dg.asset(ins={"visits": dg.AssetIn(key=["shop", "visits"])}, io_manager_key="nowhere")
        def reader(visits: pd.DataFrame) -> None:
            seen.append(visits)

        bench.write(VISITS, frame, [DAY])
        assert bench.visits() == [(DAY, "Ann", 5), (DAY, None, None)]
        bench.read(reader, VISITS)
        assert seen[0]["visitor"].tolist() == ["Ann", None]

    def test_a_lazy_frame_over_pandas_is_stored(self, bench: Bench) -> None:
        frame = pd.DataFrame({"item": ["bread"], "price": [3]})
        bench.write(PRICES, nw.from_native(frame).lazy())
        assert stored_prices(bench) == [("bread", 3)]

    def test_a_table_may_be_computed_from_itself(self, bench: Bench) -> None:
        def doubled(name: str) -> Any:
            def rows(connection: duckdb.DuckDBPyConnection) -> Any:
                table = nw.from_native(connection.table(f"shop.{name}"))
                return nw.concat([table, table])

            return rows

        bench.given(PRICES, "select 'bread' as item, 3::bigint as price")
        bench.write(PRICES, doubled("prices"))
        assert stored_prices(bench) == [("bread", 3), ("bread", 3)]
        bench.write(VISITS, ANN, [DAY])
        bench.write(VISITS, doubled("visits"), [DAY])
        assert bench.visits() == [(DAY, "Ann", 5), (DAY, "Ann", 5)]

    def test_metadata_counts_rows_and_gives_the_query_that_shows_them(self, bench: Bench) -> None:
        written = metadata_of(bench.write(PRICES, TWO_PRICES), "shop__prices")
        assert written == {
            "dagster/row_count": 2,
            "dagster/table_name": "shop.prices",
            "Query": "select * from shop.prices",
        }
        bench.write(VISITS, BOB_NEXT_DAY, [NEXT])
        written = metadata_of(bench.write(VISITS, ANN, [DAY]), "shop__visits")
        assert written["dagster/row_count"] == 2
        assert written["dagster/partition_row_count"] == 1
        assert bench.sql(f"select visitor from ({written['Query']})") == [("Ann",)]


class TestWhatIsRefused:
    """Nothing is written then: each test ends with the rows of before."""

    @pytest.mark.parametrize(
        ("rows", "said"),
        [
            ("select 'x' as item", "shop.prices: the frame lacks price"),
            ("select 'x' as item, 1 as price, 2 as vat", "has vat too many"),
            ("select 'x' as item, 1 as Price", "lacks price and has Price too many"),
            ("select 'x' as item, 2.5::double as price", "column price: 1 value does not fit"),
            ("from (values ('x', 'SECRET'), ('y', '12')) t(item, price)", "price: 1 value does"),
            ("from (values ('x', '007'), ('y', '1.5')) t(item, price)", "price: 2 values do not"),
            ("select 'x' as item, 1e30 as price", "DOUBLE cannot become BIGINT"),
            ("select 'x' as item, 'SECRET'::bigint as price", "failed (ConversionException)"),
            ("select 'x' as item, error('SECRET')::bigint as price", "failed (InvalidInput"),
        ],
    )
    def test_a_snapshot_that_breaks_its_contract(
        self, bench: Bench, rows: str, said: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        bench.given(PRICES, TWO_PRICES)
        message = bench.refused(PRICES, rows)
        assert message.startswith("shop.prices: ")
        assert said in message
        assert "Nothing was written" in message
        assert stored_prices(bench) == [("bread", 250), ("apple", 40)]
        assert "SECRET" not in message + capfd.readouterr().err
        assert "SECRET" not in str(bench.instance.all_logs(bench.instance.get_runs()[0].run_id))

    @pytest.mark.parametrize(
        ("rows", "said"),
        [
            (BOB_NEXT_DAY, f"1 of 1 rows do not belong to the partitions being written ({DAY})"),
            (f"{ANN} union all {BOB_NEXT_DAY}", "1 of 2 rows"),
            (f"{ANN} union all select null, 'Bob', 7", "by their column day"),
            (f"select date '{DAY}' as day, 'Ann' as visitor", "lacks spent"),
            (f"select date '{DAY}' as day, 'Ann' as visitor, 'much' as spent", "column spent"),
        ],
    )
    def test_a_day_that_breaks_its_contract(self, bench: Bench, rows: str, said: str) -> None:
        bench.given(VISITS, f"{ANN} union all {BOB_NEXT_DAY}", [DAY, NEXT])
        message = bench.refused(VISITS, rows, [DAY])
        assert said in message
        assert "Nothing was written" in message
        assert bench.visits() == [(DAY, "Ann", 5), (NEXT, "Bob", 7)]

    def test_a_table_without_a_contract(self, bench: Bench) -> None:
        with pytest.raises(Exception, match=r"shop\.unknown has no contract: declare it in"):
            bench.run([asset_of(replace(PRICES, name="unknown"), TWO_PRICES)])

    def test_a_partitioned_asset_whose_contract_is_not(self, bench: Bench) -> None:
        asset = asset_of(VISITS, ANN)
        bench.contracts["shop", "visits"] = replace(VISITS, partition_column=None)
        with pytest.raises(Exception, match="contract names no partition column"):
            bench.run([asset], [DAY])

    def test_rows_of_another_database(self, bench: Bench) -> None:
        bench.given(PRICES, TWO_PRICES)
        with duckdb.connect() as other:
            frame = nw.from_native(other.sql("select 'x' as item, 1::bigint as price"))
            assert "another database" in bench.refused(PRICES, frame)
        assert stored_prices(bench) == [("bread", 250), ("apple", 40)]

    def test_an_exception_between_delete_and_commit(self, bench: Bench) -> None:
        def failing(connection: duckdb.DuckDBPyConnection) -> Any:
            connection.create_function("fail", lambda _: 1 // 0, ["BIGINT"], "BIGINT")
            rows = (
                f"select date '{DAY}' as day, 'Ann' as visitor, fail(i) as spent from range(9) t(i)"
            )
            return nw.from_native(connection.sql(rows))

        bench.given(VISITS, ANN, [DAY])
        assert "nothing was written" in bench.refused(VISITS, failing, [DAY]).lower()
        assert bench.visits() == [(DAY, "Ann", 5)]
        bench.write(VISITS, ANN.replace("Ann", "Cy"), [DAY])
        assert bench.visits() == [(DAY, "Cy", 5)]


class TestWhatIsRead:
    def test_inputs_stay_alive_and_lazy_across_the_steps_of_a_run(self, bench: Bench) -> None:
        total = Table(
            "shop", "total", "Sum.", (Column("spent", Type.INTEGER, "All of it.", unit="cents"),)
        )
        bench.contracts["shop", "total"] = total
        kept = []

        @dg.asset(key=["shop", "total"], ins={"prices": dg.AssetIn(key=["shop", "prices"])})
        def total_asset(prices: nw.LazyFrame) -> nw.LazyFrame:
            kept.append(prices)
            return prices.select(spent=nw.col("price").sum())

        @dg.asset(deps=[["shop", "total"]], io_manager_key="nowhere")
        def late(engine: Engine) -> None:
            kept.append(kept[0].to_native().fetchall())

        assets = [asset_of(PRICES, TWO_PRICES), total_asset, late]
        bench.run(assets)
        assert kept[1] == [("bread", 250), ("apple", 40)]
        assert bench.sql("from shop.total") == [(290,)]

    def test_a_table_that_does_not_exist_yet_is_empty_and_typed(self, bench: Bench) -> None:
        seen = {}

        @dg.asset(ins={"prices": dg.AssetIn(key=["shop", "prices"])}, io_manager_key="nowhere")
        def reader(prices) -> None:
            seen.update(prices.collect_schema(), rows=prices.to_native().fetchall())

        bench.read(reader, PRICES)
        assert seen == {"item": nw.String, "price": nw.Int64, "rows": []}

    def test_a_partitioned_reader_gets_its_days_and_another_the_whole_table(
        self, bench: Bench
    ) -> None:
        seen = {}

        def record(name: str, visits: nw.LazyFrame) -> None:
            seen[name] = [row[1] for row in visits.to_native().fetchall()]

        ins = {"visits": dg.AssetIn(key=["shop", "visits"])}

        @dg.asset(
            ins=ins,
            io_manager_key="nowhere",
            partitions_def=DAYS,
            backfill_policy=dg.BackfillPolicy.single_run(),
        )
        def by_day(visits: nw.LazyFrame) -> None:
            record("by day", visits)

        @dg.asset(ins=ins, io_manager_key="nowhere")
        def whole(visits: nw.LazyFrame) -> None:
            record("whole", visits)

        bench.given(VISITS, f"{ANN} union all {BOB_NEXT_DAY}", [DAY, NEXT])
        bench.read(by_day, VISITS, [NEXT])
        assert seen.pop("by day") == ["Bob"]
        bench.read(by_day, VISITS, ["2020-10-02", DAY])
        assert seen.pop("by day") == ["Ann"]
        bench.read(whole, VISITS)
        assert seen.pop("whole") == ["Ann", "Bob"]

    def test_without_dagsters_history_an_unpartitioned_reader_still_gets_all_rows(
        self, bench: Bench
    ) -> None:
        seen = []

        @dg.asset(ins={"visits": dg.AssetIn(key=["shop", "visits"])}, io_manager_key="nowhere")
        def whole(visits: nw.LazyFrame) -> None:
            seen.extend(visits.to_native().fetchall())

        bench.given(VISITS, ANN, [DAY])
        with dg.DagsterInstance.ephemeral() as forgetful:
            bench.instance = forgetful
            bench.read(whole, VISITS)
        assert [row[1] for row in seen] == ["Ann"]

    def test_a_partitioned_check_gets_its_day_and_another_the_whole_table(
        self, bench: Bench
    ) -> None:
        seen = {}

        @dg.asset_check(asset=["shop", "visits"], partitions_def=DAYS)
        def day_check(visits: nw.LazyFrame) -> dg.AssetCheckResult:
            seen["day"] = [row[1] for row in visits.to_native().fetchall()]
            return dg.AssetCheckResult(passed=True)

        @dg.asset_check(asset=["shop", "visits"])
        def whole_check(visits: nw.LazyFrame) -> dg.AssetCheckResult:
            seen["whole"] = [row[1] for row in visits.to_native().fetchall()]
            return dg.AssetCheckResult(passed=True)

        bench.given(VISITS, BOB_NEXT_DAY, [NEXT])
        bench.run([asset_of(VISITS, ANN), day_check, whole_check], [DAY])
        assert seen == {"day": ["Ann"], "whole": ["Bob", "Ann"]}

    def test_a_value_is_loaded_by_hand_for_one_day_or_whole(self, bench: Bench) -> None:
        bench.given(VISITS, f"{ANN} union all {BOB_NEXT_DAY}", [DAY, NEXT])
        defs = dg.Definitions([asset_of(VISITS, ANN)], resources=bench.resources())
        load = {"asset_key": ["shop", "visits"], "python_type": pd.DataFrame}
        with defs.get_asset_value_loader(instance=bench.instance) as loader:
            day = loader.load_asset_value(**load, partition_key=NEXT)
            assert day["visitor"].tolist() == ["Bob"]


class TestManyDays:
    def test_sixty_days_are_written_and_read_in_one_run_in_the_order_of_the_frame(
        self, bench: Bench
    ) -> None:
        days = KNOWN_DAYS[10:70]
        backwards = ", ".join(f"('{day}')" for day in reversed(days))
        rows = f"""select d::date as day, 'v' || i as visitor, i as spent
            from (values {backwards}) t(d), range(2) u(i) order by day desc, i"""
        copy = replace(VISITS, name="copy")
        bench.contracts["shop", "copy"] = copy

        @dg.asset(
            key=["shop", "copy"],
            ins={"visits": dg.AssetIn(key=["shop", "visits"])},
            partitions_def=DAYS,
            backfill_policy=dg.BackfillPolicy.single_run(),
            metadata={"partition_expr": "day"},
        )
        def copy_asset(visits: nw.LazyFrame) -> nw.LazyFrame:
            return visits

        bench.run([asset_of(VISITS, rows), copy_asset], [days[0], days[-1]])
        stored = bench.sql("select day::varchar from shop.visits order by rowid")
        assert [day for (day,) in stored] == [day for day in reversed(days) for _ in range(2)]
        everything = "select day, visitor, spent from shop.{} order by rowid"
        assert bench.sql(everything.format("copy")) == bench.sql(everything.format("visits"))


class TestWhenTheContractChanges:
    def with_columns(self, table: Table, **types: Type) -> Table:
        columns = tuple(Column(name, type_, "New.") for name, type_ in types.items())
        return replace(table, columns=columns, key=())

    def test_a_snapshot_takes_its_new_shape(self, bench: Bench) -> None:
        bench.given(PRICES, TWO_PRICES)
        wider = self.with_columns(PRICES, price=Type.NUMBER, vat=Type.NUMBER)
        bench.write(wider, "select 2.5::double as price, 0.5::double as vat")
        assert bench.sql("from shop.prices") == [(2.5, 0.5)]

    def test_other_days_stay_with_new_columns_null_lost_ones_gone_and_others_cast(
        self, bench: Bench
    ) -> None:
        bench.given(VISITS, f"{ANN} union all {BOB_NEXT_DAY}", [DAY, NEXT])
        changed = self.with_columns(VISITS, day=Type.DATE, tip=Type.TEXT, spent=Type.NUMBER)
        bench.write(changed, f"select date '{DAY}' as day, 'none' as tip, 1.5 as spent", [DAY])
        assert bench.sql("select day::varchar, tip, spent from shop.visits order by day") == [
            (DAY, "none", 1.5),
            (NEXT, None, 7.0),
        ]

    def test_days_that_cannot_be_kept_are_named_with_the_remedy_which_works(
        self, bench: Bench
    ) -> None:
        bench.given(VISITS, f"{ANN} union all {BOB_NEXT_DAY}", [DAY, NEXT])
        changed = self.with_columns(VISITS, day=Type.DATE, visitor=Type.INTEGER)
        rows = f"select date '{DAY}' as day, 1::bigint as visitor"
        message = bench.refused(changed, rows, [DAY])
        assert "column visitor: 1 value does not fit, VARCHAR cannot become BIGINT" in message
        assert "Materialize all partitions of shop/visits in one run" in message
        assert len(bench.visits()) == 2
        both = f"{rows} union all select date '{NEXT}', 2"
        bench.write(changed, both, [DAY, NEXT])
        assert bench.sql("select visitor from shop.visits") == [(1,), (2,)]

    def test_a_new_partition_column_asks_for_the_table_to_be_dropped(self, bench: Bench) -> None:
        bench.given(VISITS, ANN, [DAY])
        changed = replace(
            VISITS,
            columns=(Column("date", Type.DATE, "New."), VISITS.column("spent")),
            partition_column="date",
        )
        message = bench.refused(changed, f"select date '{DAY}' as date, 5::bigint as spent", [DAY])
        assert "Drop the table shop.visits" in message
        assert len(bench.visits()) == 1

    def test_reading_a_table_of_the_old_shape_says_what_to_do(self, bench: Bench) -> None:
        @dg.asset(ins={"prices": dg.AssetIn(key=["shop", "prices"])}, io_manager_key="nowhere")
        def reader(prices: nw.LazyFrame) -> None: ...

        bench.given(PRICES, TWO_PRICES)
        changed = self.with_columns(PRICES, item=Type.TEXT, price=Type.NUMBER, vat=Type.NUMBER)
        bench.contracts["shop", "prices"] = changed
        with pytest.raises(
            Exception, match=r"missing: vat; of another type: price.*materialize it"
        ):
            bench.read(reader, changed)
