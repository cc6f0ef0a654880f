"""The server's time for an answer, read off the messages between a browser and Streamlit."""

from __future__ import annotations

import time

from playwright.sync_api import Page, WebSocket
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_DONE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


class Answers:
    """Listens to one page: seconds from a request to the end of the script run that answers it.

    The time in the browser before the request and after the last message is not in it; the transport on this machine
    is. To be made before the page goes to its address.
    """

    def __init__(self, page: Page) -> None:
        self.seconds: list[float] = []
        self._asked: float | None = None
        self._page = page
        page.on("websocket", self._listen)

    def wait_for(self, count: int, timeout: float = 60.0) -> float:
        """Wait until so many answers have come since the start; the last one's seconds.

        Raises:
            RuntimeError: they do not come.
        """
        deadline = time.perf_counter() + timeout
        while len(self.seconds) < count:
            if time.perf_counter() > deadline:
                raise RuntimeError(f"{len(self.seconds)} answers after {timeout:g} s, expected {count}")
            self._page.wait_for_timeout(10)  # lets the messages in
        return self.seconds[-1]

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _sent(self, payload: str | bytes) -> None:
        if isinstance(payload, bytes) and BackMsg.FromString(payload).WhichOneof("type") == "rerun_script":
            self._asked = time.perf_counter()

    def _received(self, payload: str | bytes) -> None:
        now = time.perf_counter()
        if self._asked is None or not isinstance(payload, bytes):
            return
        message = ForwardMsg.FromString(payload)
        if message.WhichOneof("type") == "script_finished" and message.script_finished in _DONE:
            self.seconds.append(now - self._asked)
            self._asked = None
