"""`vez printer pair`: a code from the supervisor's screen becomes the agent's token, in a private file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import click


class NotPaired(Exception):
    """No token; the message says why in one Portuguese line."""


def pair(server: str, code: str, target: Path) -> str:
    """Trade `code` for a token, write it to `target` (mode 0600), return the device's name. Raises NotPaired.

    The file is made before the code is used: a code is good for one try only.
    """
    if urlsplit(server).scheme not in {"http", "https"} or not urlsplit(server).netloc:
        raise NotPaired(f"endereço do servidor inválido: {server or '(vazio)'}")
    draft = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise NotPaired(f"não foi possível escrever {target}: {error.strerror}") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            token, name = _trade(server, code)
            file.write(token + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return name


def _trade(server: str, code: str) -> tuple[str, str]:
    import urllib3

    try:
        answer = urllib3.request(
            "POST",
            f"{server.rstrip('/')}/api/v1/devices/pair",
            body=json.dumps({"code": code}).encode(),
            headers={"Content-Type": "application/json", "Accept-Language": "pt-BR"},
            timeout=10.0,
            retries=False,
            redirect=False,
        )
        body = json.loads(answer.data)
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise NotPaired(f"o servidor {server} não respondeu como se espera") from error
    if answer.status >= 300:
        raise NotPaired(str(body.get("error", {}).get("message") or f"o servidor respondeu {answer.status}"))
    device = body["device"]
    if device["kind"] != "printer":
        raise NotPaired(
            f"este código é de outro tipo de aparelho ({device['kind']}); gere um para a impressora"
        )
    return str(body["token"]), str(device["name"])


@click.command(name="pair")
@click.argument("code")
@click.option("--server", required=True, envvar="VEZ_PRINTER_SERVER", help="Endereço do servidor.")
@click.option(
    "--token-file",
    required=True,
    envvar="VEZ_PRINTER_TOKEN_FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Onde guardar o token (só o dono o lê).",
)
def command(code: str, server: str, token_file: Path) -> None:
    """Troca o CODE da tela da supervisão pelo token deste agente."""
    try:
        name = pair(server, code, token_file)
    except NotPaired as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Pareada: {name}. Token em {token_file}; ligue o agente com --token-file {token_file}")
