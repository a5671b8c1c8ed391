"""A page taken apart: what a reader of HTML finds in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input", "wbr", "col"}


@dataclass
class Page(HTMLParser):
    """Headings, links, ids, tags and numbers of one page; ValueError if tags do not match."""

    text: str
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    tables: dict[str, list[list[str | float]]] = field(default_factory=dict)
    numbers: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[str] = []
        self._article = ""
        self._caption = ""
        self._row: list[str | float] | None = None
        self._number: float | None = None
        self.feed(self.text)
        if self._open:
            raise ValueError(self._open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "article":
            self._article = given.get("id") or ""
        if tag == "tr":
            self._row = []
        if tag in {"td", "th"} and self._row is not None:
            self._row.append("")
        if tag == "data":
            self._number = float(given["value"] or "")
            if self._row is not None:
                self._row[-1] = self._number
            elif self._article:
                self.numbers.setdefault(self._article, []).append(self._number)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            raise ValueError(tag)
        if tag == "tr" and self._row is not None:
            self.tables.setdefault(self._caption, []).append(self._row)
            self._row = None
        if tag == "table":
            self._caption = ""
        if tag == "data":
            self._number = None

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "caption":
            self._caption += data
        if self._row and self._number is None and isinstance(self._row[-1], str):
            self._row[-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [given for name, given in self.tags if name == tag]

    @property
    def levels(self) -> list[int]:
        return [int(tag[1]) for tag, _ in self.tags if tag in {"h1", "h2", "h3", "h4"}]

    @property
    def ids(self) -> list[str]:
        return [given["id"] or "" for _, given in self.tags if "id" in given]
