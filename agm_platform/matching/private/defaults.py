"""The parameters of the kit: chosen by benchmarks/private_linkage.py on generated people."""

from __future__ import annotations

from dataclasses import replace

from agm_platform.matching.private.parameters import Field, Method, Parameters, Tokens

# Names and street tell people apart; city and ZIP say the same thing twice, hence little weight.
PEOPLE = Parameters(
    fields=(
        Field("first_name_canonical", Tokens.BIGRAMS, 100),
        Field("last_name_normalised", Tokens.BIGRAMS, 110),
        Field("street_normalised", Tokens.BIGRAMS, 150),
        Field("city_normalised", Tokens.BIGRAMS, 40),
        Field("zip_normalised", Tokens.POSITIONS, 40),
    ),
    length=4096,
    diffusion=15,
    output_length=1024,
    threshold=0.59,
    margin=0.02,
)

# Three of name, name and street agree, each with the ZIP; two names alone are shared by strangers.
PEOPLE_BY_HASH = replace(
    PEOPLE,
    method=Method.HASH,
    composites=(
        ("first_name_canonical", "last_name_normalised", "street_normalised"),
        ("last_name_normalised", "street_normalised", "zip_normalised"),
        ("first_name_canonical", "street_normalised", "zip_normalised"),
        ("first_name_canonical", "last_name_normalised", "zip_normalised"),
    ),
    threshold=0.25,
    margin=0.0,
)
