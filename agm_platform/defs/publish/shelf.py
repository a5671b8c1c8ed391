"""The folder that readers open and the ones behind it: whatever dies, they find a whole snapshot.

A snapshot is written under a name that begins with a dot, which no reader looks at, renamed when it
is finished, and only then led to. What goes is renamed to such a name before it is deleted.
"""

import os
import shutil
from pathlib import Path

import dagster as dg
from pydantic import Field

UNFINISHED = "."
"""How names begin of what is being written or deleted; the next publication deletes all of it."""


class Shelf(dg.ConfigurableResource):
    """Where snapshots are kept and which one readers see."""

    published_path: str = Field(description="The link that readers open.")
    snapshots_path: str = Field(description="Folder with one folder a snapshot.")
    reports: bool = Field(default=True, description="Whether site and workbook are made too.")
    kept: int = Field(default=7, ge=1, description="How many snapshots stay, the newest ones.")

    def new(self, name: str) -> Path:
        """Return an empty folder in which the snapshot of that name is to be written.

        What runs that died have left, there and in finished snapshots, is deleted first.
        """
        folder = Path(self.snapshots_path)
        folder.mkdir(parents=True, exist_ok=True)
        for left in (*folder.glob(f"{UNFINISHED}*"), *folder.glob(f"*/{UNFINISHED}*")):
            delete(left)
        aside = folder / f"{UNFINISHED}{name}.new"
        aside.mkdir()
        return aside

    def put_up(self, aside: Path, name: str) -> Path:
        """Show a finished snapshot to readers in one step; forget the oldest; return its folder."""
        target = _free(aside.parent / name)
        aside.rename(target)
        point_to(Path(self.published_path), target)
        _forget_others(target, self.kept)
        return target


def point_to(link: Path, target: Path) -> None:
    """Make `link` lead to `target` in one step: a reader sees the old folder or the new one."""
    link.parent.mkdir(parents=True, exist_ok=True)
    aside = link.with_name(f".{link.name}.new")
    aside.unlink(missing_ok=True)
    aside.symlink_to(os.path.relpath(target, link.parent), target_is_directory=True)
    aside.replace(link)


def delete(path: Path) -> None:
    """Delete a file or a folder with all that is in it; nothing if there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _free(path: Path) -> Path:
    """Return the path, or one beside it: a step that is tried again published under its name."""
    number = 2
    free = path
    while free.exists():
        free = path.with_name(f"{path.name}-{number}")
        number += 1
    return free


def _forget_others(current: Path, kept: int) -> None:
    """Delete all but the newest `kept` snapshots, and one more that a reader may have open."""
    others = [path for path in current.parent.iterdir() if path != current and path.is_dir()]
    others.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for old in others[max(kept - 1, 1) :]:
        going = old.with_name(f"{UNFINISHED}{old.name}.old")
        old.rename(going)
        shutil.rmtree(going, ignore_errors=True)
