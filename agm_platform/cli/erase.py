"""`make erase`: one person out of everything that the platform keeps, and the proof of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from agm_platform.cli.erase_data import (
    erase_rows,
    forget_snapshots,
    has_number,
    is_shared,
    records_of,
    remains,
    sweep_files,
    sweep_rows,
)
from agm_platform.cli.erase_files import files_of_persons, redacted, rewrite_files
from agm_platform.cli.places import settle_in
from agm_platform.cli.run import work
from agm_platform.landing.ledger import Ledger
from agm_platform.landing.zone import LandingZone
from agm_platform.privacy.person import Person, UnknownPersonError
from agm_platform.privacy.probes import Probes, hints_for, probes_for
from agm_platform.privacy.sweep import compact_sqlite
from agm_platform.privacy.tombstones import Tombstones
from agm_platform.settings import Settings, get_settings
from agm_platform.warehouse.erasure import rewrite

if TYPE_CHECKING:
    from agm_platform.warehouse.erasure import IsPerson


def erase(person: str | None, person_file: str | None) -> int:
    """Erase a person, or, given nobody, apply all earlier erasures to files that came since.

    Returns 0 when everything was computed anew and a scan of every file finds nothing of the
    person, else 1. Can be repeated: what an interrupted erasure left is done.
    """
    console = Console(highlight=False, soft_wrap=True)
    settings = get_settings()
    try:
        given = person or (Path(person_file).read_text(encoding="utf-8") if person_file else None)
        somebody = Person.given(given) if given else None
    except (UnknownPersonError, OSError, UnicodeDecodeError) as error:
        # An error of the file system quotes the path, which may name the person.
        words = str(error) if isinstance(error, UnknownPersonError) else "the file cannot be read"
        console.print(f"Nobody was erased: {words}.")
        return 1
    moved = settle_in(settings)
    if moved:
        console.print(moved)
    stones = Tombstones(settings.keys_path)
    zone = LandingZone(settings.landing)
    if somebody is not None:
        found = _learn(somebody, zone, settings)
        numbers, names = somebody.size
        console.print(f"{found} records, with {numbers} numbers and {names} spellings.")
        stones.add(somebody.numbers, somebody.names)
    elif not stones:
        console.print("Nobody has been erased so far.")
        return 0
    failed = _take_out(console, settings, zone, stones.holds, somebody)
    if somebody is None:
        return 1 if failed else 0
    return _prove(console, settings, zone, somebody, failed=failed)


def _learn(person: Person, zone: LandingZone, settings: Settings) -> int:
    """Find every number and spelling of a person; return in how many records they are."""
    while True:
        size = person.size
        found = records_of(settings, person.matches)
        hints = hints_for(person)
        for file, feed in files_of_persons(zone):
            content = zone.read_bytes(file)
            if hints.found_in(content):
                found += redacted(content, feed, person.matches).records
        if person.size == size:
            return found


def _take_out(
    console: Console,
    settings: Settings,
    zone: LandingZone,
    is_person: IsPerson,
    somebody: Person | None,
) -> bool:
    """Rewrite files and rows, and compute everything anew; return whether something failed."""
    ledger = Ledger(settings.ledger_path)
    hints = hints_for(somebody) if somebody else None
    files = rewrite_files(
        zone, ledger, is_person, lambda content: hints is None or hints.found_in(content)
    )
    for file in files:
        console.print(f"  landing {file.name}: {file.records} records")
    for name, records in erase_rows(settings, is_person, {f.before: f.after for f in files}):
        console.print(f"  warehouse {name}: {records} records")
    if somebody is not None:  # a run reads what people have decided in review files
        _sweep(console, settings, somebody)
    failures = [failure for progress in work(console, settings) for failure in progress.failures]
    for failure in failures:
        console.print(f"failed {failure}")
    gone = forget_snapshots(settings, keep_current=not failures)
    console.print(f"  {gone} earlier snapshots deleted")
    return bool(failures)


def _sweep(console: Console, settings: Settings, somebody: Person) -> Probes:
    """Clean the files below DATA that no run writes anew; return what was searched."""
    probes = probes_for(somebody, lambda text: is_shared(settings, text))
    for path, done in sweep_files(settings, probes):
        console.print(f"  {path}: {done}")
    return probes


def _prove(
    console: Console, settings: Settings, zone: LandingZone, somebody: Person, *, failed: bool
) -> int:
    """Clean what else holds the person, write the databases anew, and search every byte."""
    probes = _sweep(console, settings, somebody)
    for name, rows in sweep_rows(settings, probes):
        console.print(f"  warehouse {name}: {rows} rows deleted")
    if settings.warehouse_path.exists():
        rewrite(settings.warehouse_path)
    compact_sqlite(settings.ledger_path)
    left = remains(settings, zone, probes)
    left += [f"warehouse {name}" for name in has_number(settings, somebody)]
    if probes.not_alone:
        console.print(
            f"{probes.not_alone} values are short or others' too: searched beside another only."
        )
    for place in left:
        console.print(f"still there: {place}")
    if left or failed:
        console.print("Not finished: see above and docs/how-to/erase-a-person.md, then repeat it.")
        return 1
    console.print("Erased: no byte of the landing zone and of DATA holds the person.")
    return 0
