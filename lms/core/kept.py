"""What is the same for many readers until something is published, kept in the process.

A shared cache would be asked over the network, and its answer unpickled, for every
reader. What a version names never changes, so each process may keep its own; a new
release starts new processes and finds nothing old.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")
_all: "WeakSet[Kept[Any]]" = WeakSet()


class Kept(Generic[T]):
    """The `size` things asked for last. A key names all that its thing depends on: the
    version, the language, the state of somebody's work. Nothing is ever renewed."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._things: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()
        _all.add(self)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key]
        thing = make()
        with self._lock:
            self._things[key] = thing
            while len(self._things) > self.size:
                self._things.popitem(last=False)
        return thing

    def forget(self) -> None:
        with self._lock:
            self._things.clear()


def forget_all() -> None:
    """Between tests, whose databases count their versions anew."""
    for kept in _all:
        kept.forget()
