"""From each answer of a source to its evidence: what an asset of answers tells of itself."""

from typing import Any

import dagster as dg
import pandas as pd

from agm_platform.contracts.registry import find_table
from agm_platform.defs.table import asset_key
from agm_platform.settings import get_settings


def evidence_links(rows: pd.DataFrame) -> dict[str, Any]:
    """Return the answers as a list, each with the page of its evidence and its place on the site.

    The metadata of a run: an asset `evidence` a table on which an answer rests, too.
    """
    lines = ["| answer | evidence |", "|---|---|"]
    tables = {}
    for row in rows.to_dict("records"):
        name = row["evidence"]
        link = ""
        if isinstance(name, str) and (table := find_table(*name.split(".", 1))):
            key = asset_key(table)
            tables[f"evidence {name}"] = dg.MetadataValue.asset(key)
            link = f"[{name}](/assets/{key.to_user_string()})"
        text = str(row["answer"]).replace("|", "\\|").replace("\n", " ")
        lines.append(f"| **{row['answer_id']}**: {text} | {link} |")
    told: dict[str, Any] = {"answers": dg.MetadataValue.md("\n".join(lines))}
    if len(rows):
        site = get_settings().published_path / "site" / f"{rows['source'].iloc[0]}.html"
        told["site"] = dg.MetadataValue.path(str(site))
    return told | tables
