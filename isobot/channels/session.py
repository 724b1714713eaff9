"""Signed, expiring tokens: the server makes a conversation's id, a client can neither choose nor guess one."""

from __future__ import annotations

import hashlib
import hmac
import time
import uuid

import jwt

SESSION_SECONDS = 24 * 60 * 60
_ALGORITHM = "HS256"
_CHOICE_CHARACTERS = 20


class Sessions:
    """Makes and reads tokens, and the ids of choices."""

    def __init__(self, secret: str) -> None:
        """Sign with `secret`."""
        self._secret = secret

    def new_token(self) -> str:
        """Return a signed token for a new conversation."""
        claims = {"sub": uuid.uuid4().hex, "exp": int(time.time()) + SESSION_SECONDS}
        return jwt.encode(claims, self._secret, algorithm=_ALGORITHM)

    def conversation_of(self, authorization: str | None) -> str | None:
        """Return the conversation id that a genuine, unexpired bearer token names, else None."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            claims = jwt.decode(token, self._secret, algorithms=[_ALGORITHM], options={"require": ["sub", "exp"]})
        except jwt.InvalidTokenError:
            return None
        return str(claims["sub"])

    def choice_id(self, conversation: str, title: str) -> str:
        """Return the id of a choice in a conversation: it says nothing, and no other conversation has it."""
        digest = hmac.new(self._secret.encode(), f"{conversation}\n{title}".encode(), hashlib.sha256)
        return digest.hexdigest()[:_CHOICE_CHARACTERS]
