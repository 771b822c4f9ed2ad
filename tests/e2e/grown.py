"""A network whose chain is long already when it starts.

The ledger is made by bench/grow_chain with the keys of all validators, some two thousand blocks a
second, and put into every home; so is the explorer's read model, which one node makes. What was made
is kept under build/grown until grow_chain is built anew.
"""
import datetime
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile

import lib
from lib import BIN, say, until

KEPT = lib.ROOT / "build/grown"
INTERVAL_S = 1  # between two blocks of the grown chain
ENDS_BEFORE_S = 600  # now


def grow(network, ledger, blocks, *options):
    """Runs grow_chain: a ledger in the directory `ledger`, for the homes of the validators. In memory
    where there is some: every block is synced, which a disk does a few hundred times a second."""
    homes = [part for node in network.nodes[1:network.agencies + 1]
             for part in ("--home", node.folder)]
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="dirchain-grow-", dir=memory) as folder:
        subprocess.run([BIN / "grow_chain", "--genesis", network.directory / "genesis.json",
                        "--ledger", f"{folder}/ledger", "--blocks", str(blocks), *homes,
                        *map(str, options)],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       timeout=900)
        copy(f"{folder}/ledger", ledger)


def genesis_time(blocks):
    """A --time from which so many blocks lead up to a few minutes ago."""
    ago = datetime.timedelta(seconds=blocks * INTERVAL_S + ENDS_BEFORE_S)
    return (datetime.datetime.now(datetime.timezone.utc) - ago).strftime("%Y-%m-%dT%H:%M:%SZ")


def index(node, blocks):
    """Lets a node make its read model."""
    def done():
        node.alive()
        return (node.api.height() is not None and
                node.api.get("/v1/status").json["api"]["read_model_height"] >= blocks)
    node.start()
    until(done, "the read model of the grown chain", 900, pause=0.2)
    node.stop()


def make(name, base_port, agencies, blocks, place):
    network = lib.Network(name, base_port, agencies, genesis=("--time", genesis_time(blocks)))
    os.rmdir(network.directory)
    network.directory = place
    place.mkdir(parents=True)
    network.make()
    try:
        center = network.nodes[0].folder / "data"
        center.mkdir(exist_ok=True)
        grow(network, center / "ledger", blocks)
        say(f"a chain of {blocks} blocks is grown")
        index(network.nodes[0], blocks)
        say("and indexed")
    finally:
        for node in network.nodes:
            if node.pid is not None:
                node.stop(signal.SIGKILL)
    for node in network.nodes[1:]:
        copy(center / "ledger", node.folder / "data/ledger")
        for path in center.glob("explorer.sqlite*"):
            shutil.copy(path, node.folder / "data")
    for node in network.nodes:
        (node.folder / "log").unlink(missing_ok=True)


def copy(source, target):
    subprocess.run(["cp", "-a", "--reflink=auto", source, target], check=True, timeout=600)


def kept(name, base_port, agencies, blocks):
    """The directory of such a network, made if need be; one process at a time."""
    KEPT.mkdir(parents=True, exist_ok=True)
    place = KEPT / f"{agencies}x{blocks}-{base_port}"
    made = place / "made"
    with open(KEPT / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        built = (BIN / "grow_chain").stat().st_mtime_ns
        if not made.exists() or int(made.read_text()) != built:
            shutil.rmtree(place, ignore_errors=True)
            make(name, base_port, agencies, blocks, place)
            made.write_text(str(built))
    return place


class Network(lib.Network):
    """A network of `blocks` blocks: a copy of the one that is kept."""

    def __init__(self, name, base_port, blocks, agencies=4):
        super().__init__(name, base_port, agencies)
        self.blocks = blocks

    def make(self):
        place = kept("grown", self.base_port, self.agencies, self.blocks)
        os.rmdir(self.directory)
        copy(place, self.directory)
        return self.adopt()
