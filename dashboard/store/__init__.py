"""Every key, every script and every mapping of the store; the only room that knows Redis."""

from .connection import Connection, MemoryGone, Promise, StoreDown, StoreUnfit, fingerprint
from .dump import BadDump, Dump, NotEmpty
from .people import Known, LastCoordinator, LinkEnded, LoginTaken, NoSuchPerson, People
from .profiles import Profiles
from .reports import Reports, Undo
from .sessions import Sessions, Tries
from .stream import OtherHistory, Stream, differences
from .tokens import LabelTaken, Token, Tokens

__all__ = [
    "BadDump",
    "Connection",
    "Dump",
    "Known",
    "LabelTaken",
    "LastCoordinator",
    "LinkEnded",
    "LoginTaken",
    "MemoryGone",
    "NoSuchPerson",
    "NotEmpty",
    "OtherHistory",
    "People",
    "Profiles",
    "Promise",
    "Reports",
    "Sessions",
    "Store",
    "StoreDown",
    "StoreUnfit",
    "Stream",
    "Token",
    "Tokens",
    "Tries",
    "Undo",
    "differences",
    "fingerprint",
]


class Store:
    """One community's memory, by what one may do with it."""

    def __init__(self, url: str, community: str, may_lose: bool = False, replicas: int = 0):
        self.connection = Connection(url, community, may_lose, replicas)
        self.reports = Reports(self.connection)
        self.profiles = Profiles(self.connection)
        self.stream = Stream(self.connection)
        self.people = People(self.connection)
        self.sessions = Sessions(self.connection)
        self.tries = Tries(self.connection)
        self.tokens = Tokens(self.connection)
        self.dump = Dump(self.connection)
