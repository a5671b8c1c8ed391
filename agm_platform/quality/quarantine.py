"""What a row that was set aside carries with it: the rule in words and the record as received."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agm_platform.contracts.model import Table


def in_words(table: Table) -> dict[str, str]:
    """Return each rule of `table` in words, by its name; settings may let any set rows aside."""
    return {rule.name: rule.description for rule in table.rules}


def worded(rule_column: str, words: Mapping[str, str]) -> nw.Expr:
    """Return the words for the rule that `rule_column` names; its name where there are none."""
    expression = nw.col(rule_column)
    for name, sentence in words.items():
        expression = (
            nw.when(nw.col(rule_column) == name).then(nw.lit(sentence)).otherwise(expression)
        )
    return expression


def as_record(*columns: str) -> nw.Expr:
    """Return the named text columns of a row as one JSON object, as text, on any engine."""
    members = []
    for position, column in enumerate(columns):
        separator = ", " if position else "{"
        members += [nw.lit(f'{separator}"{column}": '), _json_text(column)]
    return nw.concat_str(*members, nw.lit("}"))


def _json_text(column: str) -> nw.Expr:
    text = nw.col(column)
    for plain, escaped in (
        ("\\", "\\\\"),
        ('"', '\\"'),
        ("\n", "\\n"),
        ("\r", "\\r"),
        ("\t", "\\t"),
    ):
        text = text.str.replace_all(plain, escaped, literal=True)
    quoted = nw.concat_str(nw.lit('"'), text, nw.lit('"'))
    return nw.when(nw.col(column).is_null()).then(nw.lit("null")).otherwise(quoted)
