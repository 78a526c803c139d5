# SPDX-License-Identifier: Apache-2.0
"""Work in child processes: USD can abort on a damaged binary file, and must not take others along.

Children are forked, so they start at once; nothing here imports USD before a child does.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from ..issue import Issue, error

SECONDS = 120.0
"""Time that one file may take."""

_FORK = multiprocessing.get_context("fork")


def each_apart[T](
    work: Callable[[T], list[Issue]],
    items: Sequence[T],
    *,
    seconds: float = SECONDS,
    done: Callable[[int], None] = lambda count: None,
) -> list[list[Issue]]:
    """`work` on every item in a child of its own, several at a time; results in item order.

    A child that dies or takes longer than `seconds` becomes an issue at its item.

    Args:
        work: what to do with an item; its issues are what is found.
        items: named by `str` in the issue of a child that dies.
        seconds: time limit for one item.
        done: told after each item how many are done.
    """
    results: list[list[Issue]] = [[] for _ in items]
    running: dict[Connection, tuple[int, Any, float]] = {}
    waiting = list(enumerate(items))[::-1]
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            index, item = waiting.pop()
            ours, theirs = _FORK.Pipe(duplex=False)
            child = _FORK.Process(target=_send, args=(work, item, theirs), daemon=True)
            child.start()
            theirs.close()
            running[ours] = (index, child, time.monotonic() + seconds)
        soonest = min(end for _, _, end in running.values()) - time.monotonic()
        ready = set(wait(list(running), timeout=max(0.0, soonest)))
        for pipe, (index, child, end) in list(running.items()):
            if pipe in ready or time.monotonic() > end:
                results[index] = _receive(pipe, child, str(items[index]), seconds)
                del running[pipe]
                done(len(items) - len(waiting) - len(running))
    return results


def guard(arguments: Sequence[str]) -> None:
    """Go on in a child; this process waits for it and explains where it dies of a signal.

    Returns in the child alone.
    """
    child = os.fork()
    if child == 0:
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the child has got it too, and decides
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if -code in (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGKILL):
        files = [word for word in arguments if Path(word).is_file()]
        print(f"error  {_died(' '.join(files) or 'causal-contracts', -code)}", file=sys.stderr)
        code = 2
    os._exit(code if code >= 0 else 128 - code)


def bound_memory() -> None:
    """At most the machine's memory for this process: damaged files make USD ask for all of it."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = physical // 2 if hard == resource.RLIM_INFINITY else min(physical // 2, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _send(work: Callable[[Any], list[Issue]], item: Any, pipe: Connection) -> None:
    bound_memory()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what USD prints when it dies explains nothing
    pipe.send(work(item))
    pipe.close()


def _receive(pipe: Connection, child: Any, name: str, seconds: float) -> list[Issue]:
    try:
        if pipe.poll():
            return pipe.recv()
    except EOFError:
        child.join()
        return [_died(name, -(child.exitcode or 0))]
    finally:
        child.kill()
        child.join()
        pipe.close()
    return [error(name, f"reading it took more than {seconds:g} s", "export the file again")]


def _died(name: str, number: int) -> Issue:
    word = signal.Signals(number).name if number > 0 else "no reason given"
    return error(
        name,
        f"reading it ended the process ({word}): the file is damaged, or memory ran out",
        "export the file again",
    )
