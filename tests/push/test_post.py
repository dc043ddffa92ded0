"""The way to a push service, on a real socket with a real certificate: whom it goes to, and what an answer means."""

from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest
import urllib3
from push_service import Telephone

from server.push import post as posts
from server.push.letters import Browser
from server.push.post import Fate, Post

# Under eventlet, with a name server that never answers: one letter waits for it, the one behind it does not.
TWO_LETTERS = """
import eventlet
eventlet.monkey_patch()
import json, sys
from eventlet.support import greendns
from server.push.letters import Browser
from server.push.post import Post
server, known, keys = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
resolver = greendns.resolver._resolver
resolver.nameservers, resolver.port = ["127.0.0.1"], int(server)
post = Post("secret", "https://vez.example", ["nowhere.example", known])
slow = eventlet.spawn(post.send, Browser("https://push.nowhere.example/x", **keys), {}, "t")
quick = eventlet.spawn(post.send, Browser(f"https://{known}/send/quick", **keys), {}, "t")
print(quick.wait().value, slow.dead)
"""
WORDS = {"title": "Senha A042: é a sua vez!"}


def _browser(keys: Telephone, endpoint: str) -> Browser:
    known = keys.subscription(endpoint)
    return Browser(known["endpoint"], **known["keys"])


def test_a_message_arrives_sealed_and_signed(service, post):
    """With the headers that the services ask for, and words that only the browser reads."""
    keys = Telephone()
    assert post.send(_browser(keys, service.endpoint()), WORDS, "a-topic") is Fate.taken
    ((path, headers, body),) = service.got
    assert path == "/send/abc"
    assert headers["Content-Encoding"] == "aes128gcm"
    assert (headers["TTL"], headers["Urgency"], headers["Topic"]) == ("300", "high", "a-topic")
    assert headers["Authorization"].startswith("vapid t=")
    assert headers["Authorization"].endswith(f", k={post.public_key}")
    assert keys.read(body) == WORDS
    assert b"A042" not in body


@pytest.mark.parametrize(
    "status,fate",
    [
        *[(status, Fate.taken) for status in (200, 201, 202)],
        *[(status, Fate.gone) for status in (400, 403, 404, 410, 413)],
        *[(status, Fate.again) for status in (429, 500, 503)],
    ],
)
def test_what_an_answer_means(service, post, status, fate):
    """Taken, once more later, or never again."""
    service.answers = [status]
    assert post.send(_browser(Telephone(), service.endpoint()), WORDS, "t") is fate


def test_no_redirect_is_followed(service, post):
    """It might lead into our own network."""
    service.answers, service.headers = [307], {"Location": service.endpoint("elsewhere")}
    assert post.send(_browser(Telephone(), service.endpoint()), WORDS, "t") is Fate.gone
    assert [path for path, _, _ in service.got] == ["/send/abc"]


def test_a_service_that_is_not_there_or_not_itself(service, post, monkeypatch, tmp_path):
    """Nobody listens; somebody listens and says nothing; a certificate that nobody has signed."""
    keys = Telephone()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setattr(posts, "DEADLINES", urllib3.Timeout(connect=0.3, read=0.3))
        deaf = Post("secret", "https://vez.example", [f"localhost:{port}"])
        assert deaf.send(_browser(keys, f"https://localhost:{port}/x"), WORDS, "t") is Fate.again
    assert deaf.send(_browser(keys, f"https://localhost:{port}/x"), WORDS, "t") is Fate.again
    monkeypatch.delenv("SSL_CERT_FILE")
    strict = Post("secret", "https://vez.example", [service.address])
    assert strict.send(_browser(keys, service.endpoint()), WORDS, "t") is Fate.again
    assert service.got == []


def test_a_name_server_that_does_not_answer_holds_up_no_other_letter(service):
    """Names are asked for by the green resolver: nothing blocks the hub."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        keys = json.dumps(Telephone().subscription("")["keys"])
        call = [
            sys.executable,
            "-W",
            "ignore",
            "-c",
            TWO_LETTERS,
            str(silent.getsockname()[1]),
            service.address,
            keys,
        ]
        done = subprocess.run(call, check=False, capture_output=True, text=True, timeout=60)
        assert done.stdout.split() == ["taken", "False"], done.stderr
        silent.settimeout(10)
        assert b"nowhere" in silent.recv(512), "it was really asked"


@pytest.mark.parametrize(
    "endpoint,known",
    [
        ("https://fcm.googleapis.com/fcm/send/abc", True),
        ("https://updates.push.services.mozilla.com/wpush/v2/abc", True),
        ("https://web.push.apple.com/abc", True),
        ("https://wns2-par02p.notify.windows.com/w/?token=abc", True),
        ("https://fcm.googleapis.com:443/x", True),
        ("http://fcm.googleapis.com/x", False),
        ("https://fcm.googleapis.com:8443/x", False),
        ("https://fcm.googleapis.com.evil.example/x", False),
        ("https://evilfcm.googleapis.com/x", False),
        ("https://user:word@fcm.googleapis.com/x", False),
        ("https://127.0.0.1/x", False),
        ("https://localhost/x", False),
        ("https://[::1]/x", False),
        ("https://[bad/x", False),
        # One reader of addresses sees the maker's host in these, another one 127.0.0.1.
        ("https://127.0.0.1\\.fcm.googleapis.com/x", False),
        ("https://127.0.0.1\\@fcm.googleapis.com/x", False),
        ("https://fcm.googleapis.com\\@127.0.0.1/x", False),
        ("https://127.0.0.1/.fcm.googleapis.com/x", False),
        ("https://127.0.0.1#.fcm.googleapis.com/x", False),
        ("https://127.0.0.1?.fcm.googleapis.com/x", False),
        ("https://127.0.0.1\t.fcm.googleapis.com/x", False),
        ("https://127.0.0.1／.fcm.googleapis.com/x", False),
        ("https://fcm.googleapis.com/x y", False),
        ("https://fcm.googleapis.com/x\n", False),
        ("https://fcm.googleapis.com:port/x", False),
        ("file:///etc/passwd", False),
        ("fcm.googleapis.com", False),
        ("", False),
    ],
)
def test_whom_it_goes_to(endpoint, known):
    """The makers of browsers, by https, and nobody else: the address comes from a stranger."""
    assert Post("secret", "https://vez.example").delivers_to(endpoint) is known


def test_an_address_that_was_let_in_by_an_older_list_is_not_written_to(service):
    """The list is asked again before each letter."""
    post = Post("secret", "https://vez.example")
    assert post.send(_browser(Telephone(), service.endpoint()), WORDS, "t") is Fate.gone
    assert service.got == []
