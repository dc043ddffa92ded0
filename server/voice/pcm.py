"""Wave files as arrays of samples: read whatever an engine wrote, trim, level, join, write a clean file."""

from __future__ import annotations

import array
import struct
import sys
from dataclasses import dataclass

# Quieter than this (of 32 767) is silence at the ends of a sentence.
_SILENCE = 160
_KEEP_SECONDS = 0.02
# Loudest sample after levelling: -1 dBFS, so that every engine and every phrase is equally loud.
_PEAK = 29_200
_MAX_GAIN = 8.0
_PCM = 1
_EXTENSIBLE = 0xFFFE


@dataclass(frozen=True)
class Clip:
    """Mono 16-bit sound; ``rate`` in samples per second."""

    samples: array.array[int]
    rate: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate


def read_wave(data: bytes) -> Clip:
    """A clip from a RIFF/WAVE file; ValueError when it is none, or not mono 16-bit PCM.

    Read by hand: a program that writes to a pipe cannot go back to put the true length into the header, and
    the module ``wave`` believes the header.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ValueError("not a wave file")
    position, rate = 12, 0
    while position + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, position)
        body = data[position + 8 : position + 8 + size]
        if name == b"fmt ":
            rate = _rate_of(body)
        elif name == b"data":
            if not rate:
                raise ValueError("samples before their format")
            return Clip(_samples_of(body), rate)
        position += 8 + size + size % 2
    raise ValueError("a wave file without samples")


def _rate_of(body: bytes) -> int:
    if len(body) < 16:
        raise ValueError("a wave file with half a format")
    rate: int
    coding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if coding not in (_PCM, _EXTENSIBLE) or channels != 1 or bits != 16 or not 8000 <= rate <= 48_000:
        raise ValueError("not mono 16-bit PCM")
    return rate


def _samples_of(body: bytes) -> array.array[int]:
    samples = array.array("h", body[: len(body) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def write_wave(clip: Clip) -> bytes:
    """The clip as a complete wave file."""
    samples = clip.samples
    if sys.byteorder == "big":
        samples = samples[:]
        samples.byteswap()
    body = samples.tobytes()
    header = struct.pack("<4sI4s", b"RIFF", 36 + len(body), b"WAVE")
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, _PCM, 1, clip.rate, clip.rate * 2, 2, 16)
    return header + layout + struct.pack("<4sI", b"data", len(body)) + body


def tidy(clip: Clip) -> Clip:
    """Without silence at its ends, its loudest sample at -1 dBFS. ValueError when nothing is heard."""
    loud = [index for index, sample in enumerate(clip.samples) if abs(sample) > _SILENCE]
    if not loud:
        raise ValueError("nothing but silence")
    keep = int(_KEEP_SECONDS * clip.rate)
    samples = clip.samples[max(0, loud[0] - keep) : loud[-1] + 1 + keep]
    gain = min(_MAX_GAIN, _PEAK / max(abs(sample) for sample in samples))
    return Clip(array.array("h", (int(sample * gain) for sample in samples)), clip.rate)


def joined(clips: list[Clip], pause_seconds: float) -> Clip:
    """One after the other with a pause between. ValueError for different rates."""
    rate = clips[0].rate
    if any(clip.rate != rate for clip in clips):
        raise ValueError("clips of different rates")
    pause = array.array("h", bytes(2 * int(pause_seconds * rate)))
    samples = clips[0].samples[:]
    for clip in clips[1:]:
        samples += pause + clip.samples
    return Clip(samples, rate)
