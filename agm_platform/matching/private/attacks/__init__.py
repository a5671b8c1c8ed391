"""Attacks on encodings by someone without the key, to measure what the encodings give away.

Each attack takes encodings and a list that the attacker holds, and returns for each encoding the
row of the list it is taken for, or -1 for no guess. None of them uses key or truth.
"""
