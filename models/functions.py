"""Networks that somebody's function builds: `package.module:function`, found, called, refused in a sentence."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from lrscore.errors import InputError, LrscoreError

_one_by_one = threading.RLock()  # another thread must not see a module that has not run to its end


def find_function(spec: str, folder: str | Path | None = None) -> Callable[..., Any]:
    """The callable that "module:function" names. Importing a module runs it: name only modules you trust.

    Args:
        spec: module and function.
        folder: where a module that is no installed package may lie; what lies there comes first.

    Raises:
        InputError: no such module or function, or the module fails while it is imported.
    """
    module_name, separator, name = spec.partition(":")
    if not separator or not module_name or not name:
        raise InputError(f"network must be named like package.module:function, got {spec!r}")
    try:
        module = _import(module_name, None if folder is None else Path(folder))
    except (Exception, SystemExit) as error:  # a module runs while it is imported, and may fail as it likes
        raise InputError(
            f"network {spec}: module {module_name} cannot be imported ({said(error)})"
        ) from error
    function: Any = module
    for part in name.split("."):
        function = getattr(function, part, None)
    if not callable(function):
        raise InputError(f"network {spec}: module {module_name} has no function {name}")
    return function


def build_by_function(
    spec: str,
    *,
    folder: str | Path | None = None,
    arguments: Mapping[str, Any] | None = None,
    offered: Mapping[str, Any] | None = None,
) -> nn.Module:
    """Call the function and take the network that it returns.

    Args:
        spec, folder: as in `find_function`.
        arguments: keyword arguments, all of which the function must take.
        offered: further ones, given only if the function has parameters of these names.

    Raises:
        InputError: the function needs or takes other arguments, fails, or returns no network.
    """
    function = find_function(spec, folder)
    given = dict(arguments or {})
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some built-in callables do not tell
        signature = None
    if signature is not None:
        given = {key: value for key, value in (offered or {}).items() if key in signature.parameters} | given
        try:
            signature.bind(**given)
        except TypeError as error:
            raise InputError(
                f"network {spec}: the function takes {signature} and got {', '.join(sorted(given)) or 'nothing'}; "
                'say the rest under "arguments" in a description'
            ) from error
    try:
        network = function(**given)
    except LrscoreError:
        raise
    except (Exception, SystemExit) as error:
        raise InputError(f"network {spec}: the function failed: {said(error)}") from error
    if not isinstance(network, nn.Module):
        raise InputError(f"{spec} must return a torch.nn.Module, got {type(network).__name__}")
    return network


def said(error: BaseException) -> str:
    """Kind and first line of an error."""
    text = " ".join(str(error).split("\n", 1)[0].split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _import(name: str, folder: Path | None) -> ModuleType:
    if folder is None:
        return importlib.import_module(name)
    place = str(folder.resolve())
    if place not in sys.path:
        sys.path.append(place)  # last: a folder must not hide installed packages
    own = folder / f"{name}.py"
    if not own.is_file():
        return importlib.import_module(name)
    # Two folders may each have their own net.py: the module's name says which folder it is from.
    alias = f"lrscore_described_{hashlib.sha256(place.encode()).hexdigest()[:12]}_{name}"
    with _one_by_one:
        if alias not in sys.modules:
            spec = importlib.util.spec_from_file_location(alias, own)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules[alias] = module
            try:
                spec.loader.exec_module(module)
            except BaseException:
                del sys.modules[alias]
                raise
        return sys.modules[alias]
