"""A world as files: a landing folder as AGM and Peak fill it, and the truth somewhere else."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile
from typing import TYPE_CHECKING

from agm_platform.world.peak_files import write_peak_days
from agm_platform.world.reference import REFERENCE
from agm_platform.world.tables import AGM_TABLES

if TYPE_CHECKING:
    from agm_platform.world import World

SHARED = ("stores", "products")  # carried by the project as they are


def write(world: World, folder: str | Path) -> list[Path]:
    """Write the landing folder: agm/*.csv, peak/*.json and peak/peak_product_mapping.csv.

    Files of the same name are overwritten, others stay. Returns the paths.
    """
    folder = Path(folder)
    (folder / "agm").mkdir(parents=True, exist_ok=True)
    (folder / "peak").mkdir(parents=True, exist_ok=True)
    paths = []
    for name in AGM_TABLES:
        paths.append(folder / "agm" / f"{name}.csv")
        if name in SHARED:
            copyfile(REFERENCE / f"{name}.csv", paths[-1])
        else:
            world.table(f"agm.{name}").write_csv(str(paths[-1]), header=True)
    paths.append(folder / "peak" / "peak_product_mapping.csv")
    world.table("peak.peak_product_mapping").write_csv(str(paths[-1]), header=True)
    return paths + write_peak_days(world.trial, folder / "peak")


def write_truth(world: World, folder: str | Path) -> list[Path]:
    """Write each table of the truth as Parquet; keep this folder outside the landing folder.

    Returns the paths.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, relation in world.truth.items():
        paths.append(folder / f"{name}.parquet")
        relation.write_parquet(str(paths[-1]))
    return paths
