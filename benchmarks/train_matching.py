"""Train the customer model on synthetic worlds and write it: python -m benchmarks.train_matching.

Its seeds are its own: development looked at others, and `make bench-matching` judges on others.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

from agm_platform.matching.evaluation import evaluate
from agm_platform.matching.linking import link
from agm_platform.matching.model import save_model
from agm_platform.matching.training import Lists, train
from benchmarks.matching_worlds import lists, without_place

TRAINING_SEEDS = (101, 102, 103, 104, 105, 106)
SCORING_SEEDS = (201, 202)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, score on worlds that training did not see, write the file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train_matching")
    parser.add_argument("--number", type=int, default=1, help="version of the model")
    options = parser.parse_args(arguments)
    seen = [lists(seed) for seed in TRAINING_SEEDS]
    assert all(each.right is not None for each in seen)
    blind = [Lists(each.left, without_place(each.right), each.matches) for each in seen]
    model = train([*seen, *blind], number=options.number)
    scores = {}
    for seed in SCORING_SEEDS:
        world = lists(seed)
        for name, right in (("places", world.right), ("no_places", without_place(world.right))):
            found = evaluate(link(world.left, right, model), world.matches)
            scores[f"{name}_{seed}"] = {
                "precision": round(found.precision.value, 5),
                "recall": round(found.recall.value, 5),
                "calibration_error": round(found.calibration_error, 5),
                "links": found.precision.sample_size,
            }
    model = replace(model, scores=scores)
    print(save_model(model), scores)


if __name__ == "__main__":
    main()
