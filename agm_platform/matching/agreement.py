"""How two records agree, as one text a pair, as words for people, and as groups of pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from agm_platform.matching.engine import PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    import pandas as pd

    from agm_platform.matching.design import Design, Level

CONFLICT, ELSEWHERE, SAME_PLACE, NO_PLACE = "conflict", "elsewhere", "same_place", "no_place"
GROUPS = (CONFLICT, ELSEWHERE, SAME_PLACE, NO_PLACE)
HIDDEN = {"left": "of one", "right": "of the other"}


def agreement(scored: pd.DataFrame, design: Design) -> pd.Series[str]:
    """Return "first_name=same|street=alike|..." for pairs with level_<comparison> columns."""
    import pandas as pd

    text = pd.Series("", index=scored.index, dtype=object)
    for place, comparison in enumerate(design.comparisons):
        names = np.array([level.name for level in comparison.levels], dtype=object)
        part = names[scored[f"{PREFIX}{comparison.name}"].to_numpy(dtype=int)]
        text = text + ("|" if place else "") + f"{comparison.name}=" + part
    return text


def levels_of(text: str, design: Design) -> dict[str, Level]:
    """Return the level of each comparison that an agreement names; KeyError for a strange one."""
    named = (part.split("=", 1) for part in text.split("|"))
    return {comparison: design.level(comparison, level) for comparison, level in named}


def groups(scored: pd.DataFrame, design: Design) -> npt.NDArray[Any]:
    """Return the group that each pair is calibrated in.

    conflict: a level says that the two are different people (another first name in one household);
    elsewhere: they live in another street, ZIP or city; no_place: same street, but of what town
    nobody can tell; same_place: the others.
    """
    size = len(scored)
    conflict, elsewhere, no_place = (np.zeros(size, dtype=bool) for _ in range(3))
    for comparison in design.comparisons:
        taken = scored[f"{PREFIX}{comparison.name}"].to_numpy(dtype=int)
        levels = comparison.levels
        conflict |= np.array([level.conflict for level in levels])[taken]
        elsewhere |= np.array([level.elsewhere for level in levels])[taken]
        if any(level.elsewhere for level in levels):
            no_place |= np.array([level.is_null for level in levels])[taken]
    return np.select(
        [conflict, elsewhere, no_place], [CONFLICT, ELSEWHERE, NO_PLACE], default=SAME_PLACE
    ).astype(object)


def same_zip(scored: pd.DataFrame, design: Design) -> Any:
    """Return whether the ZIPs agree, null where one is missing, as nullable booleans."""
    import pandas as pd

    column = f"{PREFIX}place"
    if column not in scored:
        return pd.array([None] * len(scored), dtype="boolean")
    known = {"same": True, "same_city": False, "other": False}
    names = [known.get(level.name) for level in design.comparison("place").levels]
    return pd.array([names[place] for place in scored[column].astype(int)], dtype="boolean")


def explanation(
    text: str,
    design: Design,
    left: Mapping[str, Any] | None = None,
    right: Mapping[str, Any] | None = None,
) -> str:
    """Return an agreement in words, equal subjects first.

    Without the records there is no personal value in it: "first name of one and first name of the
    other are forms of one name".
    """
    said = []
    for name, level in levels_of(text, design).items():
        comparison = design.comparison(name)
        if level.is_null:
            said.append((1, f"{name.replace('_', ' ')} cannot be compared"))
            continue
        values = HIDDEN
        if left is not None and right is not None:
            shown = comparison.shown
            values = {"left": str(left.get(shown) or ""), "right": str(right.get(shown) or "")}
        said.append((0 if level.name.startswith("same") else 1, level.words.format(**values)))
    return "; ".join(words for _, words in sorted(said, key=lambda each: each[0]))


def explanations(texts: pd.Series[str], design: Design) -> pd.Series[str]:
    """Return each agreement in words without personal values; equal ones are worded once."""
    return texts.map({text: explanation(text, design) for text in texts.unique()})
