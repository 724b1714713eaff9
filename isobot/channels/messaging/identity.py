"""Turns a phone number or a room into a conversation's id that says nothing, and encrypts what must be kept of it."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_ID_CHARACTERS = 32
MIN_SECRET_CHARACTERS = 16


class SecretChanged(Exception):
    """What was encrypted with another ISOBOT_SECRET can't be read any more."""


class Identity:
    """Makes ids and encrypts, with keys derived from one secret (HKDF, RFC 5869).

    Whoever has the database but not the secret can neither read a number nor find out whether one is in it.
    """

    def __init__(self, secret: str) -> None:
        """Derive the keys.

        Raises:
            ValueError: when the secret is too short to be one.
        """
        if len(secret) < MIN_SECRET_CHARACTERS:
            raise ValueError(f"ISOBOT_SECRET needs at least {MIN_SECRET_CHARACTERS} random characters.")
        self._id_key = _derived(secret, b"isobot conversation ids")
        self._fernet = Fernet(base64.urlsafe_b64encode(_derived(secret, b"isobot encryption")))

    def conversation_of(self, address: str) -> str:
        """Return the conversation's id of an address ("+447700900001", "whatsapp:+447700900001", "!room:server")."""
        return self._digest("address", address)

    def message_id(self, channel: str, given: str) -> str:
        """Return the id under which a message is remembered, from the id that its network gave it."""
        return self._digest(f"message of {channel}", given)

    def digest_of(self, text: str) -> str:
        """Return what tells whether two texts are the same, and nothing else about them."""
        return self._digest("text", text)

    def seal(self, text: str) -> str:
        """Return `text` encrypted."""
        return self._fernet.encrypt(text.encode("utf-8", "replace")).decode("ascii")

    def unseal(self, sealed: str) -> str:
        """Return what `seal` encrypted.

        Raises:
            SecretChanged: when it was encrypted with another secret.
        """
        try:
            return self._fernet.decrypt(sealed.encode("ascii")).decode()
        except InvalidToken as error:
            raise SecretChanged("ISOBOT_SECRET is not the one that this was encrypted with.") from error

    def _digest(self, kind: str, text: str) -> str:
        return hmac.new(self._id_key, f"{kind}\n{text}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()[
            :_ID_CHARACTERS
        ]


def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
