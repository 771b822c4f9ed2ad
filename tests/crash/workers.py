"""Many starts, two at a time: processes with a home of their own each."""
import collections
import ctypes
import fcntl
import multiprocessing
import shutil
import signal
import socket
import struct
import sys
import time
import traceback

import homes
from homes import Failed, lib

CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000


def own_network():
    """A network of its own: a vote key runs once on a host, and here on two disks at a time. False
    where that is not allowed."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0 and libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return False
    with socket.socket() as probe:  # loopback up: struct ifreq with SIOCGIFFLAGS, SIOCSIFFLAGS
        request = struct.pack("16sh", b"lo", 0) + bytes(22)
        flags, = struct.unpack_from("h", fcntl.ioctl(probe, 0x8913, request), 16)
        fcntl.ioctl(probe, 0x8914, struct.pack("16sh", b"lo", flags | 1) + bytes(22))
    return True


class Workers:
    """Processes with a slot each, which take tasks (function, arguments…): function(slot, context, …)
    gives an outcome; the context they have since they were forked. Where it failed, the home is kept."""

    def __init__(self, network, folder, directory, base, count, context, first_only=False):
        self.first_only = first_only  # after one failure no more tasks
        self.place = network, folder, directory, base, context
        self.failures = []
        self.tasks = multiprocessing.Queue(2 * count)
        self.outcomes = multiprocessing.Queue()
        allowed = multiprocessing.Process(target=lambda: sys.exit(0 if own_network() else 1))
        allowed.start()
        allowed.join()
        self.own_network = allowed.exitcode == 0
        if not self.own_network:
            lib.say("no network of their own is allowed here: one node at a time")
        self.processes = [multiprocessing.Process(target=self._work, args=(i,), daemon=True)
                          for i in range(count if self.own_network else 1)]
        for process in self.processes:
            process.start()

    def run(self, name, tasks):
        """tasks: (label, function, arguments…), made when there is room. Returns {outcome: count}."""
        began, count = time.monotonic(), 0
        outcomes = collections.Counter()
        for task in tasks:
            self.tasks.put(task)
            count += 1
            while not self.outcomes.empty():
                self._take(outcomes)
            if self.failures and self.first_only:
                break
            if sys.stderr.isatty():
                print(f"\r{name}: {count}", end="", file=sys.stderr, flush=True)
        while sum(outcomes.values()) < count:
            self._take(outcomes)
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr)
        told = ", ".join(f"{outcome} {count}" for outcome, count in sorted(outcomes.items()))
        lib.say(f"{name}: {count} in {time.monotonic() - began:.0f} s: {told or 'none'}")
        return outcomes

    def _take(self, outcomes):
        outcome, failure = self.outcomes.get(timeout=120)
        outcomes[outcome] += 1
        if failure:
            self.failures.append(failure)

    def _work(self, index):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(0)
        homes.die_with_us()
        if self.own_network:
            own_network()
        network, folder, directory, base, context = self.place
        slot = homes.Slot(network, folder, directory / f"slot{index}", base + 10 * index)
        while True:
            label, function, *arguments = self.tasks.get()
            slot.clear()
            try:
                self.outcomes.put((function(slot, context, *arguments), None))
            except Exception as failure:  # of the product or of this program: both must be seen
                kept = directory / f"failed-{index}-{time.monotonic_ns()}"
                shutil.copytree(slot.directory, kept)
                why = str(failure) if isinstance(failure, Failed) else traceback.format_exc()
                lib.say(f"FAILED {label}: {why}")
                self.outcomes.put(("FAILED", f"{label}: {why}"))
