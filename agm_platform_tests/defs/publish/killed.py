"""A program that publishes again and again and is killed at every step; prints what it found.

Its only argument is an empty folder. Processes are forked while nothing of DuckDB is open (what is
imported on the way is there by then), and each kills itself: before a chosen operation on files, or
in the middle of a write that would make a file longer than a limit, which also finds the engine's
own writes.
"""

import hashlib
import json
import os
import resource
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import duckdb

from agm_platform.contracts import agm, answers
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.publish.reports import SITE, WORKBOOK, put_into
from agm_platform.defs.publish.shelf import Shelf
from agm_platform.defs.publish.snapshot import publish
from agm_platform.warehouse.types import create_statement

WRITES = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.symlink", "os.link", "os.chmod"}
TABLES = (answers.ANSWERS, agm.STORES)
LIMITS = (1, 5_000, 20_000, 300_000)
"""Bytes at which a write is cut off: small files, the head of a DuckDB file, one block of it."""
RECOVERED = 3
"""After every third kill something is published undisturbed."""


def publish_all(folder: Path, number: int) -> None:
    """Do what a run does: tables, then site, then workbook; pages and sheets are only filled."""
    shelf = Shelf(
        published_path=str(folder / "published"),
        snapshots_path=str(folder / "snapshots"),
        kept=2,
    )
    with duckdb.connect(config={"threads": 1}) as connection:
        for table in TABLES:
            connection.execute(f"create schema if not exists {table.source}")
            connection.execute(create_statement(table))
        connection.execute(
            f"insert into agm.stores (store_id, zip) select i, '9000{number % 10}'"
            " from range(20) as r(i)"
        )
        connection.execute(
            "insert into answers.answers (answer_id, source, question, answer, details)"
            f" values ('agm.sales', 'agm', 'How many?', '{number}', '[]')"
        )
        privacy = Privacy(keys_path=str(folder / "keys"))
        publish(connection, shelf, privacy, f"run{number}", TABLES, {})
    snapshot = (folder / "published").resolve()
    put_into(snapshot, SITE, write_pages)
    put_into(snapshot, SITE, write_pages)  # again: in the place of the one that is there
    put_into(snapshot, WORKBOOK, lambda aside: aside.write_text("a" * 6_000))


def write_pages(aside: Path) -> None:
    """Stand for the site, of which only how it is put in its place matters here."""
    aside.mkdir()
    for name in ("index", "agm"):
        (aside / f"{name}.html").write_text(name * 2_000)


def killed_at(step: int, folder: Path) -> None:
    """Kill this process before the operation of that number that changes something in `folder`."""
    left = step

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        changes = event in WRITES or (
            event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_ACCMODE
        )
        if changes and any(str(a).startswith(str(folder)) for a in arguments[:2]):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def cut_off_at(size: int) -> None:
    """Kill this process in the write that would make a file longer."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def in_a_process(folder: Path, number: int, *, step: int = -1, size: int = -1) -> bool:
    """Publish in a process of its own; return whether it came to its end."""
    child = os.fork()
    if child == 0:
        try:
            if step >= 0:
                killed_at(step, folder)
            if size >= 0:
                cut_off_at(size)
            publish_all(folder, number)
        except BaseException as error:  # noqa: BLE001  what is not a kill is a fault of its own
            sys.stderr.write(f"run{number}: {error!r}\n")
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return not os.WIFSIGNALED(status)


def faults(folder: Path, runs: set[int]) -> list[str]:
    """Return what a reader would find wrong, where one of some runs must have published."""
    published = folder / "published"
    if not published.exists():
        return ["the link leads nowhere"]
    manifest = json.loads((published / "manifest.json").read_text())
    said = json.loads((published / "answers.json").read_text())[0]["answer"]
    found = [] if manifest["run_id"] == f"run{said}" else ["answers of another run"]
    if int(said) not in runs:
        found.append(f"run{said}")
    for name, facts in manifest["files"].items():
        path = published / name
        if not path.exists():
            found.append(f"{name} is not there")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != facts["sha256"]:
            found.append(f"{name} is another")
    wanted = {"insights.duckdb", "answers.json", "parquet/agm.stores/agm.stores.parquet"}
    return found + [f"{name} is not named" for name in wanted - manifest["files"].keys()]


def left_over(folder: Path) -> list[str]:
    """Return what is there of publications that died."""
    names = [str(path.relative_to(folder)) for path in folder.rglob("*")]
    return [name for name in names if any(part.startswith(".") for part in Path(name).parts)]


def main(folder: Path) -> None:
    """Be killed at every step in turn, each time beside the same whole publication."""
    there, kept = folder / "data", folder / "kept"
    publish_all(there, 0)
    publish_all(there, 1)
    there.rename(kept)
    wrong: dict[str, list[str]] = {}
    killed: dict[str, int] = {"step": 0, "size": 0}
    points = [("size", size) for size in LIMITS] + [("step", step) for step in range(1000)]
    for kind, value in points:
        shutil.rmtree(there, ignore_errors=True)
        shutil.copytree(kept, there, symlinks=True)
        ended = in_a_process(there, 2, **{kind: value})
        if found := faults(there, {1, 2}):
            wrong[f"{kind} {value}"] = found
        if ended and kind == "step":
            break
        killed[kind] += not ended
        if kind == "size" or value % RECOVERED == 0:
            in_a_process(there, 3)
            manifest = json.loads((there / "published" / "manifest.json").read_text())
            found = [*faults(there, {3}), *left_over(there)]
            if {"site/index.html", "insights.xlsx"} - manifest["files"].keys():
                found.append("site or workbook is not named")
            if found:
                wrong[f"after {kind} {value}"] = found
    sys.stdout.write(json.dumps({"wrong": wrong, "killed": killed}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
