"""The review page on loopback: one page, read-only, for this machine only."""

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agm_platform.cli.review_server import ReviewServer, review


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ReviewServer]:
    (tmp_path / "journal.sqlite").write_text("not for readers", encoding="utf-8")
    found = ReviewServer(tmp_path / "review.html", 0)
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


def ask(
    server: ReviewServer, path: str, method: str = "GET", host: str = "127.0.0.1"
) -> tuple[int, bytes, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)
    connection.request(method, path, headers={"Host": f"{host}:{server.server_port}"})
    answer = connection.getresponse()
    found = answer.status, answer.read(), answer.headers
    connection.close()
    return found


def test_the_page_is_served_as_it_is_now(server: ReviewServer) -> None:
    status, body, _ = ask(server, "/review.html")
    assert (status, body[:25]) == (404, b"The review page is writte")
    for text in ("first", "second"):
        server.page.write_text(text, encoding="utf-8")
        for path in ("/", "/review.html", "/review.html?x=1"):
            status, body, headers = ask(server, path)
            assert (status, body) == (200, text.encode())
            assert headers["Cache-Control"] == "no-store"
            assert "default-src 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["/journal.sqlite", "/../journal.sqlite", "/%2e%2e/journal.sqlite", "//etc/passwd"]
)
def test_nothing_else_is_served(server: ReviewServer, path: str) -> None:
    status, body, _ = ask(server, path)
    assert status == 404
    assert b"not for readers" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_changed(server: ReviewServer, method: str) -> None:
    assert ask(server, "/review.html", method)[0] == 501


def test_head_tells_the_size_only(server: ReviewServer) -> None:
    server.page.write_text("page", encoding="utf-8")
    status, body, headers = ask(server, "/", "HEAD")
    assert (status, body, headers["Content-Length"]) == (200, b"", "4")


def test_another_host_name_is_refused_and_only_loopback_listens(server: ReviewServer) -> None:
    server.page.write_text("page", encoding="utf-8")
    assert ask(server, "/", host="evil.example")[0] == 403
    assert ask(server, "/", host="localhost")[0] == 200
    assert server.server_address[0] == "127.0.0.1"


def test_a_taken_port_is_told_and_no_error(
    server: ReviewServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert review(server.page, server.server_port, None) == 1
    assert "set AGM_REVIEW_PORT" in capsys.readouterr().out


def test_it_ends_with_the_process_that_started_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody = 0
    assert review(tmp_path / "review.html", 0, nobody) == 0
