"""Who may talk to the server: requests by its own names only, from its own pages only.

A stranger may point a name of its own at this machine (DNS rebinding): the browser then counts it as the same origin
as this server, and only the name in the request tells. Names are `localhost`, addresses in numbers (which no name
server can turn), and what the owner lists as `server.allowedHosts`. Streamlit itself looks at that list for websockets
only, and asks the network for its own addresses when a foreign origin comes: neither is left to it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from streamlit import config

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_CLOSED = "/_stcore/metrics"
_NAME = (
    b"This server does not answer to that name. Its owner can allow it: streamlit run app.py "
    b"--server.allowedHosts=NAME\n"
)
_ORIGIN = b"This server answers to its own pages only.\n"


class Guard:
    """ASGI middleware that refuses foreign names and origins, and closes the metrics.

    Args:
        app: what answers all other requests.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or websocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = [(name.lower(), value.decode("latin-1")) for name, value in scope.get("headers", ())]
        hosts = [value for name, value in headers if name == b"host"]
        origins = [value for name, value in headers if name == b"origin"]
        if len(hosts) != 1 or not host_allowed(hosts[0], config.get_option("server.allowedHosts")):
            await _refuse(scope, receive, send, 421, _NAME)
        elif not all(_origin_allowed(origin, hosts[0]) for origin in origins):
            await _refuse(scope, receive, send, 403, _ORIGIN)
        elif str(scope.get("path", "")).rstrip("/").endswith(_CLOSED):
            await _refuse(scope, receive, send, 404, b"Not found\n")
        else:
            await self._app(scope, receive, send)


def host_allowed(host: str, names: list[str]) -> bool:
    """Whether a `Host` header names this server.

    Args:
        host: name or address, with or without a port.
        names: further names; `*.example.com` stands for all below, `*` for all.
    """
    name = _hostname(host)
    if name is None:
        return False
    if name == "localhost" or _is_address(name):
        return True
    for allowed in (one.strip().lower().rstrip(".") for one in names):
        if allowed in ("*", name) or (allowed.startswith("*.") and name.endswith(allowed[1:])):
            return True
    return False


def _origin_allowed(origin: str, host: str) -> bool:
    """Whether a page of that origin may talk to the server: its own, or one that the owner lists."""
    if not config.get_option("server.enableCORS"):
        return True
    listed = {one.strip().rstrip("/") for one in config.get_option("server.corsAllowedOrigins")}
    try:
        own = urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False
    return own or origin in listed


def _hostname(host: str) -> str | None:
    """The name in a `Host` header; None if it is no name."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    if parts.username or parts.password or parts.path or parts.query or parts.fragment or not parts.hostname:
        return None
    return parts.hostname.lower().rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, reason: bytes) -> None:
    if scope["type"] == "websocket":
        await receive()  # the request to connect
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(reason)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reason})
