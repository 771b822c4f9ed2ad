#!/usr/bin/env python3
"""The campaigns as commands: whoever ends one early finds nothing of it afterwards.

Each is started, and ended when its nodes run: with SIGTERM, after which no process and no directory
with keys is left, and with SIGKILL, after which no process is. Where a port of theirs is taken, they
say so, and leave the network that has it alone.
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import lib
from lib import check, equal, say, until

MARK = "DIRCHAIN_TEST_MARK"
STOP_S = 20  # a campaign that is told to end
SCRIPTS = {  # and where each keeps keys beside TMPDIR
    "crash": (["20"], None), "disk": (["kill"], None), "bench": ([], "bench/net.*"),
    "chaos": (["--seed", "99"], "chaos/run-99/*/keys")}


def processes(mark):
    """Whoever has the mark in its environment: {pid: command line}."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
        except OSError:
            continue  # it has ended meanwhile
    return found


def kept_in(pattern):
    """What lies below build that is like it."""
    return set((lib.ROOT / "build").glob(pattern)) if pattern else set()


def end_early(name, number, port, failures):
    """Starts the script, ends it by the signal, and looks for what is left."""
    arguments, pattern = SCRIPTS[name]
    there = kept_in(pattern)
    mark = f"{os.getpid()}-{name}-{number.name}"
    with tempfile.TemporaryDirectory(prefix="dirchain-scripts-") as folder:
        said = pathlib.Path(folder) / "said"
        temporary = pathlib.Path(folder) / "tmp"
        temporary.mkdir()
        with open(said, "w", encoding="utf-8") as log:
            script = subprocess.Popen(
                [lib.ROOT / "scripts" / name, *arguments], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
                env={**os.environ, MARK: mark, "TMPDIR": str(temporary), "BASE_PORT": str(port)})
        try:
            until(lambda: script.poll() is not None or
                  any(b"dirchaind --config" in line for line in processes(mark).values()),
                  f"nodes of scripts/{name}", 60, pause=0.2)
            if script.returncode == 77:
                say(f"scripts/{name}: {said.read_text().splitlines()[-1]}")
                return
            check(script.poll() is None, f"scripts/{name} ended by itself: {said.read_text()}")
            time.sleep(1)
            script.send_signal(number)
            status = script.wait(STOP_S)
            until(lambda: not processes(mark), f"end of all processes of scripts/{name} after "
                  f"{number.name}; there are {list(processes(mark).values())}", STOP_S)
            if number == signal.SIGTERM:
                equal(status, 143, f"exit code of scripts/{name} after SIGTERM: {said.read_text()}")
                equal([*temporary.iterdir(), *(kept_in(pattern) - there)], [],
                      f"left by scripts/{name} after SIGTERM")
            say(f"scripts/{name}: nothing left after {number.name}")
        except (lib.Failed, subprocess.TimeoutExpired) as failure:
            failures.append(f"{failure}")
        finally:
            for pid in processes(mark):
                os.kill(pid, signal.SIGKILL)
            for path in kept_in(pattern) - there:
                shutil.rmtree(path)


def together(jobs):
    """Runs end_early for each of the jobs at once."""
    failures = []
    threads = [threading.Thread(target=end_early, args=(*job, failures)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(not failures, "; ".join(failures))


def taken_ports():
    """Without a network of their own they look before they begin."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for program in ("tests/crash/campaign.py", "tests/e2e/test_crash.py"):
            done = subprocess.run([sys.executable, lib.ROOT / program], text=True, timeout=60,
                                  env={**os.environ, "BASE_PORT": str(port)}, check=False,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            equal(done.returncode, 3, f"exit code of {program} beside a taken port: {done.stdout}")
            check(f"Port {port} is in use" in done.stdout, f"{program} says: {done.stdout}")
    say("a port that is taken is named, with 3")


def test():
    shutil.rmtree(lib.ROOT / "build/chaos/run-99", ignore_errors=True)
    taken_ports()
    port = int(os.environ.get("BASE_PORT", 27600))
    for number in (signal.SIGTERM, signal.SIGKILL):
        together([(name, number, port + 900 * i) for i, name in enumerate(SCRIPTS)])
        shutil.rmtree(lib.ROOT / "build/chaos/run-99", ignore_errors=True)


if __name__ == "__main__":
    lib.main(test)
