"""`vez printer …` (also `python -m printer …`): the agent, the virtual printer, and the operator's tools.

Heavy imports wait until a command needs them: `--help` must answer at once, also on a small box.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from printer import pairing


@click.group(name="printer", context_settings={"help_option_names": ["-h", "--help"]})
def printer() -> None:
    """Impressão de senhas: agente, impressora virtual e ferramentas."""


printer.add_command(pairing.command)


def until_signal() -> Callable[[], None]:
    """Return a function that waits for SIGTERM or SIGINT; the command then ends in order.

    A pipe and no threading.Event: a signal that comes while the main thread is just entering `Event.wait` would find
    the event's own lock taken, and the process would never end.
    """
    hears, tells = os.pipe()

    def handler(*_args: Any) -> None:
        """Only so that the signal does not kill us; the byte in the pipe is what ends the wait."""

    # Written by the C handler in whichever thread the kernel chose: Python's own would wait for the main thread.
    os.set_blocking(tells, False)
    signal.set_wakeup_fd(tells, warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, handler)
    signal.signal(signal.SIGINT, handler)

    def wait() -> None:
        os.read(hears, 1)

    return wait


@printer.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Endereço onde escutar.")
@click.option("--port", default=9100, show_default=True, help="Porta da impressora; 0 escolhe uma livre.")
@click.option("--web-port", default=9180, show_default=True, help="Porta da página; 0 escolhe uma livre.")
@click.option(
    "--width", type=click.Choice(["384", "512", "576"]), default="576", show_default=True, help="Pontos."
)
@click.option(
    "--speed", default=250.0, show_default=True, help="Velocidade do papel em mm/s; 0 é instantânea."
)
@click.option("--buffer", "buffer_size", default=4096, show_default=True, help="Bytes do buffer de recepção.")
@click.option("--keep", default=100, show_default=True, help="Quantas senhas guardar na memória.")
@click.option(
    "--dialect", type=click.Choice(["epson", "bema", "daruma", "elgin"]), default="epson", show_default=True
)
@click.option(
    "--fault", multiple=True, metavar="NOME[=VALOR]", help="Falha já ao ligar, ex.: paper_out, slow=20."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Ao ficar pronta, escreve uma linha JSON {host, port, web}."
)
def virtual(
    host: str, port: int, web_port: int, width: str, speed: float, buffer_size: int, keep: int, dialect: str,
    fault: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Liga a impressora virtual: recebe ESC/POS por TCP e mostra cada senha em uma página."""
    from printer.virtual.faults import BadFault
    from printer.virtual.machine import Machine
    from printer.virtual.server import Server
    from printer.virtual.web import Web

    wait = until_signal()
    machine = Machine(int(width), speed, buffer_size, keep, dialect)
    server = Server(machine, host, port)
    try:
        machine.set_faults(_faults(fault))
        web = Web(server, host, web_port)
        server.start()
    except (OSError, BadFault) as error:
        raise click.ClickException(f"a impressora virtual não pôde iniciar: {error}") from error
    machine.start()
    web.start()
    if as_json:
        click.echo(json.dumps({"host": host, "port": server.port, "web": web.url}))
        sys.stdout.flush()
    else:
        click.echo(f"Impressora virtual em {host}:{server.port}; senhas em {web.url}")
    wait()
    web.stop()
    server.stop()
    machine.stop()


def _faults(given: tuple[str, ...]) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    for item in given:
        name, _, value = item.partition("=")
        try:
            wanted[name] = json.loads(value) if value else True
        except ValueError:
            raise click.ClickException(f"falha sem sentido: {item}") from None
    return wanted


def _data_option(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--data",
        envvar="VEZ_PRINTER_DATA",
        type=click.Path(path_type=Path, file_okay=False),
        help="Diretório da fila local.  [padrão: o do systemd, ou ~/.local/state/vez-printer]",
    )(command)


def _station_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which stations there are, shared by `agent` and `doctor`."""
    texts = {
        "--server": ("SERVER", "Endereço do servidor, ex.: https://vez.prefeitura.local"),
        "--token": ("TOKEN", "Token do agente (prefira --token-file, que não aparece em ps)."),
        "--token-file": ("TOKEN_FILE", "Arquivo que contém só o token."),
        "--printer": ("ADDRESS", "tcp://10.0.0.5:9100, usb:///dev/usb/lp0, serial:///dev/ttyS0?baud=9600 …"),
        "--dialect": ("DIALECT", "Dialeto da impressora; veja `vez printer detect`."),
        "--config": ("CONFIG", "TOML ou JSON com as estações ([[station]]); - lê JSON da entrada padrão."),
    }
    for name, (variable, words) in reversed(texts.items()):
        target = "address" if name == "--printer" else name[2:].replace("-", "_")
        command = click.option(name, target, envvar=f"VEZ_PRINTER_{variable}", help=words)(command)
    command = click.option("--width", envvar="VEZ_PRINTER_WIDTH", type=int, help="384, 512 ou 576 pontos.")(
        command
    )
    command = click.option(
        "--station",
        "pairs",
        multiple=True,
        envvar="VEZ_PRINTER_STATIONS",
        metavar="TOKEN=ENDEREÇO",
        help="Mais uma estação; TOKEN pode ser @arquivo. Pode repetir.",
    )(command)
    return _data_option(command)


@printer.command()
@_station_options
@click.option(
    "--metrics-file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="VEZ_PRINTER_METRICS_FILE",
    help="Escreve métricas do Prometheus neste arquivo (.prom, para o node_exporter).",
)
@click.option("-v", "--verbose", is_flag=True, help="Conta cada passo.")
def agent(data: Path | None, metrics_file: Path | None, verbose: bool, **given: Any) -> None:
    """Busca senhas no servidor e imprime; só termina com SIGTERM ou Ctrl-C."""
    import sqlite3

    from printer.agent import Agent
    from printer.config import BadConfig

    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        stream=sys.stderr,
    )
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    try:
        stations = _stations(**given)
        running = Agent(stations, data or _state_directory(), metrics_file=metrics_file)
    except (BadConfig, OSError, sqlite3.Error) as error:
        raise click.ClickException(str(error)) from error
    wait = until_signal()
    running.start()
    click.echo(
        f"Agente de impressão ligado: {len(stations)} estação(ões), {len(running.devices)} impressora(s)"
    )
    sys.stdout.flush()
    wait()
    running.stop()


def _stations(config: str | None, pairs: tuple[str, ...], **given: Any) -> list[Any]:
    """Collect the stations of command line, environment and file. Raises BadConfig, OSError."""
    from printer import config as settings

    tables: list[Any] = []
    if given["address"]:
        single = {"token": given["token"], "token_file": given["token_file"], "printer": given["address"]}
        tables.append({name: value for name, value in single.items() if value})
    for pair in pairs:
        token, found, address = pair.partition("=")
        if not found:
            raise settings.BadConfig("--station espera TOKEN=ENDEREÇO")
        secret = {"token_file": token[1:]} if token.startswith("@") else {"token": token}
        tables.append({**secret, "printer": address})
    if config:
        text = sys.stdin.read() if config == "-" else Path(config).read_text("utf-8")
        tables += settings.read(text, "json" if config == "-" or config.endswith(".json") else "toml")
    if not tables:
        raise settings.BadConfig("nenhuma impressora: use --printer, --station ou --config (veja --help)")
    defaults = {name: given[name] for name in ("server", "dialect", "width") if given[name]}
    return settings.consistent([settings.station(table, defaults, n) for n, table in enumerate(tables, 1)])


def _state_directory() -> Path:
    for name in ("STATE_DIRECTORY", "VEZ_DATA_DIR"):  # systemd's, then the house's own
        if os.environ.get(name):
            return Path(os.environ[name].split(":")[0]) / ("printer" if name == "VEZ_DATA_DIR" else "")
    return Path.home() / ".local" / "state" / "vez-printer"


@printer.command()
@click.option(
    "--address", "addresses", multiple=True, help="Endereço a perguntar, ex.: 10.0.0.5:9100. Pode repetir."
)
@click.option(
    "--seconds", default=2.0, show_default=True, help="Quanto ouvir a rede (mDNS); 0 não usa a rede."
)
@click.option("--json", "as_json", is_flag=True, help="Uma lista JSON em vez de linhas.")
def detect(addresses: tuple[str, ...], seconds: float, as_json: bool) -> None:
    """Procura impressoras: USB, seriais, as que se anunciam na rede e as informadas. Não varre a rede."""
    from printer import discovery
    from printer.transports import BadAddress

    try:
        found = [*discovery.usb(), *discovery.serial_ports(), *discovery.network(addresses, seconds)]
    except BadAddress as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps([one.as_dict() for one in found], ensure_ascii=False))
        return
    for one in found:
        name = f"{one.maker} {one.model}".strip() or "modelo não informado"
        answer = {True: "responde", False: "não responde", None: "não consultada"}[one.answers]
        click.echo(f"{one.address}  {name}  {answer}  dialeto sugerido: {one.dialect}  {one.note}".rstrip())
    if not found:
        click.echo(
            "Nenhuma impressora encontrada. Informe o endereço: vez printer detect --address 10.0.0.5:9100"
        )


@printer.command()
@click.option(
    "--printer", "address", required=True, envvar="VEZ_PRINTER_ADDRESS", help="tcp://10.0.0.5:9100 …"
)
@click.option("--dialect", default="epson", show_default=True, envvar="VEZ_PRINTER_DIALECT", help="Dialeto.")
@click.option("--width", type=int, envvar="VEZ_PRINTER_WIDTH", help="384, 512 ou 576 pontos.")
def test(address: str, dialect: str, width: int | None) -> None:
    """Imprime uma página de teste: acentos, QR e corte. Sai com 1 se a impressora não a confirmar."""
    from printer import dialects, testpage
    from printer.bytebuilder import NoBuilder
    from printer.device import Device
    from printer.transports import BadAddress, TransportError, open_address

    try:
        tongue = dialects.load(dialect)
        if width and width not in tongue.widths:
            raise click.ClickException(f"o dialeto {dialect} não tem largura {width}")
        device = Device(open_address(address), tongue)
        printed, words = testpage.print_page(device, width or tongue.widths[0])
        device.disconnect()
    except (BadAddress, dialects.UnknownDialect, TransportError, NoBuilder) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Página de teste {words}")
    if not printed:
        sys.exit(1)


@printer.command()
@_station_options
def doctor(data: Path | None, **given: Any) -> None:
    """Confere a instalação: programa, fila local, impressora, token e relógio. Sai com 1 se algo falhar."""
    from printer.config import BadConfig
    from printer.doctor import examine

    try:
        stations = _stations(**given)
    except (BadConfig, OSError) as error:
        raise click.ClickException(str(error)) from error
    findings = list(examine(stations, data or _state_directory()))
    for finding in findings:
        click.echo({True: "ok     ", False: "FALHA  ", None: "aviso  "}[finding.fine] + finding.text)
    if any(finding.fine is False for finding in findings):
        sys.exit(1)


@printer.command()
@_data_option
@click.option("--json", "as_json", is_flag=True, help="Um objeto JSON em vez de linhas.")
def queue(data: Path | None, as_json: bool) -> None:
    """Mostra a fila local do agente."""
    from printer.spool import Spool

    spool = Spool((data or _state_directory()) / "spool.sqlite3")
    jobs = spool.latest(50)
    counts = spool.counts()
    spool.close()
    if as_json:
        rows = [{"key": job.key, "state": job.state, "cause": job.cause} for job in jobs]
        click.echo(json.dumps({"counts": counts, "jobs": rows}))
        return
    for job in jobs:
        click.echo(f"{job.document.get('label', '?'):12} {job.state:10} {job.cause or ''}".rstrip())
    click.echo(", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "fila vazia")


@printer.command(name="new-roll")
@click.option("--printer", "address", required=True, envvar="VEZ_PRINTER_ADDRESS", help="A impressora.")
@_data_option
def new_roll(address: str, data: Path | None) -> None:
    """Avisa que uma bobina nova foi posta: o contador de papel recomeça."""
    from printer.spool import Spool
    from printer.transports import BadAddress, open_address

    try:
        address = open_address(address).address
    except BadAddress as error:
        raise click.ClickException(str(error)) from error
    spool = Spool((data or _state_directory()) / "spool.sqlite3")
    used = spool.roll_millimetres(address)
    spool.new_roll(address)
    spool.close()
    click.echo(f"Bobina nova em {address}; a anterior deu {used / 1000:.1f} m")


@printer.command()
@click.argument("document", type=click.File("r", encoding="utf-8"))
@click.argument("picture", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dialect", default="epson", show_default=True, help="Dialeto.")
@click.option("--width", type=int, default=576, show_default=True, help="384, 512 ou 576 pontos.")
def preview(document: Any, picture: Path, dialect: str, width: int) -> None:
    """Desenha em PICTURE (PNG) como sairá a senha do arquivo DOCUMENT (JSON; - lê a entrada padrão)."""
    from printer import dialects
    from printer import preview as drawing
    from printer.document import Rejected

    try:
        picture.write_bytes(drawing.png(json.load(document), dialect, width))
    except (ValueError, OSError, Rejected, dialects.UnknownDialect) as error:
        raise click.ClickException(f"não foi possível desenhar a senha: {error}") from error
