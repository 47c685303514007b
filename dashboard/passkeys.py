"""Passkeys by WebAuthn: what a browser is asked, and whether what comes back is right.

Each question is put once, to one browser, and answered within minutes. The answer must come from
this board's own address, and its owner must have been there (a finger, a face, a key's own PIN).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import request, session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from . import device, web
from .people import Person
from .store import Known, NoSuchPasskey, Passkey

ASKED = "asked"  # where the browser's session keeps the token of its question
LONGEST = 20_000  # characters of an answer
# What reading an answer raises that is none: anybody may send one.
WRONG = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
VERIFIED = UserVerificationRequirement.REQUIRED
Options = dict[str, Any]


class BadPasskey(Exception):
    """It is nobody's here, or it was not shown to this board just now."""


@dataclass(frozen=True, slots=True)
class Party:
    """Whom passkeys are made for: a name of the network, at one address."""

    name: str
    origin: str

    @property
    def id(self) -> str:
        return urlsplit(self.origin).hostname or ""


def party() -> Party:
    """This board, at the address that people use."""
    known = web.settings()
    found = urlsplit(known.public_url or request.url_root)
    return Party(known.community_name, f"{found.scheme}://{found.netloc}")


def to_add(person: Person, own: list[Passkey]) -> Options:
    """What the browser of somebody is asked who adds a passkey. Raises StoreDown."""
    us = party()
    return _told(
        generate_registration_options(
            rp_id=us.id,
            rp_name=us.name,
            user_id=person.id.encode(),
            user_name=person.login,
            user_display_name=person.name,
            challenge=_ask(person.id),
            exclude_credentials=[_described(one) for one in own],
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
            ),
        )
    )


def added(person: Person, credential: str, name: str) -> Passkey:
    """The passkey that came back. Raises BadPasskey, StoreDown."""
    us, question = party(), _asked(person.id)
    try:
        found = verify_registration_response(
            credential=credential[:LONGEST],
            expected_challenge=question,
            expected_rp_id=us.id,
            expected_origin=us.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, *WRONG) as error:
        raise BadPasskey from error
    id_, key = (
        bytes_to_base64url(one) for one in (found.credential_id, found.credential_public_key)
    )
    return Passkey(id_, key, found.sign_count, name, web.now())


def to_sign_in() -> Options:
    """What the browser of anybody is asked who signs in. Raises StoreDown."""
    return _told(
        generate_authentication_options(
            rp_id=party().id, challenge=_ask(""), user_verification=VERIFIED
        )
    )


def shown(credential: str) -> tuple[Known, Passkey]:
    """Whose passkey was shown, and which. Raises BadPasskey, StoreDown."""
    question = _asked("")
    known, passkey = _whose(credential[:LONGEST])
    us = party()
    try:
        found = verify_authentication_response(
            credential=credential[:LONGEST],
            expected_challenge=question,
            expected_rp_id=us.id,
            expected_origin=us.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.count,
            require_user_verification=True,
        )
        device.store().passkeys.used(known.person.id, passkey.id, found.new_sign_count, web.now())
    except (WebAuthnException, NoSuchPasskey, *WRONG) as error:
        raise BadPasskey from error
    return known, passkey


def _whose(credential: str) -> tuple[Known, Passkey]:
    """Whose a passkey says that it is. Nothing of it is believed before it is verified."""
    try:
        told = json.loads(credential)
        person = base64url_to_bytes(told["response"]["userHandle"]).decode()
        known = device.store().people.find(person)
        passkeys = known.passkeys if known and known.proof and not known.person.disabled else ()
        passkey = next(one for one in passkeys if one.id == told["id"])
    except (*WRONG, StopIteration) as error:
        raise BadPasskey from error
    if known is None:
        raise BadPasskey
    return known, passkey


def _ask(person: str) -> bytes:
    session[ASKED], question = device.store().passkeys.ask(person)
    return question


def _asked(person: str) -> bytes:
    question = device.store().passkeys.asked(session.pop(ASKED, ""), person)
    if question is None:
        raise BadPasskey
    return question


def _described(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.id))


def _told(options: Any) -> Options:
    return dict(json.loads(options_to_json(options)))
