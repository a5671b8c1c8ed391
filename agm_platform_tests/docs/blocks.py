"""The fenced blocks of the guides: what a reader types, and what the guide says will be seen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from agm_platform.settings import REPOSITORY

FENCE = re.compile(
    r"(?:<!-- not run here: (.+?) -->\n)?```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
GUIDES = [
    REPOSITORY / "README.md",
    REPOSITORY / "docs" / "tutorial.md",
    *sorted((REPOSITORY / "docs" / "how-to").glob("*.md")),
]
TAKES_LONG = {
    r"make (run|replay)\b(?!.*--only harvest)": "a whole run takes minutes: see end_to_end",
    r"make (test|check)\b": "the tests do not start themselves",
    r"make (ui|dashboard|review)\b": "a server that runs on: see browser and cli",
}
"""Commands that a test of the guides does not start, and who does instead."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block: the guide, its line, language, what the fence says besides, text, why not run."""

    guide: Path
    line: int
    language: str
    told: str
    text: str
    why_not: str | None

    @property
    def name(self) -> str:
        """Guide and line."""
        return f"{self.guide.stem}:{self.line}"


def blocks(guide: Path) -> list[Block]:
    """Return the fenced blocks of a guide in order."""
    text = guide.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        marked, language, told, body = match.groups()
        why_not = marked
        for pattern, reason in TAKES_LONG.items():
            if language == "sh" and re.search(pattern, body):
                why_not = reason
        line = text.count("\n", 0, match.start(2)) + 1
        found.append(Block(guide, line, language, told.strip(), body, why_not))
    return found
