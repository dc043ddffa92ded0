"""Program: speaks standard input with the espeak-ng library of the wheel, a wave file on standard output.

    python -I espeak_child.py VOICE WORDS_PER_MINUTE

Run by engines.py in a process of its own. Exit 1 with one line when the library or the voice is missing.
Source: espeak-ng's ``speak_lib.h`` (names, constants, order of arguments).
"""

from __future__ import annotations

import ctypes
import io
import sys
import wave
from typing import Any

AUDIO_OUTPUT_SYNCHRONOUS = 2
CHARS_UTF8 = 1
ENDPAUSE = 0x1000
RATE = 1
BUFFER_MS = 200

Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def speak(text: str, voice: str, words_per_minute: int) -> tuple[bytes, int]:
    """16-bit mono samples and their rate. OSError or RuntimeError when the library cannot."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_uint,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.c_uint,
        ctypes.c_void_p,
        ctypes.c_void_p,
    ]
    data = espeakng_loader.get_data_path().encode()
    rate = library.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, BUFFER_MS, data, 0)
    if rate <= 0:
        raise RuntimeError("espeak-ng did not start")
    samples = io.BytesIO()

    def collect(wav: Any, count: int, _events: Any) -> int:
        if wav and count > 0:
            samples.write(ctypes.string_at(wav, count * 2))
        return 0

    # Held in a variable: ctypes keeps no reference of its own, and the library calls it later.
    callback = Callback(collect)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise RuntimeError(f"espeak-ng has no voice {voice}")
    library.espeak_SetParameter(RATE, words_per_minute, 0)
    encoded = text.encode() + b"\0"
    if library.espeak_Synth(encoded, len(encoded), 0, 0, 0, CHARS_UTF8 | ENDPAUSE, None, None) != 0:
        raise RuntimeError("espeak-ng refused the text")
    return samples.getvalue(), rate


def main() -> int:
    """Read, speak, write."""
    try:
        samples, rate = speak(sys.stdin.buffer.read().decode(), sys.argv[1], int(sys.argv[2]))
    except (OSError, RuntimeError, ImportError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    with wave.open(sys.stdout.buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        # In one call: the header of a pipe cannot be mended afterwards.
        out.setnframes(len(samples) // 2)
        out.writeframesraw(samples)
    return 0


if __name__ == "__main__":
    sys.exit(main())
