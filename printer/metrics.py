"""Numbers for Prometheus, as a file for node_exporter's textfile collector: the agent opens no port."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from printer.device import Device
from printer.spool import Spool


def text(devices: Iterable[Device], spool: Spool) -> str:
    """Return the metrics in the exposition format."""
    lines = [
        "# HELP vez_printer_ready 1 when the printer can print, 0 when it cannot or does not say.",
        "# TYPE vez_printer_ready gauge",
        "# HELP vez_printer_near_end 1 when the paper runs low.",
        "# TYPE vez_printer_near_end gauge",
        "# HELP vez_printer_roll_millimetres Paper used since the last new roll.",
        "# TYPE vez_printer_roll_millimetres gauge",
    ]
    for device in devices:
        address = device.transport.address.replace("\\", "\\\\").replace('"', '\\"')
        label = f'{{printer="{address}"}}'
        lines.append(f"vez_printer_ready{label} {int(device.status.state == 'ready')}")
        lines.append(f"vez_printer_near_end{label} {int(device.status.near_end)}")
        lines.append(
            f"vez_printer_roll_millimetres{label} {spool.roll_millimetres(device.transport.address)}"
        )
    lines += ["# HELP vez_print_jobs Jobs in the local spool.", "# TYPE vez_print_jobs gauge"]
    lines += [f'vez_print_jobs{{state="{state}"}} {count}' for state, count in sorted(spool.counts().items())]
    lines += [
        "# HELP vez_print_confirm_seconds From the last byte to the printer's confirmation, latest 200.",
        "# TYPE vez_print_confirm_seconds summary",
    ]
    times = sorted(spool.confirm_times())
    if times:
        for quantile in (0.5, 0.95):
            value = times[min(len(times) - 1, int(len(times) * quantile))] / 1000
            lines.append(f'vez_print_confirm_seconds{{quantile="{quantile}"}} {value}')
    return "\n".join(lines) + "\n"


def write(path: Path, devices: Iterable[Device], spool: Spool) -> None:
    """Replace the file at once, so that no half of it is ever read; a full disk is no reason to stop printing."""
    fresh = path.with_name(path.name + ".new")
    with contextlib.suppress(OSError):
        fresh.write_text(text(devices, spool), "utf-8")
        fresh.replace(path)
