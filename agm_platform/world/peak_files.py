"""Peak's daily JSON file, rendered in its exact shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from textwrap import indent
from typing import Any

from agm_platform.world.peak import PEAK_PRODUCTS, Trial
from agm_platform.world.reference import MEAL_DOLLARS, TRIAL_STORE, stores

LOCATION_ID = 12573  # Peak's own number of the trial store
LEGAL = "Unauthorized use, duplication, or possession, blah, blah"
VERSION = "17.11.7"


def file_name(day: date) -> str:
    """Return the name of a day's file."""
    return f"peak_sales_{day:%Y_%m_%d}.json"


def day_texts(trial: Trial) -> Iterator[tuple[date, str]]:
    """Yield (business date, text of the file), day by day.

    The text equals json.dumps(document, indent=2). It is put together from parts rendered once
    each, because json.dumps with an indent takes two minutes for a thousand days of a thousand
    sales, and this takes seconds.
    """
    accounts = trial.accounts
    people = [
        _block({"customer_id": int(accounts.customer_id[i]), **details._asdict()}, 6)
        for i, details in zip(accounts.owners, accounts.details, strict=True)
    ]
    pickup = _block(_pickup_from(), 6)
    lines: dict[tuple[int, int], str] = {}
    for day, a, b in zip(trial.days, trial.starts[:-1], trial.starts[1:], strict=True):
        first, last = trial.baskets.starts[a], trial.baskets.starts[b]
        products = trial.baskets.product[first:last].tolist()
        quantities = trial.baskets.quantity[first:last].tolist()
        rendered = []
        for key in zip(products, quantities, strict=True):
            if key not in lines:
                lines[key] = " " * 8 + _line(*key)
            rendered.append(lines[key])
        bounds = (trial.baskets.starts[a : b + 1] - first).tolist()
        sales = [
            f"""    {{
      "sale_id": {sale_id},
      "sale_date": "{day}",
      "sub_total": {meals * MEAL_DOLLARS},
      "tax": 0,
      "total_amount": {meals * MEAL_DOLLARS},
      "pickup_from": {pickup},
      "deliver_to": {people[version]},
      "line_items": [
{_joined(rendered[start:end])}
      ]
    }}"""
            for sale_id, meals, version, (start, end) in zip(
                trial.sale_id[a:b].tolist(),
                trial.baskets.meals[a:b].tolist(),
                trial.version[a:b].tolist(),
                pairwise(bounds),
                strict=True,
            )
        ]
        yield day, _head(day) + ("[\n" + _joined(sales) + "\n  ]" if sales else "[]") + "\n}"


def write_peak_days(trial: Trial, folder: Path) -> list[Path]:
    """Write one file a day into `folder`, one day in memory at a time; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for day, text in day_texts(trial):
        paths.append(folder / file_name(day))
        paths[-1].write_text(text, encoding="utf-8")
    return paths


def _head(day: date) -> str:
    document = {
        "creator": "Peak Deliveries",
        "timestamp": f"{day + timedelta(days=1)} 02:00:00",
        "file_name": file_name(day),
        "version": VERSION,
        "legal": LEGAL,
        "sales": [],
    }
    return json.dumps(document, indent=2).removesuffix("[]\n}")


def _pickup_from() -> dict[str, Any]:
    store = next(row for row in stores() if int(row["store_id"]) == TRIAL_STORE)
    address = {name: store[name] for name in ("street", "city", "state", "zip")}
    return {"location_id": LOCATION_ID, "name": "Acme Gourmet Meals", **address}


def _line(product: int, quantity: int) -> str:
    line = {
        "product_id": PEAK_PRODUCTS[product],
        "price": MEAL_DOLLARS,
        "quantity": quantity,
        "taxable": "N",
    }
    return _block(line, 8)


def _block(value: dict[str, Any], spaces: int) -> str:
    """Return an object as it stands after its key, nested this deep."""
    return indent(json.dumps(value, indent=2), " " * spaces).lstrip()


def _joined(parts: list[str]) -> str:
    return ",\n".join(parts)
