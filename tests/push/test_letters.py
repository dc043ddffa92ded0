"""Sealing and signing, held against the RFCs' own words."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from push_service import Telephone, packed

from server.push.letters import (
    CURVE,
    BadBrowserKey,
    Browser,
    own_key,
    pack,
    public_bytes,
    seal,
    signature,
    unpack,
)


def _private(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(unpack(text)), CURVE)


def test_the_example_of_rfc_8291():
    """Section 5 and appendix A: the same keys, salt and words give the same bytes."""
    browser = Browser(
        "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
    )
    sealed = seal(
        b"When I grow up, I want to be a watermelon",
        browser,
        once=_private("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
        salt=unpack("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert pack(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru"
        "3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_only_its_browser_reads_a_letter():
    """Another browser does not, and no two letters are alike."""
    mine, other = Telephone(), Telephone()
    known = mine.subscription("https://x")
    browser = Browser("https://x", **known["keys"])
    first, second = (seal('{"title": "É a sua vez"}'.encode(), browser) for _ in range(2))
    assert mine.read(first) == mine.read(second) == {"title": "É a sua vez"}
    assert first != second
    with pytest.raises(InvalidTag):
        other.read(first)


def test_the_signature_says_who_sends_to_whom_and_until_when():
    """RFC 8292: an ES256 token for the service's origin, valid for half a day, under the key that it names."""
    key = own_key("a secret")
    header = signature(key, "https://push.example:8443/a/b?c", "https://vez.example", now=1_790_000_000)
    scheme, _, rest = header.partition(" ")
    token, public = (part.partition("=")[2] for part in rest.split(", "))
    head, claims, signed = token.split(".")
    assert scheme == "vapid"
    assert json.loads(unpack(head)) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(unpack(claims)) == {
        "aud": "https://push.example:8443",
        "exp": 1_790_000_000 + 43_200,
        "sub": "https://vez.example",
    }
    raw = unpack(signed)
    proof = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    known = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, unpack(public))
    known.verify(proof, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        known.verify(proof, f"{head}.{claims}x".encode(), ec.ECDSA(hashes.SHA256()))


def test_the_key_comes_from_the_secret_alone():
    """Every worker has the same one; another secret gives another."""
    assert public_bytes(own_key("a")) == public_bytes(own_key("a")) != public_bytes(own_key("b"))
    assert len(public_bytes(own_key("a"))) == 65


GOOD = Telephone().subscription("x")["keys"]


@pytest.mark.parametrize(
    "changes",
    [
        {"p256dh": packed(b"\x04" + b"\x01" * 64)},  # no point of the curve
        {"p256dh": packed(b"\x02" + b"\x01" * 32)},
        {"p256dh": "!" * 87},
        {"auth": packed(b"short")},
        {"auth": packed(b"x" * 17)},
    ],
)
def test_keys_that_are_none(changes):
    """Refused before anything is kept or sent."""
    with pytest.raises(BadBrowserKey):
        _ = Browser("https://x", **(GOOD | changes)).keys


def test_base64_with_and_without_its_padding():
    """Browsers differ."""
    assert unpack("YQ") == unpack("YQ==") == b"a"
    assert unpack(base64.urlsafe_b64encode(b"\xfb\xff").decode()) == b"\xfb\xff"
