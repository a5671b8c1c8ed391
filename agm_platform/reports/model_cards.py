"""The cards of the models as pages show them: what each is, and how it was judged."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agm_platform.contracts.customer_value import CARDS
from agm_platform.reports.figure import Rows, rows_of

if TYPE_CHECKING:
    from agm_platform.reports.published import Published


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model as its card tells of it: the row of the table, and its parts as tables."""

    source: str
    row: dict[str, Any]
    scores: Rows
    facts: Rows

    @property
    def name(self) -> str:
        """The model's label, or what there is no model of yet."""
        return str(self.row["label"] or f"{self.source}: no {self.row['kind']} model yet")


def model_cards(published: Published) -> list[ModelCard]:
    """Return the cards of all models, by source and kind."""
    cards = []
    for name in sorted(published.tables):
        source, _, table = name.partition(".")
        if table != CARDS:
            continue
        found = published.query(f"select * from {name} order by kind")
        for values in found.rows:
            row = dict(zip(found.columns, values, strict=True))
            scores = json.loads(row["scores"] or "[]")
            columns = list(dict.fromkeys(key for score in scores for key in score))
            facts = [
                (part, key, _cell(value))
                for part in ("data", "parameters", "libraries")
                for key, value in json.loads(row[part] or "{}").items()
            ]
            cards.append(
                ModelCard(
                    source,
                    row,
                    rows_of(
                        columns, [[_cell(each.get(key)) for key in columns] for each in scores]
                    ),
                    rows_of(("Of", "What", "Value"), [(p, k, str(v)) for p, k, v in facts]),
                )
            )
    return cards


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
