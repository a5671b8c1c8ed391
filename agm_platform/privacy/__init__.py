"""Pseudonyms, suppression of small groups, and what it takes to erase a person."""
