"""Readings that take longer than a page may wait."""

from __future__ import annotations

import threading

import pytest
from streamlit.testing.v1 import AppTest

from ui.library.file_memory import FileMemory
from ui.running import aside as aside_module
from ui.running.aside import Aside, StillReading, read_or_wait


def test_a_reading_is_asked_for_again_until_it_ends_and_is_done_once():
    ready, calls, readings = threading.Event(), [], Aside(1)

    def read() -> int:
        calls.append(1)
        assert ready.wait(60)
        return 7

    for _ in range(3):
        with pytest.raises(StillReading):
            readings.get("a", read, 0.01)
    assert readings.elapsed("a") is not None
    ready.set()
    assert readings.get("a", read, 60) == 7
    assert calls == [1]
    assert readings.elapsed("a") is None


def test_what_a_reading_raises_is_raised():
    def read() -> int:
        raise ValueError("no file")

    readings = Aside(1)
    with pytest.raises(ValueError, match="no file"):
        readings.get("a", read, 60)
    assert readings.elapsed("a") is None

    def out_of_time() -> int:
        raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match="of its own"):
        readings.get("b", out_of_time, 60)


def test_a_reading_that_is_given_up_before_its_turn_is_not_done():
    ready, calls, readings = threading.Event(), [], Aside(1)
    with pytest.raises(StillReading):
        readings.get("first", lambda: ready.wait(60), 0.01)
    with pytest.raises(StillReading):
        readings.get("second", lambda: calls.append(1), 0.01)
    readings.forget("second")
    ready.set()
    assert readings.get("first", lambda: True, 60) is True
    assert readings.get("third", lambda: 3, 60) == 3
    assert calls == []


def test_one_slow_file_keeps_no_other_from_being_read(tmp_path):
    class File:
        stamp = 1

        def __init__(self, name: str) -> None:
            self.path = tmp_path / name

    ready = threading.Event()

    def read(file: File) -> str:
        if file.path.name == "slow":
            assert ready.wait(60)
        return file.path.name

    memory = FileMemory(read)
    files = [File("slow"), File("a"), File("b")]
    import ui.running.aside as module

    before, module.PATIENCE = module.PATIENCE, 0.2
    try:
        left = [memory.read_for(files, 60.0) for _ in range(2)]
        assert left[-1] == 1, left
        assert memory.get(files[1]) == "a"
        assert memory.get(files[2]) == "b"
    finally:
        module.PATIENCE = before
        ready.set()
    while memory.read_for(files, 60.0):
        pass
    assert memory.get(files[0]) == "slow"


def _script() -> None:
    import time
    from pathlib import Path

    import streamlit as st

    from ui.running import aside

    aside.PATIENCE = 0.05
    gate = Path(st.session_state["gate"])

    def read() -> str:
        while not gate.exists():
            time.sleep(0.01)
        return "what it says"

    given_up = st.session_state.get("given_up", False)
    if given_up:
        st.write("given up")
    else:
        st.write(
            aside.read_or_wait(
                "x.nc", st.session_state["gate"], read, lambda: st.session_state.update(given_up=True)
            )
        )


@pytest.mark.parametrize("gives_up", [False, True])
def test_the_page_says_that_it_reads_and_goes_on_when_it_has(
    tmp_path, monkeypatch: pytest.MonkeyPatch, gives_up: bool
):
    import ui.running.aside as module

    monkeypatch.setattr(module, "PATIENCE", module.PATIENCE)  # put back afterwards
    page = AppTest.from_function(_script, default_timeout=60)
    page.session_state["gate"] = str(tmp_path / "gate")
    page.run()
    assert not page.exception
    assert any("Reading x.nc" in one.value for one in page.caption)
    assert not page.markdown
    if gives_up:
        page.button[0].click().run()
        assert page.markdown[0].value == "given up"
        (tmp_path / "gate").touch()
        return
    (tmp_path / "gate").touch()
    for _ in range(600):
        page.run()
        if page.markdown:
            break
    assert page.markdown[0].value == "what it says"


def test_without_a_page_a_reading_is_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(aside_module, "PATIENCE", 0.01)
    ready = threading.Event()
    threading.Timer(0.3, ready.set).start()
    given_up = []
    found = read_or_wait("slow.nc", "slow", lambda: ready.wait(60) and 42, lambda: given_up.append(1))
    assert found == 42
    assert given_up == []
