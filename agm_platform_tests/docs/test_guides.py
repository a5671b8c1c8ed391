"""What the guides tell people to type works, in a copy of the repository; links lead somewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agm_platform.cli.main import _parser
from agm_platform.landing.ledger import Ledger
from agm_platform.settings import REPOSITORY
from agm_platform_tests.docs.blocks import GUIDES, Block, blocks
from agm_platform_tests.reports.conftest import ANSWERS, ROWS
from agm_platform_tests.reports.snapshots import breakdown, publish

TUTORIAL = REPOSITORY / "docs" / "tutorial.md"
TYPED = [
    block
    for guide in GUIDES
    if guide != TUTORIAL
    for block in blocks(guide)
    if block.language in {"sh", "python"}
]
PAGES = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md"]
PAGES += sorted((REPOSITORY / "docs").rglob("*.md"))
LEFT = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "samples", "landing", "warehouse",
    "published", "snapshots", "dagster", "benchmarks", "review", "ledger",
    "quality", "keys", "cache", "models", "other_landing_zones",
)  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with a small published snapshot and an empty ledger, to type commands in."""
    target = tmp_path_factory.mktemp("typed") / "agm_platform"
    shutil.copytree(REPOSITORY / "data", target / "data", ignore=LEFT)
    for name in ("agm_platform", "docs"):
        shutil.copytree(
            REPOSITORY / name, target / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for path in REPOSITORY.iterdir():
        if path.is_file():
            shutil.copy2(path, target / path.name)
    (target / ".venv").symlink_to(Path(sys.prefix))
    rows = {**ROWS, "peak.orders": []}
    rows["peak.delivery_insights"] = [
        *ROWS["peak.delivery_insights"],
        breakdown("weekday", "Monday", 12),
    ]
    told = {"answer_id": "peak.net_dollars", "value": 590.4, "unit": "USD"}
    publish(target / "data" / "published", rows, [*ANSWERS, told])
    parquet = target / "data" / "published" / "parquet"
    parquet.mkdir()
    (target / "data" / "ledger").mkdir()
    Ledger(target / "data" / "ledger" / "ledger.sqlite").history()
    return target


def typed(block: Block, folder: Path) -> str:
    """Run a block as a reader would in the repository's folder; return what it printed."""
    program = ["sh", "-eu", "-c"] if block.language == "sh" else [sys.executable, "-c"]
    environment = {name: value for name, value in os.environ.items() if name[:4] != "AGM_"}
    # Neither pages nor workbook are looked at here, and they cost seconds a run.
    environment |= {"AGM_REPORTS": "false", "PYTHONPATH": str(folder), "COLUMNS": "160"}
    done = subprocess.run(
        [*program, block.text],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{block.name}: {done.stdout}"
    return done.stdout


def test_the_tutorial_can_be_typed_from_beginning_to_end(copy: Path) -> None:
    said, seen = "", 0
    for block in blocks(TUTORIAL):
        kind, _, path = block.told.partition("=")
        if kind == "file":
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).write_text(block.text, encoding="utf-8")
        elif block.language == "sh":
            said = typed(block, copy)
        else:
            plain = " ".join(said.split())
            for line in block.text.splitlines():
                seen += 1
                is_there = " ".join(line.split()) in plain
                assert is_there is (block.told == "shows"), f"{block.name}: {line}\n{said}"
    assert seen == 7
    assert not (copy / "agm_platform" / "contracts" / "harvest.py").exists()


@pytest.mark.parametrize("block", TYPED, ids=lambda block: block.name)
def test_what_a_guide_says_to_type_works(block: Block, copy: Path) -> None:
    if block.why_not:
        pytest.skip(block.why_not)
    typed(block, copy)


def test_every_make_target_that_a_page_names_is_there() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {
        (page.name, target)
        for page in PAGES
        for target in re.findall(
            r"(?:^ {4}|`|&& )make ([a-z-]+)", page.read_text("utf-8"), re.MULTILINE
        )
    }
    assert len(named) > 20
    assert {one for one in named if one[1] not in targets} == set()


def test_every_command_that_a_page_names_is_there() -> None:
    words = _parser().format_help()
    named = {
        (page.name, command)
        for page in PAGES
        for command in re.findall(r"-m agm_platform ([a-z-]+)", page.read_text("utf-8"))
    }
    assert len(named) > 3
    assert {one for one in named if not re.search(rf"\b{one[1]}\b", words)} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_and_pictures_of_a_page_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (page.parent / target).exists(), target
