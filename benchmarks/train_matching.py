"""Train the customer model on synthetic worlds by its job: python -m benchmarks.train_matching.

Its seeds are its own: development looked at others, and `make bench-matching` judges on others.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from agm_platform.matching.labelled import LEARN, SCORE, write_lists
from agm_platform.matching.model import MODELS
from agm_platform.world import generate
from benchmarks.matching_worlds import PEOPLE, PLACE, people

LEARN_SEEDS = (101, 102, 103, 104, 105, 106)
SCORE_SEEDS = (201, 202)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the worlds' lists with and without places, run the job, leave the file."""
    from agm_platform.defs.customers.matching_model import (
        MatchingModel,
        Training,
        train_matching_model,
    )

    parser = argparse.ArgumentParser(prog="python -m benchmarks.train_matching")
    parser.add_argument("--number", type=int, default=1, help="version of the model")
    parser.add_argument("--out", type=Path, default=MODELS, help="folder of the model's file")
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        for part, seeds in ((LEARN, LEARN_SEEDS), (SCORE, SCORE_SEEDS)):
            for seed in seeds:
                accounts, customers, matches = people(generate(PEOPLE, seed))
                for name, right in (
                    ("places", customers),
                    ("without_places", customers.drop(columns=list(PLACE))),
                ):
                    # The first by name gives the parameters: all of it has places.
                    write_lists(Path(folder) / part / f"{name}_{seed}", accounts, right, matches)
        result = train_matching_model.execute_in_process(
            run_config={
                "ops": {
                    "train_model": {
                        "config": Training(lists=folder, number=options.number).model_dump()
                    }
                }
            },
            resources={"matching_model": MatchingModel(trained_path=str(options.out))},
        )
    print(result.output_for_node("train_model"))


if __name__ == "__main__":
    main()
