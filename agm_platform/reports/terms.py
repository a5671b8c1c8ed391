"""The business terms with their sources, read from the contract that declares them."""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from agm_platform.contracts import business


@dataclass(frozen=True, slots=True)
class Term:
    """One named number: what it means, and who says so ("" where the contract does not tell)."""

    name: str
    value: Any
    meaning: str
    source: str


def business_terms() -> list[Term]:
    """Return the terms in the order of `contracts.business`.

    A constant's text is the string below it, which Python itself throws away: the file is read.
    """
    body = ast.parse(inspect.getsource(business)).body
    terms = []
    for statement, after in pairwise(body):
        match statement, after:
            case (
                ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                meaning, _, source = text.partition("Source:")
                value = getattr(business, name)
                terms.append(Term(name, value, " ".join(meaning.split()), " ".join(source.split())))
            case _:
                continue
    return terms
