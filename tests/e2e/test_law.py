"""What the law demands, typed by clerks against a network of four agencies and the center."""
import os
import types

import lib
import law_catalog
import law_lists
import law_requests
import law_supervision
from clerks import Clerk, day
from lib import say

SAMPLES = lib.ROOT / "samples"
FAST = ("--param", "idle_block_ms=200", "--param", "message_delay_ms=100", "--param",
        "precision_ms=100")


def clerks(network):
    names = [node.folder.name for node in network.nodes]
    return types.SimpleNamespace(**{name: Clerk(network, i, network.nodes[1])
                                    for i, name in enumerate(names)})


class Network(lib.Network):
    """All but the center keep few blocks. The center keeps what the city gives in entries of its own
    (PT 12)."""

    def make(self):
        os.environ["CENTER_PARTIES"] = "center supervisor provider"
        super().make()
        law_lists.keep_little(self)
        return self


def in_force(of, profile, source):
    """PT 11: the center publishes another district's document; it acts from the next block on."""
    of.minzheng.refused("approve", "party", "", "profile", "publish",
                        SAMPLES / f"profiles/{profile}.json", "--reason", "误操作")
    of.center.act("admin", "profile", "publish", SAMPLES / f"profiles/{profile}.json", "--reason",
                  "改行其他办法")
    of.center.shows("profile", "list", shows=(source,))


def called_off(of):
    """PT 11: what is to come is withdrawn before its day, and once."""
    to_come = day(30)
    withdraw = ("profile", "withdraw", to_come, "--reason", "修订暂缓")
    of.center.act("admin", "profile", "publish", SAMPLES / "profiles/changning.json", "--reason",
                  "细则修订", "--from", to_come)
    of.center.shows("profile", "list", shows=("待施行",))
    of.center.act("admin", *withdraw)
    of.center.shows("profile", "list", shows=("已撤回",))
    of.center.refused("admin", "status", "from 〔PT 11〕", *withdraw)


def test():
    with Network("law", 9800, genesis=FAST) as network:
        of = clerks(network)
        called_off(of)
        law_catalog.publish(of)
        law_catalog.under_putuo(of)
        say("designations, reviews, collections")
        granted = law_requests.under_putuo(of)
        say("requests, needs, fusions, disputes")
        law_catalog.after_requests(of)
        say("upkeep, supplementary catalog")
        found = law_supervision.under_putuo(of, granted)
        say("supervision under the law of Putuo")
        in_force(of, "shanghai-open", "沪经信规范〔2022〕12号")
        law_catalog.open_list(of)
        own = law_supervision.under_shanghai(of, granted, found)
        say("open lists, measures, reports of use")
        in_force(of, "changning", "长府规〔2019〕1号")
        law_catalog.upkeep_of_changning(of)
        law_supervision.under_changning(of, own, found)
        law_supervision.grants_end(of, granted, own)
        say("orders to rectify, data passed on")
        law_lists.compared(network)
        network.stop()


if __name__ == "__main__":
    lib.main(test, 300)
