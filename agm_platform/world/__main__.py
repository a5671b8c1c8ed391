"""Command line: python -m agm_platform.world --out FOLDER [--seed N] [--customers N] ..."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

from agm_platform.world import SAMPLE, SAMPLE_SEED, TRUE_SCALE, generate, write, write_truth

READERS: dict[str, Callable[[str], int | float | date]] = {
    "int": int,
    "int | None": int,
    "float": float,
    "date": date.fromisoformat,
    "date | None": date.fromisoformat,
}


def main(arguments: list[str] | None = None) -> None:
    """Generate one world and write it; print what was made and how long it took."""
    parser = argparse.ArgumentParser(
        prog="python -m agm_platform.world",
        description="Write a synthetic landing folder of AGM and Peak.",
    )
    parser.add_argument("--out", type=Path, required=True, help="landing folder to write")
    parser.add_argument("--truth", type=Path, help="folder for the truth, outside --out")
    parser.add_argument("--seed", type=int, default=SAMPLE_SEED)
    parser.add_argument(
        "--true-scale",
        action="store_true",
        help="AGM's own size: 31,082 customers, the year 2020, 92 days of Peak",
    )
    for field in fields(SAMPLE):
        if str(field.type) in READERS:
            parser.add_argument(
                f"--{field.name.replace('_', '-')}",
                type=READERS[str(field.type)],
                help=f"default {getattr(SAMPLE, field.name)}",
            )
    options = vars(parser.parse_args(arguments))
    out, truth, seed = options.pop("out"), options.pop("truth"), options.pop("seed")
    base = TRUE_SCALE if options.pop("true_scale") else SAMPLE
    if truth and truth.resolve().is_relative_to(out.resolve()):
        parser.error("--truth must lie outside --out: a landing folder holds no answers")

    started = time.monotonic()
    try:
        size = replace(base, **{k: v for k, v in options.items() if v is not None})
        _say(f"Generating {size.customers:,} customers, {size.sales:,} sales ...")
        world = generate(size, seed)
    except ValueError as error:
        parser.error(str(error))
    _say(f"Writing {out} with {size.trial_days} days of Peak ...")
    files = len(write(world, out)) + (len(write_truth(world, truth)) if truth else 0)
    _say(f"{files} files in {time.monotonic() - started:.1f} s")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
