"""Programs that turn text into a wave file. Each runs as a process of its own, with a deadline.

A process and not a call into the library: a hang or a crash of native code must end one phrase, never the
server that a whole city waits for. It costs some 30 ms for a phrase that is then kept.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

MAX_BYTES = 8 * 1024 * 1024
_ESPEAK_VOICES = {"pt-BR": "pt-br", "en": "en-us", "es": "es-419"}
# Words per minute. Slower than talk: a waiting room is noisy and many of its people are old.
_ESPEAK_RATE = 140


class EngineError(Exception):
    """The engine made no audio; the text says which engine and why."""


class Engine(Protocol):
    """Something that speaks. ``identity`` changes whenever the audio of a phrase would."""

    @property
    def identity(self) -> str:
        """Names the engine and its voice."""

    def languages(self) -> frozenset[str]:
        """The languages it can speak."""

    def wave(self, text: str, language: str, timeout: float) -> bytes:
        """A RIFF/WAVE file. EngineError when there is none within ``timeout`` seconds."""


@dataclass(frozen=True)
class CommandEngine:
    """A program for each language: text on standard input, a wave file on standard output."""

    identity: str
    commands: Mapping[str, Sequence[str]]

    def languages(self) -> frozenset[str]:
        """The languages for which a command is known."""
        return frozenset(self.commands)

    def wave(self, text: str, language: str, timeout: float) -> bytes:
        """See Engine."""
        try:
            done = subprocess.run(
                list(self.commands[language]),
                input=text.encode(),
                capture_output=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise EngineError(f"{self.identity}: no audio within {timeout:g} s") from error
        except OSError as error:
            raise EngineError(f"{self.identity}: {error.strerror or error}") from error
        if done.returncode != 0 or not done.stdout.startswith(b"RIFF") or len(done.stdout) > MAX_BYTES:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            reason = said[-1] if said else f"{len(done.stdout)} bytes that are no wave file"
            raise EngineError(f"{self.identity}: exit {done.returncode}, {reason}")
        return done.stdout


def espeak_wheel() -> CommandEngine | None:
    """The library of the wheel ``espeakng-loader``, run by a small program of ours; None without it."""
    if importlib.util.find_spec("espeakng_loader") is None:
        return None
    program = str(Path(__file__).with_name("espeak_child.py"))
    # -I: neither the caller's folder nor its PYTHON* settings change what runs.
    commands = {
        language: (sys.executable, "-I", program, voice, str(_ESPEAK_RATE))
        for language, voice in _ESPEAK_VOICES.items()
    }
    return CommandEngine("espeak-ng wheel", commands)


def espeak_program() -> CommandEngine | None:
    """The Debian package ``espeak-ng``; None where it is not installed."""
    program = shutil.which("espeak-ng")
    if program is None:
        return None
    commands = {
        language: (program, "-v", voice, "-s", str(_ESPEAK_RATE), "--stdin", "--stdout")
        for language, voice in _ESPEAK_VOICES.items()
    }
    return CommandEngine("espeak-ng", commands)


def piper(commands: Mapping[str, Sequence[str]]) -> CommandEngine | None:
    """A piper voice for some languages, as configured: e.g. ``piper --model faber.onnx --output_file -``."""
    chosen = {language: tuple(command) for language, command in commands.items() if command}
    name = "piper " + " ".join(" ".join(command) for _, command in sorted(chosen.items()))
    return CommandEngine(name, chosen) if chosen else None
