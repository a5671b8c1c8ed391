"""The landing zone: the same behaviour for a folder, an fsspec URL and an S3 stand-in."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import fsspec
import pytest

from agm_platform.landing.fetch import fetch
from agm_platform.landing.ledger import Ledger
from agm_platform.landing.scan import scan
from agm_platform.landing.zone import FileChangedError, LandingZone
from agm_platform_tests.landing.conftest import SALES

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    """Start an S3 stand-in on loopback."""
    server_module = pytest.importorskip("moto.server")
    pytest.importorskip("s3fs")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "memory", "s3"])
def url(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The address of an empty zone."""
    if request.param == "folder":
        yield str(tmp_path / "zone")
        return
    if request.param == "memory":
        yield f"memory://{tmp_path.name}/landing"
        return
    endpoint = request.getfixturevalue("s3_endpoint")
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "stand-in",
        "AWS_SECRET_ACCESS_KEY": "stand-in",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    fsspec.filesystem("s3").clear_instance_cache()
    fsspec.filesystem("s3").mkdir("bucket")
    yield "s3://bucket/landing"
    fsspec.filesystem("s3").rm("bucket", recursive=True)
    fsspec.filesystem("s3").clear_instance_cache()


def put(url: str, path: str, content: bytes) -> None:
    system, root = fsspec.core.url_to_fs(url)
    system.makedirs(f"{root}/{path.rpartition('/')[0]}", exist_ok=True)
    system.pipe_file(f"{root}/{path}", content)


def test_sources_and_files_are_listed_by_name(url: str) -> None:
    for path in ("peak/b.json", "peak/a.json", "agm/c.csv", "peak/old/d.json", "peak/x.part"):
        put(url, path, b"content")
    zone = LandingZone(url)
    listing = zone.list("peak")
    assert zone.sources() == ["agm", "peak"]
    assert [(f.source, f.name, f.size) for f in listing.files] == [
        ("peak", "a.json", 7),
        ("peak", "b.json", 7),
    ]
    assert listing.skipped == [("old", "not a file; folders are not searched")]
    assert zone.list("loyalty").files == []


def test_a_file_is_dated_hashed_and_read(url: str) -> None:
    content = os.urandom(3 << 20)
    put(url, "peak/a.json", content)
    zone = LandingZone(url)
    (file,) = zone.list("peak").files
    modified = datetime.fromtimestamp(file.modified_ns / 1e9, tz=UTC)
    assert abs(modified - datetime.now(tz=UTC)) < timedelta(minutes=5)
    assert zone.sha256(file) == hashlib.sha256(content).hexdigest()
    assert zone.read_bytes(file) == content


def test_a_local_copy_is_the_file_as_listed_or_an_error(url: str, tmp_path: Path) -> None:
    put(url, "peak/a.json", b"one")
    zone = LandingZone(url)
    (file,) = zone.list("peak").files
    path = zone.local_path(file, tmp_path / "cache")
    assert path.read_bytes() == b"one"
    assert zone.local_path(file, tmp_path / "cache") == path
    put(url, "peak/a.json", b"another")
    with pytest.raises(FileChangedError, match=r"peak/a\.json was changed or removed"):
        zone.local_path(file, tmp_path / "cache")
    with pytest.raises(FileChangedError):
        zone.sha256(file)


def test_what_arrives_is_seen_corrected_and_fetched(url: str, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    zone = LandingZone(url)
    now = datetime.now(tz=UTC) + timedelta(hours=1)

    def look() -> list[str]:
        return [str(a.kind) for a in scan(zone, ledger, "peak", [SALES], now=now).arrivals]

    assert look() == []
    put(url, "peak/sales_2020_10_03.json", b"one")
    assert [look(), look()] == [["new"], []]
    put(url, "peak/sales_2020_10_03.json", b"two")
    assert [look(), look()] == [["corrected"], []]
    fetched = fetch(zone, ledger, ledger.history(), tmp_path / "cache")
    assert [delivery.delivery_id for delivery in fetched.gone] == [1]
    assert {key: path.read_bytes() for key, path in fetched.paths.items()} == {2: b"two"}


def test_a_local_file_is_read_in_place(tmp_path: Path) -> None:
    put(str(tmp_path), "peak/a.json", b"one")
    for zone in (LandingZone(tmp_path), LandingZone(f"file://{tmp_path}")):
        (file,) = zone.list("peak").files
        assert zone.local_path(file, tmp_path / "cache") == tmp_path / "peak" / "a.json"
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("source", ["..", "../peak", "peak/old", "/etc", "", ".git", "Peak"])
def test_a_source_is_a_plain_name(tmp_path: Path, source: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a source"):
        LandingZone(tmp_path).list(source)


def test_links_are_followed_only_inside_the_zone(tmp_path: Path) -> None:
    put(str(tmp_path / "zone"), "peak/a.json", b"inside")
    (tmp_path / "secret.json").write_bytes(b"outside")
    folder = tmp_path / "zone" / "peak"
    (folder / "b.json").symlink_to(folder / "a.json")
    (folder / "c.json").symlink_to(tmp_path / "secret.json")
    (folder / "d.json").symlink_to(folder / "nowhere.json")
    listing = LandingZone(tmp_path / "zone").list("peak")
    assert [file.name for file in listing.files] == ["a.json", "b.json"]
    assert listing.skipped == [
        ("c.json", "a link that leads out of the zone"),
        ("d.json", "not a file; folders are not searched"),
    ]


@pytest.mark.parametrize("name", [b"a\nb.json", b"a\\..\\b.json", b"\xff.json", b"a\x1b[31m.json"])
def test_a_name_that_could_do_harm_is_passed_over_and_said(tmp_path: Path, name: bytes) -> None:
    (tmp_path / "peak").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path / "peak") + b"/" + name)).touch()
    listing = LandingZone(tmp_path).list("peak")
    ((shown, reason),) = listing.skipped
    assert (listing.files, shown.isprintable()) == ([], True)
    assert reason.startswith("unusable file name")


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "peak").mkdir()
    os.mkfifo(tmp_path / "peak" / "a.json")
    assert LandingZone(tmp_path).list("peak").skipped[0][0] == "a.json"


def test_the_address_is_shown_without_credentials() -> None:
    assert repr(LandingZone("memory://folder/landing")) == "LandingZone('memory://folder/landing')"


def test_a_replaced_file_is_at_once_what_the_next_listing_shows(url: str) -> None:
    put(url, "peak/a.json", b"with a person")
    zone = LandingZone(url)
    [file] = zone.list("peak").files
    now = zone.replace(file, b"without")
    assert zone.list("peak").files == [now]
    assert zone.read_bytes(now) == b"without"
    with pytest.raises(FileChangedError):
        zone.replace(file, b"again, by what was listed before")


def test_a_replaced_local_file_keeps_its_time_and_rights(tmp_path: Path) -> None:
    path = tmp_path / "peak" / "a.json"
    path.parent.mkdir()
    path.write_bytes(b"with a person")
    path.chmod(0o640)
    os.utime(path, ns=(1, 1_600_000_000_000_000_000))
    zone = LandingZone(tmp_path)
    zone.replace(zone.list("peak").files[0], b"without")
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.stat().st_mtime_ns == 1_600_000_000_000_000_000
    assert [entry.name for entry in path.parent.iterdir()] == ["a.json"]
