"""Chromium without a window, as a person in front of it: addresses, clicks, what is to be read.

It is driven over DevTools on two pipes, so that nothing but the package `chromium` is needed and no
port is opened. Every page tells of what went wrong in it: errors of scripts and of the console, and
answers that were refused. Whatever is waited for has its deadline.
"""
import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

import lib
from lib import Failed, check

PROGRAM = "chromium"
OPTIONS = ("--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--no-first-run",
           "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--hide-scrollbars",
           "--disable-background-networking", "--disable-component-update", "--disable-sync",
           "--lang=zh-CN")
TO_READ, TO_WRITE = 3, 4  # where the browser looks for its pipes
ANSWER_S = 20
COMPLAINTS = ("error", "warning", "assert")


def available():
    return shutil.which(PROGRAM) is not None


class Browser:
    """One process with a directory of its own; gone with everything in it when the block ends."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="dirchain-browser-")
        ends = [*os.pipe(), *os.pipe()]
        commands, self.commands, self.answers, answers = (
            fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, TO_WRITE + 1) for end in ends)
        self.process = self.begin(commands, answers)
        for end in (*ends, commands, answers):
            os.close(end)
        self.read = b""
        self.last = 0
        self.tabs = {}  # by session

    def begin(self, commands, answers):
        """A shell moves the ends, which are above, to where the browser looks for them."""
        words = f'exec "$@" {TO_READ}<&{commands} {TO_WRITE}>&{answers}'
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "bash", "-c", words, PROGRAM, PROGRAM, *OPTIONS,
             f"--user-data-dir={self.directory}/profile", "about:blank"],
            pass_fds=(commands, answers), env={**os.environ, "HOME": self.directory},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
        shutil.rmtree(self.directory, ignore_errors=True)

    def next_message(self, seconds):
        """What the browser says next, None if nothing in that time."""
        end = time.monotonic() + seconds
        while b"\0" not in self.read:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.answers], [], [], left)[0]:
                return None
            got = os.read(self.answers, 1 << 20)
            check(got, f"{PROGRAM} has ended by itself")
            self.read += got
        message, self.read = self.read.split(b"\0", 1)
        return json.loads(message)

    def hear(self, message):
        if "method" in message and message.get("sessionId") in self.tabs:
            self.tabs[message["sessionId"]].hear(message["method"], message.get("params", {}))

    def tell(self, method, session=None, **parameters):
        """Without waiting for an answer; the number that it will have."""
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        return self.last

    def ask(self, method, session=None, **parameters):
        asked = self.tell(method, session, **parameters)
        end = time.monotonic() + ANSWER_S
        while True:
            answer = self.next_message(end - time.monotonic())
            check(answer is not None, f"{PROGRAM} does not answer {method} within {ANSWER_S} s")
            if answer.get("id") != asked:
                self.hear(answer)
                continue
            check("error" not in answer, f"{method}: {answer.get('error')}")
            return answer["result"]

    def listen(self, seconds):
        """Hears what is said meanwhile."""
        end = time.monotonic() + seconds
        while (message := self.next_message(end - time.monotonic())) is not None:
            self.hear(message)

    def tab(self):
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.tabs[session] = Tab(self, session, target)
        return self.tabs[session]


class Tab:
    def __init__(self, browser, session, target):
        self.browser, self.session, self.target = browser, session, target
        self.wrong = []  # what went wrong in it, in words
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method, **parameters):
        return self.browser.ask(method, self.session, **parameters)

    def hear(self, method, said):
        if method == "Runtime.exceptionThrown":
            thrown = said["exceptionDetails"]
            self.wrong.append(thrown.get("exception", {}).get("description", thrown["text"]))
        elif method == "Runtime.consoleAPICalled" and said["type"] in COMPLAINTS:
            self.wrong.append(" ".join(str(one.get("value")) for one in said["args"]))
        elif method == "Log.entryAdded" and said["entry"]["level"] in COMPLAINTS:
            entry = said["entry"]
            self.wrong.append(f"{entry['text']} {entry.get('url', '')}")
        elif method == "Page.javascriptDialogOpening":
            self.wrong.append(f"a dialog: {said['message']}")
            self.browser.tell("Page.handleJavaScriptDialog", self.session, accept=False)

    def size(self, width, height=900):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=False)

    def go(self, url):
        answer = self.ask("Page.navigate", url=url)
        check("errorText" not in answer, f"{url}: {answer.get('errorText')}")

    def front(self):
        self.ask("Page.bringToFront")

    def value(self, expression):
        """Of a script in the page; promises are waited for."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True,
                          awaitPromise=True)
        if "exceptionDetails" in answer:
            thrown = answer["exceptionDetails"]
            raise Failed(f"{expression}: {thrown.get('exception', {}).get('description', thrown)}")
        return answer["result"].get("value")

    def when(self, expression, what, seconds=20):
        """The expression's value as soon as there is one."""
        try:
            return lib.until(lambda: self.value(expression), what, seconds, 0.03)
        except Failed as failure:
            raise Failed(f"{failure}; the page says:\n{self.text()}") from failure

    def text(self, selector="body"):
        """What is to be read there; empty where nothing is, or nothing in sight."""
        return self.value(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def click(self, expression):
        """With the mouse, in the middle of an element, which has to be what lies there."""
        found = self.value(f"""(() => {{ const one = {expression}; if (!one) return null;
            one.scrollIntoView({{ block: "center" }});
            const box = one.getClientRects()[0];
            const x = box.x + box.width / 2, y = box.y + box.height / 2;
            const there = document.elementFromPoint(x, y);
            return {{ x, y, free: one.contains(there) || there?.contains(one) }}; }})()""")
        check(found, f"nothing to click on: {expression}; the page says:\n{self.text()}")
        check(found["free"], f"something lies over {expression}")
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=found["x"], y=found["y"],
                     button="left", clickCount=1)

    def type(self, selector, text):
        """In place of what a field has; then Enter."""
        self.value(f"(() => {{ const one = document.querySelector({json.dumps(selector)});"
                   " one.focus(); one.select(); })()")
        self.ask("Input.insertText", text=text)
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", text="\r",
                     windowsVirtualKeyCode=13)

    def choose(self, name, value):
        """One of a list of choices, by its value."""
        good = self.value(f"""(() => {{
            const one = document.querySelector({json.dumps(f'select[name="{name}"]')});
            one.value = {json.dumps(value)};
            one.dispatchEvent(new Event("change", {{ bubbles: true }}));
            return one.value === {json.dumps(value)}; }})()""")
        check(good, f"{name} has no choice {value}")

    def shot(self, path):
        """A picture of the whole page."""
        answer = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(answer["data"]))
