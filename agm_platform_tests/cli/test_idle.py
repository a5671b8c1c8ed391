"""Tables of senders from whom nothing has come are made once, and a job publishes or does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from agm_platform.cli.idle import idle_senders, tables_of, without
from agm_platform.contracts.model import Table
from agm_platform.definitions import defs
from agm_platform.landing.ledger import Ledger
from agm_platform.settings import Settings
from agm_platform.warehouse.connection import Claim
from agm_platform.warehouse.tables import replace_rows
from agm_platform.warehouse.types import empty_relation, qualified_name


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


def store(settings: Settings, tables: list[Table]) -> None:
    with Claim(settings.warehouse_path) as claim:
        for table in tables:
            replace_rows(claim.connection, table, empty_relation(claim.connection, table))


def idle(settings: Settings) -> list[str]:
    return idle_senders(settings, Ledger(settings.ledger_path))


def test_a_silent_sender_is_idle_once_all_its_tables_are_there(settings: Settings) -> None:
    assert idle(settings) == []
    store(settings, tables_of("loyalty")[1:])
    assert idle(settings) == []
    store(settings, tables_of("loyalty")[:1])
    assert idle(settings) == ["loyalty"]


def test_a_table_of_an_older_contract_is_made_anew(settings: Settings) -> None:
    tables = tables_of("loyalty")
    store(settings, tables)
    with Claim(settings.warehouse_path) as claim:
        claim.connection.execute(f"alter table {qualified_name(tables[-1])} add column old int")
    assert idle(settings) == []


def test_a_job_without_idle_senders_still_makes_what_is_over_all_sources() -> None:
    job = defs().resolve_job_def("refresh_tables")
    keys = {tuple(key.path) for key in without(job, ["loyalty"]).asset_layer.selected_asset_keys}
    assert ("answers", "answers") in keys
    assert ("sales", "orders") in keys
    assert ("answers", "loyalty") not in keys
    assert not {key for key in keys if key[0] == "loyalty"}
    assert without(job, []) is job


def test_a_job_before_another_makes_every_table_and_publishes_nothing() -> None:
    job = defs().resolve_job_def("replay_days")
    whole = job.asset_layer.executable_asset_keys
    left = without(job, [], published=False).asset_layer.selected_asset_keys
    assert {key.path[0] for key in whole - left} == {"publish"}
    assert len(whole - left) >= 3
