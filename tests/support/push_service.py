"""A push service on a socket of its own, with a real certificate, and a browser's side of the keys (RFC 8291)."""

from __future__ import annotations

import base64
import json
import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import NameOID
from waiting import wait_until


def packed(data: bytes) -> str:
    """Base64url, as browsers write it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Telephone:
    """What a browser keeps for a subscription."""

    def __init__(self, private: ec.EllipticCurvePrivateKey | None = None, auth: bytes | None = None) -> None:
        self._private = private or ec.generate_private_key(ec.SECP256R1())
        self._auth = auth or os.urandom(16)
        shape = serialization.PublicFormat.UncompressedPoint
        self.public = self._private.public_key().public_bytes(serialization.Encoding.X962, shape)

    def subscription(self, endpoint: str) -> dict[str, Any]:
        """``PushSubscription.toJSON()``, without what we do not send."""
        return {"endpoint": endpoint, "keys": {"p256dh": packed(self.public), "auth": packed(self._auth)}}

    def read(self, body: bytes) -> Any:
        """The message that was sealed for this browser. Raises InvalidTag for anybody else's."""
        salt, size = body[:16], body[20]
        theirs, sealed = body[21 : 21 + size], body[21 + size :]
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        shared = self._private.exchange(ec.ECDH(), point)
        seed = _derived(shared, self._auth, b"WebPush: info\0" + self.public + theirs, 32)
        key = _derived(seed, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derived(seed, salt, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, sealed, None)
        assert plain.endswith(b"\x02"), "the last record says that it is the last"
        return json.loads(plain[:-1])


def _derived(secret: bytes, salt: bytes, purpose: bytes, size: int) -> bytes:
    return HKDF(hashes.SHA256(), size, salt, purpose).derive(secret)


class PushService:
    """Answers ``status`` (one, or a list of which the last stays) to whatever comes, and remembers it."""

    def __init__(self, port: int) -> None:
        self.address = f"localhost:{port}"
        self.answers: list[int] = [201]
        self.headers: dict[str, str] = {}  # of its answers
        self.got: list[tuple[str, dict[str, str], bytes]] = []

    def endpoint(self, name: str = "abc") -> str:
        """An address that this service might have given to a browser."""
        return f"https://{self.address}/send/{name}"

    def wait_for(self, count: int) -> None:
        """Until so many messages have come."""
        wait_until(lambda: len(self.got) >= count, 10, f"{count} messages at the push service")


@contextmanager
def push_service(folder: Path) -> Iterator[PushService]:
    """A running service; whoever trusts ``folder/push.pem`` (SSL_CERT_FILE) trusts it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder / "push.pem"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    service = PushService(server.server_address[1])
    server.service = service  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""

    def do_POST(self) -> None:
        service: PushService = self.server.service  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        service.got.append((self.path, dict(self.headers), body))
        self.send_response(service.answers.pop(0) if len(service.answers) > 1 else service.answers[0])
        for name, value in service.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()


def _certificate(path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, *plain)
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
