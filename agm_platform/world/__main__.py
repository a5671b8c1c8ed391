"""Command line: python -m agm_platform.world [SOURCE] --out FOLDER [--seed N] [--customers N]..."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

from agm_platform.world.sources import Generator, generators

READERS: dict[str, Callable[[str], int | float | date]] = {
    "int": int,
    "int | None": int,
    "float": float,
    "date": date.fromisoformat,
    "date | None": date.fromisoformat,
}


def main(arguments: list[str] | None = None) -> None:
    """Write the samples of all senders, or one sender's files of a size; print how long it took."""
    parser = argparse.ArgumentParser(
        prog="python -m agm_platform.world",
        description="Write invented landing folders: the samples of all, or one at any size.",
    )
    parser.add_argument("--out", type=Path, help="landing folder to write the samples to")
    known = generators()
    sources = parser.add_subparsers(dest="source", metavar="SOURCE")
    for name, generator in known.items():
        _add_options(sources.add_parser(name), generator)
    options = vars(parser.parse_args(arguments))
    name, out = options.pop("source"), options.pop("out")
    if out is None:
        parser.error("--out is missing: the folder to write to")
    started = time.monotonic()
    try:
        if name is None:
            written = [_write(each, each.sample, each.seed, out) for each in known.values()]
            files = sum(written)
        else:
            files = _one(known[name], out, options)
    except ValueError as error:
        parser.error(str(error))
    _say(f"{files} files in {time.monotonic() - started:.1f} s")


def _add_options(parser: argparse.ArgumentParser, generator: Generator) -> None:
    """Give one sender's command its options: the fields of its size."""
    parser.add_argument("--out", type=Path, required=True, help="landing folder to write")
    parser.add_argument("--truth", type=Path, help="folder for the truth, outside --out")
    parser.add_argument("--seed", type=int, default=generator.seed)
    parser.add_argument("--true-scale", action="store_true", help="the owner's own size")
    for field in fields(generator.sample):
        if str(field.type) in READERS:
            parser.add_argument(
                f"--{field.name.replace('_', '-')}",
                type=READERS[str(field.type)],
                help=f"default {getattr(generator.sample, field.name)}",
            )


def _one(generator: Generator, out: Path, options: dict[str, object]) -> int:
    """Write the files of one sender and, if asked, their truth; return how many files."""
    truth, seed = options.pop("truth"), options.pop("seed")
    base = generator.true_scale if options.pop("true_scale") else generator.sample
    if isinstance(truth, Path) and truth.resolve().is_relative_to(out.resolve()):
        msg = "--truth must lie outside --out: a landing folder holds no answers"
        raise ValueError(msg)
    size = replace(base, **{k: v for k, v in options.items() if v is not None})
    files = _write(generator, size, int(str(seed)), out)
    return files + (
        len(generator.write_truth(size, int(str(seed)), truth)) if isinstance(truth, Path) else 0
    )


def _write(generator: Generator, size: object, seed: int, out: Path) -> int:
    _say(f"Writing {out}: {size} ...")
    return len(generator.write(size, seed, out))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
