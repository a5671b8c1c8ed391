"""AGM and Peak in one world, because the same people buy from both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agm_platform.world import SAMPLE, SAMPLE_SEED, TRUE_SCALE, WorldSize, generate, write
from agm_platform.world import write_truth as write_truth_of
from agm_platform.world.sources import Generator

if TYPE_CHECKING:
    from pathlib import Path


def write_files(size: WorldSize, seed: int, folder: Path) -> list[Path]:
    """Write agm/*.csv and peak/*; raises ValueError if the world is too small for its size."""
    return write(generate(size, seed), folder)


def write_truth(size: WorldSize, seed: int, folder: Path) -> list[Path]:
    """Write the tables of agm_platform.world.truth as Parquet."""
    return write_truth_of(generate(size, seed), folder)


GENERATOR = Generator(SAMPLE, TRUE_SCALE, SAMPLE_SEED, write_files, write_truth)
