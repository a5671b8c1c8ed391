"""The attacks find what a bare encoding gives away, so that their failure means something."""

from __future__ import annotations

import numpy as np

from agm_platform.matching.private.attacks.frequency import frequency_attack
from agm_platform.matching.private.attacks.known_pairs import known_pairs_attack
from agm_platform.matching.private.attacks.pattern_mining import find_pieces, pattern_mining_attack
from agm_platform.matching.private.keyed_hashes import keyed_hashes

KEY = bytes(range(32))


def test_frequency_reads_hashes_of_one_field_but_guesses_nothing_among_equals():
    names = np.array(["smith"] * 5 + ["jones"] * 3 + ["fritz", "velez"], dtype=object)
    hashes = keyed_hashes({"last": names.tolist()}, [("last",)], "composite", KEY)[:, 0]
    guesses = frequency_attack(hashes, names)
    assert guesses.tolist() == ["smith"] * 5 + ["jones"] * 3 + [None, None]


def independent_tokens(rows=400, tokens=8):
    """Tokens of falling frequency and, for each, five bits that nothing else sets."""
    rng = np.random.default_rng(4)
    held = rng.random((rows, tokens)) < np.linspace(0.6, 0.2, tokens)
    return held, np.repeat(held, 5, axis=1)


def test_pattern_mining_finds_the_bits_of_frequent_tokens():
    held, bits = independent_tokens()
    pieces = find_pieces(bits, held)
    assert len(pieces) >= 4
    for piece in pieces:
        own = np.arange(piece.token * 5, piece.token * 5 + 5)
        assert piece.positions.tolist() == own.tolist()


def test_pattern_mining_names_a_row_only_if_one_fits_best():
    held, bits = independent_tokens()
    guesses = pattern_mining_attack(bits, held)
    _, first, counts = np.unique(held, axis=0, return_index=True, return_counts=True)
    found = [row for row in first[counts == 1] if guesses[row] == row]
    twins = np.setdiff1d(np.arange(len(held)), first[counts == 1])
    assert found
    assert (guesses[twins] == -1).all()


def test_pattern_mining_has_no_guess_for_random_bits():
    held, _ = independent_tokens()
    bits = np.random.default_rng(5).random((400, 64)) < 0.5
    assert (pattern_mining_attack(bits, held) == -1).all()


def test_known_pairs_place_the_others_when_similarity_is_kept():
    rng = np.random.default_rng(6)
    similarity = rng.random((50, 20))
    order = rng.permutation(50)
    guesses = known_pairs_attack(similarity[order] ** 2 + 0.01, similarity)
    assert (guesses == order).mean() > 0.9
    shuffled = rng.random((50, 20))
    assert (known_pairs_attack(shuffled, similarity) == order).mean() < 0.2
