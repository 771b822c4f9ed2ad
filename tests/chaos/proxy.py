"""What lies between the nodes: every connection of theirs to each other passes here.

    proxy.py CONFIG   {"control": socket path, "seed": n,
                       "nodes": [{"source": host, "listen": [host, port], "target": [host, port]}]}

Node i is known by the address it comes from, the node it wants by the address it dials. What goes
from a to b is under rule (a, b), whichever of them dialled:

  delay_ms, jitter_ms   on top of each piece; pieces of one connection stay in order, those of
                        different connections do not
  stall                 how likely a piece waits for retransmissions (200 ms, doubled each time),
                        and what follows with it: what TCP makes of a lost packet
  rate                  bytes per second, 0: as fast as it goes
  state                 open; hold: nothing arrives until it is open again; drop: what is sent is
                        lost, so the connection is reset when it is open again; reset: at once

A new connection between two of which one cannot be heard by the other waits, or is reset, likewise.

Commands come as lines of JSON, each with one answer:
  {"rules": [[a, b, {…}], …]}    change rules; what a rule does not name is as by default
  {"reset": [[a, b], …]}         all connections between a and b end
  {"halfopen": [[a, b], …]}      the side of a ends without b being told; b's bytes are lost
  {"counts": true}               connections, bytes, reordered, stalled, held, dropped, resets
"""
import asyncio
import contextlib
import json
import random
import socket
import struct
import sys

PIECE = 65536
QUEUE_MAX = 4 * 1024 * 1024  # bytes under way in one direction; then the sender has to wait
RETRANSMIT_S = 0.2
STALLS_MAX = 4
CONNECT_S = 3


class Rule:
    """From one node to another."""

    def __init__(self, dice):
        self.dice = dice
        self.opened = asyncio.Event()
        self.set({})

    def set(self, fields):
        self.delay_s = fields.get("delay_ms", 0) / 1000
        self.jitter_s = fields.get("jitter_ms", 0) / 1000
        self.stall = fields.get("stall", 0)
        self.rate = fields.get("rate", 0)
        self.state = fields.get("state", "open")
        if self.state == "open":
            self.opened.set()
        else:
            self.opened.clear()

    def delay(self, counts):
        delay, again = self.delay_s + self.jitter_s * self.dice.random(), RETRANSMIT_S
        stalls = 0
        while stalls < STALLS_MAX and self.dice.random() < self.stall:
            delay += again
            again *= 2
            stalls += 1
        counts["stalled"] += stalls > 0
        return delay


def abort(writer):
    """RST instead of FIN."""
    with contextlib.suppress(OSError, AttributeError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                                   struct.pack("ii", 1, 0))
    writer.transport.abort()


class Flow:
    """One direction of a connection: read, kept for as long as the rule says, written."""

    def __init__(self, link, rule, target, reader, writer):
        self.link, self.rule, self.target = link, rule, target
        self.reader, self.writer = reader, writer
        self.queue, self.bytes, self.last_due, self.ended = [], 0, 0.0, False
        self.more, self.room = asyncio.Event(), asyncio.Event()

    async def read(self):
        loop, counts = asyncio.get_running_loop(), self.link.proxy.counts
        while piece := await self.reader.read(PIECE):
            due = max(self.last_due, loop.time() + self.rule.delay(counts))
            if self.rule.rate:
                due += len(piece) / self.rule.rate
            self.last_due = due
            counts["bytes"] += len(piece)
            counts["pieces"] += 1
            self.queue.append((due, counts["pieces"], piece))
            self.bytes += len(piece)
            self.more.set()
            while self.bytes > QUEUE_MAX:
                self.room.clear()
                await self.room.wait()
        self.ended = True
        self.more.set()

    async def passes(self):
        """Waits until the next piece may arrive; False: it never does."""
        counts = self.link.proxy.counts
        if self.rule.state == "hold":
            counts["held"] += 1
        while self.rule.state == "hold":
            await self.rule.opened.wait()
        if self.rule.state != "open" or self.link.broken:
            counts["dropped"] += 1
            self.link.broken = True
            return False
        return True

    async def write(self):
        loop = asyncio.get_running_loop()
        while True:
            while not self.queue and not self.ended:
                self.more.clear()
                await self.more.wait()
            if not self.queue:
                break
            due, number, piece = self.queue.pop(0)
            if (wait := due - loop.time()) > 0.0005:
                await asyncio.sleep(wait)
            self.bytes -= len(piece)
            self.room.set()
            if await self.passes():
                self.link.proxy.arrived(self.target, number)
                self.writer.write(piece)
                await self.writer.drain()
        if not self.link.broken:
            self.writer.write_eof()


class Link:
    """A connection that node a dialled to node b."""

    def __init__(self, proxy, a, b):
        self.proxy, self.a, self.b = proxy, a, b
        self.there, self.back = proxy.rule(a, b), proxy.rule(b, a)
        self.writers = []
        self.broken = False
        self.tasks = []

    def end(self):
        for writer in self.writers:
            abort(writer)
        for task in self.tasks:
            task.cancel()

    def half_end(self):
        """The dialler's side is gone; the other is not told, and talks to nobody."""
        self.broken = True
        abort(self.writers[0])

    async def run(self, reader, writer):
        self.writers.append(writer)
        for rule in (self.there, self.back):
            while rule.state != "open":
                if rule.state == "reset":
                    return
                await rule.opened.wait()
        host, port = self.proxy.nodes[self.b]["target"]
        try:
            far_reader, far_writer = await asyncio.wait_for(asyncio.open_connection(host, port),
                                                            CONNECT_S)
        except (OSError, asyncio.TimeoutError):
            return
        self.writers.append(far_writer)
        flows = (Flow(self, self.there, self.b, reader, far_writer),
                 Flow(self, self.back, self.a, far_reader, writer))
        await self.pump(flows)

    async def pump(self, flows):
        work = [self.follow(step()) for flow in flows for step in (flow.read, flow.write)]
        await asyncio.gather(*work)

    async def follow(self, step):
        """A side that fails takes the other with it, unless that is not to know."""
        try:
            await step
        except OSError:
            if not self.broken:
                self.end()
            else:
                await asyncio.Event().wait()  # until the proxy ends the link


class Proxy:
    def __init__(self, config):
        self.nodes = config["nodes"]
        self.dice = random.Random(config["seed"])
        self.rules = {}
        self.links = set()
        self.counts = dict.fromkeys(("connections", "bytes", "pieces", "reordered", "stalled",
                                     "held", "dropped", "resets"), 0)
        self.last_arrived = [0] * len(self.nodes)

    def rule(self, a, b):
        if (a, b) not in self.rules:
            self.rules[a, b] = Rule(self.dice)
        return self.rules[a, b]

    def arrived(self, target, number):
        """Pieces are numbered as they came; one that a later one has overtaken is reordered."""
        if number < self.last_arrived[target]:
            self.counts["reordered"] += 1
        else:
            self.last_arrived[target] = number

    async def serve(self, b, reader, writer):
        source = writer.get_extra_info("peername")[0]
        a = next((i for i, node in enumerate(self.nodes) if node["source"] == source), None)
        if a is None:
            abort(writer)
            return
        link = Link(self, a, b)
        self.links.add(link)
        self.counts["connections"] += 1
        task = asyncio.current_task()
        link.tasks.append(task)
        try:
            await link.run(reader, writer)
        except asyncio.CancelledError:
            pass
        finally:
            self.links.discard(link)
            for end in link.writers:
                abort(end)

    # ---- commands ----

    def links_between(self, pairs):
        wanted = {frozenset(pair) for pair in pairs}
        return [link for link in self.links if frozenset((link.a, link.b)) in wanted]

    def change(self, rules):
        for a, b, fields in rules:
            self.rule(a, b).set(fields)
        for link in list(self.links):
            states = (link.there.state, link.back.state)
            if "reset" in states or (link.broken and states == ("open", "open")):
                self.counts["resets"] += 1
                link.end()

    def reset(self, pairs):
        links = self.links_between(pairs)
        self.counts["resets"] += len(links)
        for link in links:
            link.end()

    def halfopen(self, pairs):
        for link in self.links_between(pairs):
            if len(link.writers) == 2:
                link.half_end()

    def obey(self, command):
        for verb in ("rules", "reset", "halfopen"):
            if verb in command:
                {"rules": self.change, "reset": self.reset,
                 "halfopen": self.halfopen}[verb](command[verb])
        return self.counts

    async def control(self, reader, writer):
        while line := await reader.readline():
            writer.write(json.dumps(self.obey(json.loads(line))).encode() + b"\n")
            await writer.drain()
        writer.close()

    async def run(self, path):
        for i, node in enumerate(self.nodes):
            host, port = node["listen"]
            await asyncio.start_server(lambda r, w, i=i: self.serve(i, r, w), host, port)
        await asyncio.start_unix_server(self.control, path, limit=1 << 20)
        print("ready", flush=True)
        await asyncio.Event().wait()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        config = json.load(file)
    asyncio.run(Proxy(config).run(config["control"]))


if __name__ == "__main__":
    main()
