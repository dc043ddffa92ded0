"""Behind the real nginx, with the file as we ship it: pages, figures and sockets arrive as they should."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import socketio

SITE = Path(__file__).resolve().parents[2] / "deploy" / "nginx" / "vez.conf"
SECONDS = 10


def free_ports(count: int) -> list[int]:
    """Ports that nobody listened to a moment ago, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def adapted(folder: Path, server: str, http: int, https: int) -> str:
    """Our file, with only its ports, its certificate and the server's address changed."""
    text = SITE.read_text().replace("/etc/vez/tls", str(folder)).replace("127.0.0.1:8000", server)
    text = re.sub(r"listen \[::\].*\n", "", text)
    return text.replace("listen 80;", f"listen 127.0.0.1:{http};").replace(
        "listen 443 ssl;", f"listen 127.0.0.1:{https} ssl;"
    )


def listens(port: int) -> bool:
    """Whether somebody accepts connections."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def site(demo, wait_for, tmp_path_factory) -> Iterator[tuple[str, int]]:
    """https address of nginx in front of the demo, and its http port."""
    nginx, openssl = shutil.which("nginx"), shutil.which("openssl")
    if not nginx or not openssl:
        pytest.skip("no nginx or no openssl on this machine")
    folder = tmp_path_factory.mktemp("nginx")
    key = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    request = [
        openssl,
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=vez",
        *key,
    ]
    subprocess.run(request, check=True, capture_output=True)
    http, https = free_ports(2)
    (folder / "site.conf").write_text(adapted(folder, urlsplit(demo["base_url"]).netloc, http, https))
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log; events {{}}"
        f" http {{ access_log off; {temporary} include {folder}/site.conf; }}"
    )
    command = [nginx, "-e", folder / "start.log", "-c", folder / "nginx.conf"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: listens(https), SECONDS, "nginx listens")
            yield f"https://127.0.0.1:{https}", http
        finally:
            process.terminate()


def get(url: str) -> tuple[int, bytes]:
    """Status and body, whatever the certificate says."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(url, timeout=SECONDS, context=trusting) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_pages_arrive(site, demo):
    """The panel's page and the public list of units."""
    base, _ = site
    assert get(f"{base}/api/v1/units")[0] == 200
    status, page = get(f"{base}/panel/{demo['units'][0]['id']}")
    assert status == 200
    assert b"importmap" in page


def test_http_goes_to_https(site):
    """Nobody's session travels in the clear."""
    _, http = site
    with socket.create_connection(("127.0.0.1", http), SECONDS) as wire:
        wire.sendall(b"GET /counter HTTP/1.0\r\nHost: senhas.example.gov.br\r\n\r\n")
        answer = wire.recv(1000).decode()
    assert answer.startswith("HTTP/1.1 301")
    assert "Location: https://senhas.example.gov.br/counter" in answer


def test_sockets_are_upgraded(site, demo):
    """A panel joins its unit by websocket and gets the board."""
    base, _ = site
    panel = next(device for device in demo["devices"] if device["kind"] == "panel")
    client = socketio.Client(ssl_verify=False)
    auth = {"token": panel["token"]}
    client.connect(base, transports=["websocket"], namespaces=["/live"], auth=auth, wait_timeout=SECONDS)
    try:
        answer = client.call(
            "join", {"unit": panel["unit"], "after": None}, namespace="/live", timeout=SECONDS
        )
    finally:
        client.disconnect()
    assert answer["seq"] >= 0
    assert answer["snapshot"]["unit"] == panel["unit"]
