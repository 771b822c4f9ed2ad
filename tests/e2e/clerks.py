"""Clerks of agencies at the command line: what they type, what they are told.

Whoever types is told in Chinese first: that it is on the ledger, or why not, with the field, the
clause and the code of every fault. All type at one node, so that nobody acts on what another node
has not seen yet; lib.Node.cli judges that every answer fits 80 columns.
"""
import datetime
import hashlib
import re

import lib
from lib import check, until

BEIJING = datetime.timezone(datetime.timedelta(hours=8))
COMMITTED, REFUSED = "已上链 Committed: ", "拒绝 Refused: "
BEHIND = "列表仅至区块"  # where the machine has much to do, lists fall behind the chain, and say so


def day(later=0):
    """A day of Beijing's calendar, so many after today."""
    return (datetime.datetime.now(BEIJING) + datetime.timedelta(days=later)).strftime("%Y-%m-%d")


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


class Clerk:
    def __init__(self, network, index, at=None):
        own = network.nodes[index]
        self.node = lib.Node(network, index, own.member, own.name, own.folder.name)
        self.node.api = (at or own).api
        self.code = own.member

    def told(self, key, *words, shows=(), status=0):
        """What a command tells, which has each of `shows` in it. A list that says that it is behind is
        asked for again."""
        def once():
            said = self.node.cli(key, *words, status=status)
            return said if BEHIND not in said else None
        text = until(once, f"dirchain {' '.join(map(str, words))} knows all blocks", 60)
        for part in shows:
            check(part in text, f"dirchain {' '.join(map(str, words))} does not say {part}:\n{text}")
        return text

    def act(self, key, *words, shows=()):
        """A transaction that the ledger takes; returns its txid."""
        text = self.told(key, *words, shows=shows)
        check(text.startswith(COMMITTED), f"dirchain {' '.join(map(str, words))} says first:\n{text}")
        return re.search(r"交易 txid  ([0-9a-f]{64})\n", text).group(1)

    def acts(self, key, count, *words):
        """A command that makes `count` transactions, all taken."""
        return self.told(key, *words, shows=(f"{count} 已上链 committed, 0 被拒绝 refused",))

    def refused(self, key, code, at, *words):
        """One that the ledger refuses: `code` among its faults, `at` the field and clause of it, as
        "grounds.legal_basis 〔PT 20〕" (a field may have no clause, a fault no field)."""
        text = self.node.cli(key, *words, status=1)
        where = f"dirchain {' '.join(map(str, words))}"
        check(text.startswith(REFUSED), f"{where} says first:\n{text}")
        field, clause = re.fullmatch(r"(\S*) ?((?:〔.*〕)?)", at).groups()
        faults = re.split(r"\n ?\d+\. ", text)[1:]
        good = [fault for fault in faults
                if fault.startswith(field) and clause in fault and f"[{code}]" in fault]
        check(good, f"{where} does not refuse {at} with [{code}]:\n{text}")
        return text

    def wrong(self, key, code, at, *words):
        """One that is not even sent: the body is not in order."""
        text = "".join(self.node.cli(key, *words, status=1).split())
        check("内容有误，未提交" in text and f"[{code}]" in text and at in text,
              f"dirchain {' '.join(map(str, words))} does not say that {at} is wrong:\n{text}")

    def shows(self, *words, **options):
        """What a list or a record says now: without a key."""
        return self.told(None, *words, **options)
