"""The server as a stranger meets it: foreign names and origins, metrics, and no word to the network."""

from __future__ import annotations

import asyncio
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hostile.surface import Tally
from ui.guard import Guard, host_allowed

ROOT = Path(__file__).resolve().parents[2]
_WATCH = """
import os, sys

def watch(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.sendto"):
        name = str(arguments[0] if event != "socket.sendto" else arguments[1])
    elif event == "socket.connect":
        name = str(arguments[1])
    else:
        return
    if name in ("127.0.0.1", "localhost", "None", "b'127.0.0.1'") or name.startswith(("('127.0.0.1'", "/", "b'/")):
        return
    with open(os.environ["LRS_TEST_NETWORK"], "a") as log:
        log.write(f"{event} {arguments!r}\\n")
    raise OSError(101, "the network is blocked")

sys.addaudithook(watch)
"""


@dataclass(frozen=True)
class Server:
    """A running dashboard that the network is blocked for.

    Args:
        port: on 127.0.0.1.
        network: file with a line for every look-up and connection that was tried.
        output: file with what it printed.
    """

    port: int
    network: Path
    output: Path

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.putrequest("GET", path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def websocket(self, **headers: str) -> int:
        """Status of the answer to a request to connect."""
        return self.get(
            "/_stcore/stream",
            Connection="Upgrade",
            Upgrade="websocket",
            Sec_WebSocket_Version="13",
            Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==",
            **headers,
        ).status


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    (folder / "sitecustomize.py").write_text(_WATCH)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = Server(port, folder / "network", folder / "output")
    paths = {
        "PYTHONPATH": str(folder),
        "LRS_TEST_NETWORK": str(found.network),
        "LRS_LIBRARY": str(folder / "library"),
    }
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    with found.output.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **paths}, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_healthy(found, process)
        yield found
    finally:
        process.terminate()
        process.wait(60)


def _wait_until_healthy(server: Server, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, server.output.read_text()
        try:
            if server.get("/_stcore/health").status == 200:
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(server.output.read_text())


def test_a_foreign_name_is_not_answered(server: Server, surface: Callable[[str], Tally]):
    tally = surface("requests to the server")
    own = f"127.0.0.1:{server.port}"
    foreign = ("evil.example", f"evil.example:{server.port}", "localhost.evil.example", "127.0.0.1.evil.example",
               "evil@localhost", "localhost/x", "", "localhost:99999999", "[::1", "127.1.evil")  # fmt: skip
    for host in foreign:
        for path in ("/", "/_stcore/health", "/graph", "/_stcore/upload_file/x/y", "/media/x.png"):
            assert server.get(path, Host=host).status in (400, 421), (host, path)
            tally.tried, tally.refused = tally.tried + 1, tally.refused + 1
        # as a page of a name that has been turned to this machine would ask: host and origin agree
        assert server.websocket(Host=host, Origin=f"http://{host}") != 101, host
        tally.tried, tally.refused = tally.tried + 1, tally.refused + 1
    for origin in (
        "http://evil.example",
        "http://127.0.0.1:1",
        "null",
        "http://[",
        f"https://evil.example/{own}",
    ):
        assert server.websocket(Host=own, Origin=origin) == 403, origin
        tally.tried, tally.refused = tally.tried + 1, tally.refused + 1
    for name in ("127.0.0.1", "localhost", "LOCALHOST.", "[::1]"):
        host = f"{name}:{server.port}"
        assert server.get("/", Host=host).status == 200, host
        assert server.websocket(Host=host, Origin=f"http://{host}") == 101, host
        tally.tried, tally.accepted = tally.tried + 2, tally.accepted + 2


def test_metrics_are_closed(server: Server):
    for path in ("/_stcore/metrics", "/_stcore/metrics/", "/graph/_stcore/metrics"):
        assert server.get(path).status == 404, path


def test_nothing_is_looked_up_and_nothing_connected_to(server: Server):
    assert server.get("/").status == 200
    server.websocket(Host=f"127.0.0.1:{server.port}", Origin="http://elsewhere.example")
    assert not server.network.exists(), server.network.read_text()
    assert "Traceback" not in server.output.read_text()


def test_the_watch_sees_what_it_should(tmp_path: Path):
    (tmp_path / "sitecustomize.py").write_text(_WATCH)
    code = "import socket\ntry:\n socket.getaddrinfo('example.org', 80)\nexcept OSError as e: print(e)"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "LRS_TEST_NETWORK": str(tmp_path / "network")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert "blocked" in done.stdout
    assert "example.org" in (tmp_path / "network").read_text()


@pytest.mark.parametrize(
    ("host", "names", "allowed"),
    [
        ("localhost:8501", [], True),
        ("10.1.2.3", [], True),
        ("[fe80::1]:80", [], True),
        ("lab.example", [], False),
        ("lab.example:8501", ["lab.example"], True),
        ("a.lab.example", ["*.lab.example"], True),
        ("lab.example", ["*.lab.example"], False),
        ("xlab.example", ["*.lab.example"], False),
        ("anything", ["*"], True),
        ("any thing/", ["*"], False),
    ],
)
def test_names_of_the_server(host: str, names: list[str], allowed: bool):
    assert host_allowed(host, names) is allowed


def test_two_names_in_one_request_are_refused():
    sent: list[dict[str, object]] = []

    async def send(message) -> None:
        sent.append(message)

    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    async def app(*_: object) -> None:
        raise AssertionError("reached")

    scope = {"type": "http", "path": "/", "headers": [(b"host", b"localhost"), (b"Host", b"evil")]}
    with ThreadPoolExecutor(1) as aside:  # a browser of other tests keeps this thread's event loop running
        aside.submit(asyncio.run, Guard(app)(scope, receive, send)).result()
    assert sent[0]["status"] == 421
