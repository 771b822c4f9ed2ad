"""The network of a run: a namespace for each node, joined to a bridge in the namespace of the run.

    node i  eth0 10.77.1.(100+i) ── wire<i> ── hub (bridge, 10.77.0.1; 10.77.2.(100+i) is the
                              proxy's address for node i, which is what the ledger names)

The run's own namespace is made by scripts/chaos; those of the nodes are held by file descriptors of
this process. Nothing has a name outside, so nothing is left when the process has ended, however it
ended. Nothing of the host's network is touched.
"""
import ctypes
import os
import subprocess
import threading

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
HUB = "10.77.0.1"
NODE, PROXY = "10.77.1.1%02d", "10.77.2.1%02d"


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, stdin=subprocess.DEVNULL)


def in_thread(work):
    """A namespace belongs to a thread; what it starts inherits it, what else runs is left alone."""
    result, failure = [], []

    def run():
        try:
            result.append(work())
        except BaseException as error:  # pylint: disable=broad-except
            failure.append(error)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return result[0]


def checked(status, what):
    if status != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


class Space:
    def __init__(self, count):
        ip("link", "set", "lo", "up")
        # Its own address, or it would change with the wires that come and go.
        ip("link", "add", "hub", "address", "02:00:00:00:00:01", "type", "bridge",
           "forward_delay", "0", "stp_state", "0")
        ip("address", "add", f"{HUB}/16", "dev", "hub")
        ip("link", "set", "hub", "up")
        self.namespaces = [self.add(i) for i in range(count)]

    def add(self, i):
        ip("address", "add", f"{PROXY % i}/16", "dev", "hub")
        ip("link", "add", f"wire{i}", "type", "veth", "peer", "name", f"far{i}")
        ip("link", "set", f"wire{i}", "master", "hub", "up")

        def new():
            checked(LIBC.unshare(CLONE_NEWNET), "a network namespace for a node")
            handle = os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net", os.O_RDONLY)
            ip("link", "set", "lo", "up")
            return handle
        handle = in_thread(new)
        ip("link", "set", f"far{i}", "netns", f"/proc/{os.getpid()}/fd/{handle}")

        def furnish():
            ip("link", "set", f"far{i}", "name", "eth0")
            ip("address", "add", f"{NODE % i}/16", "dev", "eth0")
            ip("link", "set", "eth0", "up")
        self.within_namespace(handle, furnish)
        return handle

    @staticmethod
    def within_namespace(handle, work):
        def enter():
            checked(LIBC.setns(handle, CLONE_NEWNET), "entering a node's namespace")
            return work()
        return in_thread(enter)

    def within(self, i, work):
        """Runs work() in the namespace of node i, and so whatever process it starts."""
        return self.within_namespace(self.namespaces[i], work)

    @staticmethod
    def unplug(i):
        """The node's packets get lost, all of them, and nobody is told."""
        ip("link", "set", f"wire{i}", "nomaster")

    @staticmethod
    def plug(i):
        ip("link", "set", f"wire{i}", "master", "hub")
