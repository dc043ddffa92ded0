"""Programs that are not ours agree with us: receiptio drives our virtual printer, jsQR and zbar read our codes."""

import base64
import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from printer import dialects, preview

HERE = Path(__file__).parent
RECEIPT = """^^^PRÓ-CIDADÃO

Emissão de segunda via: São José
Atenção | não é necessário
{code:https://vez.example/t/abc;option:qrcode,4,m}
"""


@pytest.fixture
def node():
    found = shutil.which("node")
    assert found, "node is a prerequisite of the tests (see README)"
    return found


@pytest.fixture
def receiptio(node):
    """Start receiptio against a printer; returns the process, to be waited for."""
    started = []

    def start(printer, *options: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [node, str(HERE / "receiptio_client.cjs"), str(printer.port), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        process.stdin.write(RECEIPT)
        process.stdin.close()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def verdict(process: subprocess.Popen) -> str:
    return process.stdout.readline().strip()


def test_receiptio_sees_every_state_and_gets_a_confirmed_print(make_printer, receiptio):
    cases = {
        "online": ({}, "-q"),
        "coveropen": ({"cover_open": True}, "-q"),
        "paperempty": ({"paper_out": True}, "-q"),
        "error": ({"mechanical": True}, "-q"),
        "offline": ({"mute": True}, "-q"),  # patient: it takes receiptio twelve seconds to give up
        "success": ({}, "-l", "po"),
    }
    running = {}
    for expected, (faults, *options) in cases.items():
        printer = make_printer()
        printer.machine.set_faults(faults)
        running[expected] = (printer, receiptio(printer, *options))
    for expected, (_printer, process) in running.items():
        assert verdict(process) == expected
    ticket = running["success"][0].machine.tickets[0]
    words = " ".join(ticket.sheet_text.split())
    for part in ("PRÓ-CIDADÃO", "Emissão de segunda via: São José", "Atenção", "não é necessário"):
        assert part in words
    assert ticket.qr == ("https://vez.example/t/abc",)
    assert ticket.unknown == ("?ESC 06 1b 06",)  # its greeting to printers of another maker


def test_receiptio_notices_paper_out_in_mid_print(make_printer, receiptio):
    printer = make_printer()
    printer.machine.set_faults({"paper_out_after_mm": 5})
    assert verdict(receiptio(printer, "-l", "po")) == "paperempty"


@pytest.fixture(scope="module")
def codes():
    """One picture for each way to a QR code: {case: (picture, url)}."""
    made = {}
    for name in dialects.names():
        for width in dialects.load(name).widths:
            url = f"https://senhas.example/t/{name}-{width}-Ab3dEf7hIj1kLmN0pQrS"
            png = preview.png({"label": "A042", "follow_url": url}, name, width)
            made[f"{name}-{width}"] = (Image.open(io.BytesIO(png)).convert("L"), url)
    return made


def test_jsqr_reads_every_code(node, codes):
    pictures = [
        {"width": i.width, "height": i.height, "grey": base64.b64encode(i.tobytes()).decode()}
        for i, _ in codes.values()
    ]
    done = subprocess.run(
        [node, str(HERE / "read_qr.cjs")],
        input=json.dumps(pictures),
        capture_output=True,
        text=True,
        check=True,
    )
    assert dict(zip(codes, json.loads(done.stdout), strict=True)) == {
        name: url for name, (_, url) in codes.items()
    }


def test_zbar_reads_every_code(codes, tmp_path):
    if shutil.which("zbarimg") is None:
        pytest.skip("no zbarimg on this machine (apt-get install zbar-tools); jsQR has read them all")
    for name, (picture, url) in codes.items():
        path = tmp_path / f"{name}.png"
        picture.save(path)
        done = subprocess.run(
            ["zbarimg", "-q", "--raw", str(path)], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == url
