"""A node that dials a member talks to that member or to nobody.

One node's configuration names an address for another member where a third member's node answers, a
validator of the same chain with a key that the ledger knows. It is not the key that was dialled: each
handshake ends before anything is said, and the node dials again. When the member itself is up, they
are linked, since it dials, too.
"""
import lib
from gateways import CountingProxy
from lib import check, say, until

NODE, MEANT, ANSWERS = 1, 2, 3
HANDSHAKE_BYTES = 3000  # of a dial that is given up; a link says more within a second
WHY = "another key than the one dialled"


class Network(lib.Network):
    def make(self):
        super().make()
        dialled = self.base_port + 300
        self.proxy = CountingProxy(dialled, self.base_port + ANSWERS)
        config = self.nodes[NODE].folder / "dirchaind.yaml"
        config.write_text(config.read_text().replace("log_level: info", "log_level: debug") +
                          f"peers: [{{member: {self.nodes[MEANT].member}, "
                          f"endpoint: '127.0.0.1:{dialled}'}}]\n")
        return self


def link(node, member):
    return next(p for p in node.api.get("/v1/status").json["node"]["peers"] if
                p["member"] == member)


def test():
    with Network("pin", 9660) as network:
        node, meant, proxy = network.nodes[NODE], network.nodes[MEANT], network.proxy
        until(lambda: link(node, meant.member)["up"], "a link that the member itself has dialled")
        meant.stop()
        until(lambda: proxy.connections >= 4, "dials while the member is away", 30)
        each = proxy.to_provider / proxy.connections
        check(each < HANDSHAKE_BYTES, f"{each:.0f} bytes were said to who is not the member")
        log = (node.folder / "log").read_text().splitlines()
        check(any(f"{meant.member} cannot be reached" in line and WHY in line for line in log),
              f"no word of it in the log: {WHY}")
        check(not link(node, meant.member)["up"], "a link to a member whose node is stopped")
        say(f"{proxy.connections} dials reached another member's node, {each:.0f} bytes each: {WHY}")
        network.level()
        node.wait_height(node.api.height() + 3)
        meant.start()
        until(lambda: link(node, meant.member)["up"], "a link after the member's return")
        network.level()
        network.stop()


if __name__ == "__main__":
    lib.main(test, 120)
