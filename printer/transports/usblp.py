"""USB printers through the kernel's usblp driver (`/dev/usb/lp0`).

Better than libusb on Linux: nothing is detached or reset, and udev brings the device back after a power
cycle. A *blocking* write would loop in the kernel for ever on paper-out; with O_NONBLOCK and poll it does
not (usblp.c).
"""

from __future__ import annotations

import fcntl
import struct

from printer.transports.file import File

_LPGETSTATUS = 0x060B
_PAPER_EMPTY, _SELECTED, _NO_ERROR = 0x20, 0x10, 0x08


class UsbLp(File):
    """The USB printer class has three status bits of its own, for printers that answer nothing else."""

    scheme = "usb"

    def class_bits(self) -> dict[str, bool] | None:
        """Return {paper_out, offline, error} from the USB class request, None if the kernel has no answer."""
        try:
            raw = fcntl.ioctl(self.fileno(), _LPGETSTATUS, struct.pack("i", 0))
        except OSError:
            return None
        (bits,) = struct.unpack("i", raw)
        return {
            "paper_out": bool(bits & _PAPER_EMPTY),
            "offline": not bits & _SELECTED,
            "error": not bits & _NO_ERROR,
        }
