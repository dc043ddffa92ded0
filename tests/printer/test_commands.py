"""The operator's tools, as typed: each answer one clear line, in Portuguese."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from printer import discovery, mdns
from printer.cli import printer as command
from printer.spool import Spool


@pytest.fixture
def run():
    def go(*arguments, stdin=None, env=None):
        return CliRunner().invoke(command, [str(argument) for argument in arguments], input=stdin, env=env)

    return go


def test_detect_names_the_virtual_printer(run, virtual):
    result = run("detect", "--address", f"127.0.0.1:{virtual.port}", "--seconds", "0", "--json")
    assert result.exit_code == 0
    found = next(one for one in json.loads(result.output) if one["address"] == virtual.address)
    assert (found["maker"], found["model"], found["answers"], found["dialect"]) == (
        "Vez",
        "Virtual",
        True,
        "epson",
    )


def test_detect_says_who_does_not_answer(run, stranger):
    address = stranger(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    result = run("detect", "--address", address, "--seconds", "0")
    assert "não respondeu como impressora ESC/POS" in result.output


def test_detect_reads_what_usb_printers_call_themselves(tmp_path):
    device = tmp_path / "lp0" / "device"
    device.mkdir(parents=True)
    (device / "ieee1284_id").write_text("MFG:Bematech;CMD:ESC/POS;MDL:MP-4200 TH;CLS:PRINTER;SN:4200A1;")
    (one,) = discovery.usb(tmp_path)
    assert (one.address, one.maker, one.model, one.serial) == (
        "usb:///dev/usb/lp0",
        "Bematech",
        "MP-4200 TH",
        "4200A1",
    )


@pytest.mark.parametrize(
    "words, dialect",
    [("EPSON TM-T20", "epson"), ("DARUMA DR800", "daruma"), ("POS-58", "generic58"), ("", "generic80")],
)
def test_a_dialect_is_suggested(words, dialect):
    assert discovery.suggest(words) == dialect


def test_mdns_question_and_answer():
    name = b"\x0bTM-T20\xc3\xa7\xc3\xa3o\x0f_pdl-datastream\x04_tcp\x05local\0"
    srv = b"\0\0\0\0\x23\x8c\xc0\x0c"
    packet = (
        b"\0\0\x84\0\0\0\0\x01\0\0\0\x01"
        + name + b"\0\x21\x80\x01\0\0\0\x78" + len(srv).to_bytes(2, "big") + srv
        + b"\x05epson\xc0\x2d\0\x01\x80\x01\0\0\0\x78\0\x04\x0a\0\0\x07"
    )  # fmt: skip
    assert mdns.answers(packet, "10.0.0.9") == [("10.0.0.7", 9100)]
    assert mdns.question("_x._tcp.local")[12:] == b"\x02_x\x04_tcp\x05local\0\x00\x0c\x80\x01"
    for cut in range(len(packet)):
        mdns.answers(packet[:cut], "10.0.0.9")
    assert mdns.answers(b"\0\0\x84\0\0\0\0\x01\0\0\0\0" + b"\xc0\x0c" * 20, "x") == []


def test_test_page_is_confirmed(run, virtual):
    result = run("test", "--printer", virtual.address)
    assert result.exit_code == 0, result.output
    assert "impressa e confirmada em" in result.output
    ticket = virtual.machine.tickets[0]
    assert "ÀÁÂÃÇÉÊÍÓÔÕÚÜ" in ticket.sheet_text
    assert ticket.cuts == 1
    assert ticket.qr


@pytest.mark.parametrize("dialect", ["bema", "daruma", "elgin", "generic58", "generic80"])
def test_test_page_in_every_dialect(run, make_printer, dialect):
    spoken = dialect if dialect in {"bema", "daruma", "elgin"} else "epson"
    printer = make_printer(dialect=spoken, width=384 if dialect == "generic58" else 576)
    result = run("test", "--printer", printer.address, "--dialect", dialect)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    "faults, words",
    [({"paper_out": True}, "não impressa: sem papel"), ({"mute": True}, "mas sem confirmação: não responde")],
)
def test_test_page_that_failed_says_why(run, virtual, faults, words):
    virtual.machine.set_faults(faults)
    result = run("test", "--printer", virtual.address)
    assert result.exit_code == 1
    assert words in result.output


def test_doctor_finds_all_well(run, virtual, server, tmp_path):
    result = run(
        "doctor", "--server", server.url, "--token", "t1", "--printer", virtual.address, "--data", tmp_path
    )
    assert result.exit_code == 0, result.output
    assert [line[:2] for line in result.output.splitlines()] == ["ok"] * 4
    assert "responde: Vez Virtual" in result.output


def test_doctor_names_each_fault_in_a_line(run, server, tmp_path, stranger):
    address = stranger(b"hello")
    server.refuse = {"/me": (401, "device_revoked")}
    result = run("doctor", "--server", server.url, "--token", "t1", "--printer", address, "--data", tmp_path)
    assert result.exit_code == 1
    assert "não responde como impressora" in result.output
    assert "token recusado" in result.output
    assert "t1" not in result.output.replace("127.0.0.1", "")


BAD = [
    (["--printer", "tcp://x:1"], "falta o token"),
    (["--token", "t", "--printer", "nowhere"], "endereço de impressora inválido"),
    (["--token", "t", "--printer", "tcp://x:1", "--dialect", "star"], "dialeto desconhecido: star"),
    (["--token", "t", "--printer", "tcp://x:1", "--width", "300"], "não tem largura 300"),
    (["--token-file", "/nowhere", "--printer", "tcp://x:1"], "não foi possível ler o token"),
    (["--token", "t\x01", "--printer", "tcp://x:1"], "caracteres estranhos"),
    ([], "nenhuma impressora"),
    (["--station", "t"], "--station espera"),
    (["--config", "-"], "não tem nenhuma"),
]


@pytest.mark.parametrize("arguments, words", BAD)
def test_bad_settings_are_one_clear_line(run, arguments, words):
    result = run("agent", "--server", "http://s", *arguments, stdin="[]")
    assert result.exit_code == 1
    assert words in result.output
    assert result.output.count("\n") == 1


@pytest.mark.parametrize(
    "table, words",
    [
        ({"token": "a", "printer": "tcp://x", "colour": 1}, "opção desconhecida: colour"),
        ({"token": "a", "printer": "tcp://x", "server": "ftp://x"}, "endereço do servidor inválido"),
        ({"token": "a"}, "falta o endereço da impressora"),
    ],
)
def test_bad_stations_are_one_clear_line(run, table, words):
    result = run("doctor", "--server", "http://s", "--config", "-", stdin=json.dumps([table]))
    assert result.exit_code == 1
    assert words in result.output


def test_one_printer_cannot_speak_two_dialects(run):
    tables = [{"token": t, "printer": "tcp://x", "dialect": d} for t, d in (("a", "epson"), ("b", "bema"))]
    result = run("doctor", "--server", "http://s", "--config", "-", stdin=json.dumps(tables))
    assert "já tem outro dialeto" in result.output


def test_toml_file_with_tokens_in_files(run, virtual, server, tmp_path):
    (tmp_path / "token").write_text("t1\n")
    (tmp_path / "agent.toml").write_text(
        f'[[station]]\nname = "Quiosque 1"\nserver = "{server.url}"\ntoken_file = "{tmp_path}/token"\n'
        f'printer = "{virtual.address}"\nwidth = 512\n'
    )
    result = run("doctor", "--config", tmp_path / "agent.toml", "--data", tmp_path)
    assert result.exit_code == 0, result.output
    assert "Quiosque 1: servidor" in result.output


def test_queue_and_new_roll(run, tmp_path):
    spool = Spool(tmp_path / "spool.sqlite3")
    spool.take("s", "id", "k:1", {"label": "A042"}, 0)
    spool.add_millimetres("tcp://10.0.0.5:9100", 12_300)
    spool.close()
    assert "A042" in run("queue", "--data", tmp_path).output
    assert json.loads(run("queue", "--json", "--data", tmp_path).output)["counts"] == {"claimed": 1}
    assert "12.3 m" in run("new-roll", "--printer", "tcp://10.0.0.5", "--data", tmp_path).output
    assert "0.0 m" in run("new-roll", "--printer", "tcp://10.0.0.5", "--data", tmp_path).output


def test_preview_draws_the_ticket(run, document, tmp_path):
    result = run("preview", "-", tmp_path / "out.png", "--width", "384", stdin=json.dumps(document))
    assert result.exit_code == 0, result.output
    with Image.open(tmp_path / "out.png") as picture:
        assert picture.width == 384
    assert run("preview", "-", tmp_path / "out.png", stdin="{}").exit_code == 1


def test_every_command_has_help(run):
    for name in command.commands:
        result = run(name, "--help")
        assert result.exit_code == 0
        assert len(result.output) > 100


RESTRICTED = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"flask", "pydantic", "sqlalchemy", "socketio", "server", "kiosk", "panel", "counter"}:
            raise ImportError(f"{name} is not on a print box")
sys.meta_path.insert(0, Refuse())
import pkgutil, importlib, printer
for found in pkgutil.walk_packages(printer.__path__, "printer."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
from printer import dialects, document, render
assert render.render(document.parse({"label": "A001"}), dialects.load("epson"), 576).data
"""


def test_print_box_needs_nothing_of_the_server():
    done = subprocess.run([sys.executable, "-c", RESTRICTED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_help_answers_without_heavy_imports():
    code = (
        "import sys, printer.cli; print(sorted({'escpos', 'PIL', 'urllib3', 'sqlite3'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


SAFE_START = """
import logging, os, sys, tempfile
tempfile.tempdir = None
before = list(logging.getLogger().handlers)
from printer import bytebuilder, dialects
bytebuilder.new(dialects.load("epson"), 576)
assert logging.getLogger().handlers == before, "a root log handler was left behind"
assert os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"] == sys.argv[1]
print("up")
"""


def test_starts_with_a_broken_pickle_and_a_read_only_tmp(tmp_path):
    """An empty pickle stops python-escpos with EOFError, a missing temporary directory with FileNotFoundError."""
    version = ".".join(map(str, sys.version_info[:3]))
    (tmp_path / f"{version}.capabilities.pickle").write_bytes(b"")
    state = tmp_path / "state"
    state.mkdir()
    env = {
        **os.environ,
        "ESCPOS_CAPABILITIES_PICKLE_DIR": str(tmp_path),
        "TMPDIR": "/nowhere",
        "VEZ_PRINTER_DATA": str(state),
    }
    done = subprocess.run(
        [sys.executable, "-c", SAFE_START, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env=env,
    )
    assert done.stdout == "up\n", done.stderr
    assert list(state.iterdir()) == []


def test_starting_leaves_no_temporary_directory(tmp_path):
    code = "from printer import bytebuilder, dialects; bytebuilder.new(dialects.load('epson'), 576)"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert list(Path(tmp_path).iterdir()) == []
