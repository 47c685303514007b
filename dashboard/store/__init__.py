"""Every key, every script and every mapping of the store; the only room that knows Redis."""

from ..shelf import Shelf
from .alerts import Alerts
from .archive import Archive, ArchiveGone
from .archiving import Archived, Archiving, OtherArchive
from .areas import Areas
from .asks import AskOver, Asks
from .auditing import faults
from .calls import Calls, Taken, Wanted
from .connection import BLOCK, Connection, MemoryGone, Promise, StoreDown, StoreUnfit, fingerprint
from .devices import Devices, NoSuchDevice
from .digests import Digests
from .dump import BadDump, Dump, NotEmpty
from .erasing import Erased, Erasing
from .evenings import Evenings
from .grips import Grip
from .holds import Ended, Holds
from .looks import Looked
from .passkeys import NoSuchPasskey, Passkey, Passkeys, PasskeyTaken, TooManyPasskeys
from .people import (
    Known,
    LastCoordinator,
    LinkEnded,
    LoginTaken,
    NoSuchPerson,
    People,
    StandingChanged,
)
from .profiles import ChangedMeanwhile, Profile, Profiles
from .reports import Reports, Undo
from .restoring import Restored, Restoring
from .sealed import BadNight
from .sessions import Sessions, Tries
from .settings import Customs
from .shifts import PASSWORD, PIN, Shifts
from .stream import OtherHistory, Stream, differences
from .tokens import LabelTaken, Token, Tokens
from .turned import Turned, miscounted
from .unmet import Unmet
from .visits import Visits
from .vouchers import KeyReused, TooFew, Vouchers
from .watches import Phone, Push, Watches

__all__ = [
    "BLOCK",
    "PASSWORD",
    "PIN",
    "Alerts",
    "Archive",
    "ArchiveGone",
    "Archived",
    "Archiving",
    "Areas",
    "AskOver",
    "Asks",
    "BadDump",
    "BadNight",
    "Calls",
    "ChangedMeanwhile",
    "Connection",
    "Customs",
    "Devices",
    "Digests",
    "Dump",
    "Ended",
    "Erased",
    "Erasing",
    "Evenings",
    "Grip",
    "Holds",
    "KeyReused",
    "Known",
    "LabelTaken",
    "LastCoordinator",
    "LinkEnded",
    "LoginTaken",
    "Looked",
    "MemoryGone",
    "NoSuchDevice",
    "NoSuchPasskey",
    "NoSuchPerson",
    "NotEmpty",
    "OtherArchive",
    "OtherHistory",
    "Passkey",
    "PasskeyTaken",
    "Passkeys",
    "People",
    "Phone",
    "Profile",
    "Profiles",
    "Promise",
    "Push",
    "Reports",
    "Restored",
    "Restoring",
    "Sessions",
    "Shifts",
    "StandingChanged",
    "Store",
    "StoreDown",
    "StoreUnfit",
    "Stream",
    "Taken",
    "Token",
    "Tokens",
    "TooFew",
    "TooManyPasskeys",
    "Tries",
    "Turned",
    "Undo",
    "Unmet",
    "Visits",
    "Vouchers",
    "Wanted",
    "Watches",
    "differences",
    "faults",
    "fingerprint",
    "miscounted",
]


class Store:
    """One community's memory, by what one may do with it."""

    def __init__(
        self,
        url: str,
        community: str,
        may_lose: bool = False,
        replicas: int = 0,
        shelf: Shelf | None = None,
    ):
        self.connection = Connection(url, community, may_lose, replicas)
        self.reports = Reports(self.connection)
        self.evenings = Evenings(self.connection)
        self.alerts = Alerts(self.connection)
        self.holds = Holds(self.connection)
        self.asks = Asks(self.connection)
        self.calls = Calls(self.connection)
        self.profiles = Profiles(self.connection)
        self.stream = Stream(self.connection)
        self.archive = Archive(self.connection, self.stream, shelf)
        self.archiving = Archiving(self.connection, self.stream, self.archive)
        self.dump = Dump(self.connection)
        self.erasing = Erasing(self.connection, self.archive, self.profiles, self.dump)
        self.digests = Digests(self.connection, self.stream, self.archive)
        self.people = People(self.connection)
        self.sessions = Sessions(self.connection)
        self.tries = Tries(self.connection)
        self.devices = Devices(self.connection)
        self.shifts = Shifts(self.connection)
        self.passkeys = Passkeys(self.connection)
        self.tokens = Tokens(self.connection)
        self.areas = Areas(self.connection)
        self.customs = Customs(self.connection)
        self.unmet = Unmet(self.connection)
        self.turned = Turned(self.connection)
        self.visits = Visits(self.connection)
        self.vouchers = Vouchers(self.connection)
        self.looked = Looked(self.connection)
        self.watches = Watches(self.connection)
        self.restoring = Restoring(self.stream, self.dump, shelf)
