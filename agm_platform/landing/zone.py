"""The landing zone: one folder a source, local or behind any URL that fsspec opens.

A sender writes under a temporary name and renames, or puts `<name>.done` beside a finished file.
File names are data from outside: nothing is read or written outside the zone and the given cache.
"""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

SOURCE_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
# What is still being written, or is not for us: hidden files, half transfers, backups of editors.
BEING_WRITTEN = re.compile(
    r"\..*|~.*|.*~|.*\.(part|partial|filepart|tmp|temp|crdownload)", re.IGNORECASE
)
NOT_A_FILE = "not a file; folders are not searched"
NOT_A_NAME = "unusable file name: control characters, slashes or not Unicode"


class FileChangedError(RuntimeError):
    """The file is no longer the one that was listed; the next scan takes the new one."""


class FileStat(NamedTuple):
    """One file as listed. `version` also changes when a writer keeps size and time: the time of
    the last status change of a local file, the entity tag of an object.
    """

    source: str
    path: str
    name: str
    size: int
    modified_ns: int
    version: str


class Listing(NamedTuple):
    """The files of one source, by name, and what is passed over: (name, reason)."""

    files: list[FileStat]
    skipped: list[tuple[str, str]]


class _Folder:
    """A local folder. Links are followed only as far as they stay inside it."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().resolve()
        self.name = str(self.root)

    def sources(self) -> Iterator[str]:
        with suppress(FileNotFoundError), os.scandir(self.root) as entries:
            yield from (entry.name for entry in entries if entry.is_dir())

    def list(self, source: str) -> Listing:
        listing = Listing([], [])
        with suppress(FileNotFoundError), os.scandir(self.root / source) as entries:
            for entry in entries:
                if BEING_WRITTEN.fullmatch(entry.name):
                    continue
                if not _is_usable(entry.name):
                    listing.skipped.append((ascii(entry.name), NOT_A_NAME))
                elif entry.is_symlink() and not self._is_inside(entry.path):
                    listing.skipped.append((entry.name, "a link that leads out of the zone"))
                elif not entry.is_file():
                    listing.skipped.append((entry.name, NOT_A_FILE))
                else:
                    with suppress(FileNotFoundError):  # gone since the folder was read
                        listing.files.append(_local(source, entry.path, entry.stat()))
        return listing

    def is_unchanged(self, file: FileStat) -> bool:
        return _local(file.source, file.path, Path(file.path).stat()) == file

    def open(self, path: str) -> BinaryIO:
        return Path(path).open("rb")

    def replace(self, file: FileStat, content: bytes) -> FileStat:
        path = Path(file.path).resolve()
        before = path.stat()
        aside = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            aside.write_bytes(content)
            aside.chmod(before.st_mode & 0o7777)
            os.utime(aside, ns=(before.st_atime_ns, before.st_mtime_ns))
            with aside.open("rb") as written:
                os.fsync(written.fileno())
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
        return _local(file.source, file.path, path.stat())

    def _is_inside(self, path: str) -> bool:
        return Path(path).resolve().is_relative_to(self.root)


class _Bucket:
    """A prefix of an fsspec file system; its options come from fsspec's own configuration."""

    def __init__(self, url: str) -> None:
        import fsspec

        # Listings must be fresh on every tick.
        self.system, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
        self.root = root.rstrip("/")
        self.name = f"{url.partition('://')[0]}://{self.root.lstrip('/')}"

    def sources(self) -> Iterator[str]:
        for path, info in self._children(self.root):
            if info["type"] == "directory":
                yield PurePosixPath(path).name

    def list(self, source: str) -> Listing:
        listing = Listing([], [])
        for path, info in self._children(f"{self.root}/{source}"):
            name = path.rpartition("/")[2]
            if not name or BEING_WRITTEN.fullmatch(name):
                continue
            if not _is_usable(name) or path != f"{self.root}/{source}/{name}":
                listing.skipped.append((ascii(name), NOT_A_NAME))
            elif info["type"] != "file":
                listing.skipped.append((name, NOT_A_FILE))
            else:
                listing.files.append(_remote(source, path, info))
        return listing

    def is_unchanged(self, file: FileStat) -> bool:
        self.system.invalidate_cache()
        now = _remote(file.source, file.path, self.system.info(file.path))
        if file.version:  # S3 gives milliseconds in a listing and seconds for one object
            return (now.size, now.version) == (file.size, file.version)
        return now == file

    def open(self, path: str) -> BinaryIO:
        return self.system.open(path, "rb")

    def replace(self, file: FileStat, content: bytes) -> FileStat:
        self.system.pipe_file(file.path, content)
        # As the next scan will see it: S3 tells times of one object less exactly than in a listing.
        return next(now for now in self.list(file.source).files if now.path == file.path)

    def _children(self, folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
        self.system.invalidate_cache()
        with suppress(FileNotFoundError):
            for info in self.system.ls(folder, detail=True):
                if info["name"].rstrip("/") != folder:  # the marker object of the folder itself
                    yield info["name"].rstrip("/"), info


class LandingZone:
    """Where senders drop files: `<zone>/<source>/<file>`. `url` is a local folder or an fsspec URL.

    A folder that does not exist is an empty one. Other trouble (no permission, no connection) is
    raised as OSError.
    """

    def __init__(self, url: str | os.PathLike[str]) -> None:
        address = os.fspath(url).removeprefix("file://")
        self._store = _Bucket(address) if "://" in address else _Folder(Path(address))

    def __repr__(self) -> str:
        """Return the address without credentials."""
        return f"LandingZone({self._store.name!r})"

    def sources(self) -> list[str]:
        """Return the names of the sources' folders, in order."""
        return sorted(name for name in self._store.sources() if SOURCE_NAME.match(name))

    def list(self, source: str) -> Listing:
        """List the files of one source, by name; subfolders are not searched."""
        if not SOURCE_NAME.match(source):
            msg = f"{source!r} is not the name of a source: lower case letters, digits, underscores"
            raise ValueError(msg)
        listing = self._store.list(source)
        listing.files.sort(key=lambda file: file.name)
        listing.skipped.sort()
        return listing

    def open(self, file: FileStat) -> BinaryIO:
        """Open a listed file for reading bytes."""
        return self._store.open(file.path)

    def read_bytes(self, file: FileStat) -> bytes:
        """Return the whole content of a listed file."""
        with self.open(file) as stream:
            return stream.read()

    def sha256(self, file: FileStat) -> str:
        """Return the SHA-256 of a listed file in hexadecimal digits, reading it once.

        Raises FileChangedError if the file was written to meanwhile.
        """
        digest = hashlib.sha256()
        buffer = bytearray(1 << 20)
        view = memoryview(buffer)
        with self.open(file) as stream:
            while count := stream.readinto(buffer):  # type: ignore[attr-defined]
                digest.update(view[:count])
        self._prove_unchanged(file)
        return digest.hexdigest()

    def replace(self, file: FileStat, content: bytes) -> FileStat:
        """Put other bytes in the place of a listed file, in one step; return the file as it is now.

        Only for what the law has erased: files are their senders'. A local file keeps its time and
        rights. Raises FileChangedError if the file is no longer the one that was listed.
        """
        self._prove_unchanged(file)
        return self._store.replace(file, content)

    def local_path(self, file: FileStat, cache: Path) -> Path:
        """Return a path that local programs can read: in place, or a copy in the folder `cache`.

        Raises FileChangedError if the file is gone or no longer the one that was listed.
        """
        self._prove_unchanged(file)
        if isinstance(self._store, _Folder):
            return Path(file.path)
        identity = f"{file.path}\n{file.version}\n{file.modified_ns}\n{file.size}"
        digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
        copy = cache / f"{digest}{re.sub(r'[^a-z0-9.]', '', Path(file.name).suffix.lower())}"
        if not copy.exists():
            cache.mkdir(parents=True, exist_ok=True)
            partial = copy.with_suffix(f".{os.getpid()}.part")
            self._store.system.get_file(file.path, str(partial))
            self._prove_unchanged(file)
            partial.replace(copy)
        return copy

    def _prove_unchanged(self, file: FileStat) -> None:
        with suppress(FileNotFoundError):
            if self._store.is_unchanged(file):
                return
        msg = f"{file.source}/{file.name} was changed or removed since it was listed; scan again"
        raise FileChangedError(msg)


def _is_usable(name: str) -> bool:
    return name.isprintable() and "/" not in name and "\\" not in name


def _local(source: str, path: str, stat: os.stat_result) -> FileStat:
    name = os.path.basename(path)  # noqa: PTH119  # ten thousand of them a tick
    return FileStat(source, path, name, stat.st_size, stat.st_mtime_ns, str(stat.st_ctime_ns))


def _remote(source: str, path: str, info: dict[str, Any]) -> FileStat:
    """Read what the file systems of fsspec name differently."""
    modified: Any = None
    for name in ("LastModified", "last_modified", "mtime", "updated", "modified", "created"):
        modified = modified or info.get(name)
    if isinstance(modified, str):
        modified = datetime.fromisoformat(modified)
    if isinstance(modified, datetime):
        aware = modified if modified.tzinfo else modified.replace(tzinfo=UTC)
        modified = aware.timestamp()
    version = info.get("ETag") or info.get("etag") or info.get("md5Hash") or ""
    modified_ns = round(float(modified or 0) * 1e6) * 1000  # a float has no more than microseconds
    return FileStat(
        source, path, path.rpartition("/")[2], int(info["size"]), modified_ns, str(version)
    )
