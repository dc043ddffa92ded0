"""A web push message as bytes: sealed for one browser (RFC 8291), signed by this server (VAPID, RFC 8292).

On `cryptography` alone (docs/decisions/0009): one derivation and one token. The RFC's own example is a test.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (FIPS 186-4)
RECORD_BYTES = 4096
TOKEN_SECONDS = 12 * 3600  # RFC 8292: at most a day


class BadBrowserKey(ValueError):
    """The keys of a subscription are none."""


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a browser is reached, and the keys that it made for us."""

    endpoint: str
    p256dh: str  # its public key, base64url
    auth: str  # its secret of 16 bytes, base64url

    @property
    def keys(self) -> tuple[bytes, bytes]:
        """The two keys as bytes. Raises ``BadBrowserKey``."""
        try:
            public, secret = unpack(self.p256dh), unpack(self.auth)
            ec.EllipticCurvePublicKey.from_encoded_point(CURVE, public)
        except (ValueError, binascii.Error) as error:
            raise BadBrowserKey(str(error)) from error
        if len(public) != 65 or len(secret) != 16:
            raise BadBrowserKey("a key of the wrong length")
        return public, secret


def pack(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unpack(text: str) -> bytes:
    """The bytes of base64url, padded or not. Raises binascii.Error (a ValueError)."""
    plain = text.rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)


def own_key(secret: str) -> ec.EllipticCurvePrivateKey:
    """The server's signing key, derived from its secret: every worker has the same one, and nothing is kept."""
    scalar = hashlib.sha512(b"vez web push\0" + secret.encode()).digest()
    return ec.derive_private_key(int.from_bytes(scalar) % (_ORDER - 1) + 1, CURVE)


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half, uncompressed: 65 bytes."""
    shape = serialization.PublicFormat.UncompressedPoint
    return key.public_key().public_bytes(serialization.Encoding.X962, shape)


def seal(
    message: bytes,
    browser: Browser,
    *,
    once: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Encrypt ``message`` (at most some 3,900 bytes) so that only that browser reads it (aes128gcm, RFC 8188).

    ``once`` and ``salt`` are fresh for each message; given only to follow an example. Raises ``BadBrowserKey``.
    """
    theirs, secret = browser.keys
    once, salt = once or ec.generate_private_key(CURVE), salt or os.urandom(16)
    shared = once.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
    ours = public_bytes(once)
    seed = _derive(shared, secret, b"WebPush: info\0" + theirs + ours, 32)
    key = _derive(seed, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(seed, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD_BYTES.to_bytes(4) + bytes([len(ours)]) + ours
    return head + AESGCM(key).encrypt(nonce, message + b"\x02", None)


def _derive(secret: bytes, salt: bytes, purpose: bytes, size: int) -> bytes:
    return HKDF(hashes.SHA256(), size, salt, purpose).derive(secret)


def signature(key: ec.EllipticCurvePrivateKey, endpoint: str, contact: str, now: float | None = None) -> str:
    """The Authorization header for a push service: who we are (``contact``: an https or mailto address)."""
    parts = urlsplit(endpoint)
    expires = int(time.time() if now is None else now) + TOKEN_SECONDS
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": expires, "sub": contact}
    head, body = (pack(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(key.sign(f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256())))
    signed = pack(r.to_bytes(32) + s.to_bytes(32))
    return f"vapid t={head}.{body}.{signed}, k={pack(public_bytes(key))}"
