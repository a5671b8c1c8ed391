"""The one entry: loads every definition under `defs/` and applies what holds for all of them."""

from pathlib import Path

import dagster as dg

from agm_platform.defs.check_history import CheckHistory
from agm_platform.defs.customers.matching_model import MatchingModel
from agm_platform.defs.customers.review_desk import ReviewDesk
from agm_platform.defs.insights.value_models import ValueModels
from agm_platform.defs.landing_resource import Landing
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.publish.shelf import Shelf
from agm_platform.settings import get_settings
from agm_platform.warehouse.engine import Engine
from agm_platform.warehouse.io_manager import Warehouse


@dg.definitions
def defs() -> dg.Definitions:
    """All assets, checks, jobs and sensors with the warehouse of the settings.

    One process runs a whole run: one writer holds the DuckDB file, and a process for each step
    would cost more than the steps.
    """
    settings = get_settings()
    warehouse = str(settings.warehouse_path)
    return dg.Definitions.merge(
        dg.load_from_defs_folder(path_within_project=Path(__file__).parent),
        dg.Definitions(
            executor=dg.in_process_executor,
            resources={
                "io_manager": Warehouse(database=warehouse),
                "engine": Engine(database=warehouse),
                "landing": Landing(
                    zone_url=settings.landing,
                    ledger_path=str(settings.ledger_path),
                    cache_path=str(settings.data / "cache"),
                    reference_path=str(settings.reference_path),
                ),
                "check_history": CheckHistory(
                    journal_path=str(settings.journal_path),
                    ledger_path=str(settings.ledger_path),
                    review_url=settings.review_url,
                ),
                "matching_model": MatchingModel(
                    pinned=settings.matching_model, trained_path=str(settings.models_path)
                ),
                "value_models": ValueModels(
                    folder=str(settings.models_path), pinned=settings.value_models
                ),
                "review_desk": ReviewDesk(path=str(settings.review_desk_path)),
                "privacy": Privacy(
                    keys_path=str(settings.keys_path), smallest_group=settings.smallest_group
                ),
                "shelf": Shelf(
                    published_path=str(settings.published_path),
                    snapshots_path=str(settings.snapshots_path),
                    kept=settings.snapshots_kept,
                    reports=settings.reports,
                ),
            },
        ),
    )
