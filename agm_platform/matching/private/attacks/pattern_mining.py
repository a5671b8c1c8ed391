"""Pattern-mining attack: bits that always come together are taken for a frequent piece of text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

LEAST_GAP = 0.003  # a token is tried only if it is in this share of rows more than the next one
SAME_TOKEN = 0.9  # tokens with this share of their rows in common are taken as one
LEAST_POSITIONS = 4  # fewer joint bits are taken for chance
LEAST_ROWS = 40  # of a part of the encodings that is still mined
MOST_TOKENS = 80


class Piece(NamedTuple):
    """A token and the bit positions that the attack believes are its own."""

    token: int
    positions: npt.NDArray[np.intp]


def pattern_mining_attack(
    bits: npt.NDArray[np.bool_], tokens: npt.NDArray[np.bool_]
) -> npt.NDArray[np.intp]:
    """Return for each encoding the one row of the list that fits the text found in it, or -1.

    `bits` is encodings by bit positions, `tokens` the attacker's list by distinct tokens. Source:
    Christen, Ranbaduge, Vatsalan, Schnell, "Precise and fast cryptanalysis for Bloom filter based
    privacy-preserving record linkage", TKDE 2018: the most frequent token is given the bits that
    occur together as often, encodings and list are both split by it, and the parts are mined in
    turn. Here the joint bits are grown one by one instead of by a search for all frequent sets.
    """
    return _placed(bits, tokens, find_pieces(bits, tokens))


def find_pieces(bits: npt.NDArray[np.bool_], tokens: npt.NDArray[np.bool_]) -> list[Piece]:
    """Return the tokens that were told apart by frequency, with their bit positions.

    Tokens that nearly always come together (those of one city) are one, under the first's number.
    """
    pieces: dict[int, npt.NDArray[np.intp]] = {}
    used = np.zeros(tokens.shape[1], dtype=np.bool_)
    parts = [(np.arange(len(bits)), np.arange(len(tokens)))]
    while parts and len(pieces) < MOST_TOKENS:
        # The largest part first: its frequencies are the surest.
        ours, theirs = parts.pop(int(np.argmax([len(part[0]) for part in parts])))
        if min(len(ours), len(theirs)) < LEAST_ROWS:
            continue
        here = tokens[theirs]
        frequency = here.mean(axis=0)
        frequency[used | (frequency > 1 - LEAST_GAP)] = 0  # in nearly all rows: splits nothing
        first = int(frequency.argmax())
        most = frequency[first]
        union = np.maximum((here | here[:, [first]]).mean(axis=0), 1e-9)
        group = (here & here[:, [first]]).mean(axis=0) / union >= SAME_TOKEN
        group[first] = True
        others = np.where(group, 0, frequency)
        if most - others.max() < LEAST_GAP:
            continue
        # All tokens of the group are in this share of the rows, no other token is in as many.
        every = here[:, group & ~used].all(axis=1).mean()
        free = np.setdiff1d(np.arange(bits.shape[1]), [p for own in pieces.values() for p in own])
        least = (every + min(others.max(), every)) / 2
        positions = free[_joint(bits[np.ix_(ours, free)], least)]
        used |= group
        if len(positions) >= LEAST_POSITIONS:
            pieces[first] = positions
            have = bits[np.ix_(ours, positions)].all(axis=1)
            contain = here[:, first]
            parts += [(ours[have], theirs[contain]), (ours[~have], theirs[~contain])]
        else:
            parts.append((ours, theirs))
    return [Piece(token, positions) for token, positions in pieces.items()]


def _joint(bits: npt.NDArray[np.bool_], least: float) -> npt.NDArray[np.intp]:
    """Return bit positions that are set together in at least a share `least` of the encodings.

    Grown from the pair that is most often set together beyond chance; bits set in nearly all
    encodings belong to everything and are left out.
    """
    share = bits.mean(axis=0)
    candidates = np.flatnonzero((share >= least) & (share < 1 - LEAST_GAP))
    if len(candidates) < 2:
        return candidates[:0]
    columns = bits[:, candidates].astype(np.float32)
    together = columns.T @ columns / len(bits)
    alone = share[candidates]
    beyond = (together - np.outer(alone, alone)) / np.sqrt(
        np.outer(alone * (1 - alone), alone * (1 - alone))
    )
    np.fill_diagonal(beyond, -1)
    beyond[together < least] = -1
    start = np.unravel_index(int(beyond.argmax()), beyond.shape)
    if beyond[start] <= 0:
        return candidates[:0]
    chosen = [int(start[0]), int(start[1])]
    rows = columns[:, chosen[0]] * columns[:, chosen[1]]
    while True:
        support = rows @ columns / len(bits)
        support[chosen] = -1
        best = int(support.argmax())
        if support[best] < least:
            return np.sort(candidates[chosen])
        chosen.append(best)
        rows = rows * columns[:, best]


def _placed(
    bits: npt.NDArray[np.bool_], tokens: npt.NDArray[np.bool_], pieces: list[Piece]
) -> npt.NDArray[np.intp]:
    """Return the row of the list that agrees on most pieces, if only one does; else -1."""
    if not pieces:
        return np.full(len(bits), -1)
    found = np.stack([bits[:, piece.positions].all(axis=1) for piece in pieces], axis=1)
    held = tokens[:, [piece.token for piece in pieces]]
    ours, theirs = np.where(found, 1.0, -1.0), np.where(held, 1.0, -1.0)
    agreement = (ours @ theirs.T).round()
    best = agreement.max(axis=1, keepdims=True)
    is_only = (agreement == best).sum(axis=1) == 1
    return np.where(is_only, agreement.argmax(axis=1), -1)
