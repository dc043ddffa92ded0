"""The voice: a phrase in, a wave file out, made once and kept.

Thread-safe. However many panels ask for the same phrase at once, it is made once; and only a few are made at
the same time, so that a burst of calls cannot take the machine from the people at the kiosk.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from server.voice import pcm, phrases
from server.voice.cache import AudioCache
from server.voice.engines import Engine, EngineError, espeak_program, espeak_wheel, piper

log = logging.getLogger(__name__)

MAX_TEXT = 2000
CACHE_BYTES = 128 * 1024 * 1024
TIMEOUT_SECONDS = 3.0
_PAUSE_SECONDS = 0.28
_AT_ONCE = 2
# Part of every key: change it when the audio of the same phrase would change.
_EDITION = "1"


class VoiceUnavailable(Exception):
    """No engine speaks the language, or all failed or were too slow."""


class Voice:
    """Speaks with the first of its engines that can; the others stand in when it fails."""

    def __init__(
        self,
        engines: Sequence[Engine],
        cache: AudioCache,
        *,
        timeout: float = TIMEOUT_SECONDS,
        at_once: int = _AT_ONCE,
    ) -> None:
        self._engines = tuple(engines)
        self._cache = cache
        self._timeout = timeout
        self._slots = threading.BoundedSemaphore(at_once)
        self._making: dict[str, tuple[threading.Lock, int]] = {}
        self._guard = threading.Lock()
        self._failing: set[str] = set()

    def languages(self) -> frozenset[str]:
        """The languages that can be spoken here."""
        return frozenset().union(*(engine.languages() for engine in self._engines))

    def announcement(self, language: str, label: str, kind: str, number: str = "") -> bytes:
        """The wave file of a call: "Senha A, zero, quatro, dois. Guichê três."

        ValueError for what cannot be said (see phrases); VoiceUnavailable when there is no voice.
        """
        language = phrases.language_of(language)
        sentences = [phrases.ticket_sentence(language, label)]
        if number:
            sentences.append(phrases.counter_sentence(language, kind, number))
        # Sentence by sentence: a few counters and a day's tickets are kept, not each pair of them.
        clips = [pcm.read_wave(self._sentence(language, sentence)) for sentence in sentences]
        try:
            return pcm.write_wave(pcm.joined(clips, _PAUSE_SECONDS))
        except ValueError as error:
            # The engine was changed between the two sentences; the next try has both from the same.
            raise VoiceUnavailable(str(error)) from error

    def text(self, language: str, text: str) -> bytes:
        """The wave file of any text (the kiosk read aloud). ValueError when empty or over MAX_TEXT signs."""
        text = " ".join(text.split())
        if not text or len(text) > MAX_TEXT:
            raise ValueError(f"a text to be spoken has 1 to {MAX_TEXT} characters")
        return self._sentence(phrases.language_of(language), text)

    def _sentence(self, language: str, sentence: str) -> bytes:
        engines = [engine for engine in self._engines if language in engine.languages()]
        for engine in engines:
            key = f"{_EDITION}\n{engine.identity}\n{language}\n{sentence}"
            with self._one_at_a_time(key):
                kept = self._cache.get(key)
                if kept is not None:
                    return kept
                made = self._made(engine, language, sentence)
                if made is not None:
                    self._cache.put(key, made)
                    return made
        raise VoiceUnavailable(f"no voice for {language}")

    def _made(self, engine: Engine, language: str, sentence: str) -> bytes | None:
        if not self._slots.acquire(timeout=self._timeout):
            return None
        try:
            wave = engine.wave(sentence, language, self._timeout)
            made = pcm.write_wave(pcm.tidy(pcm.read_wave(wave)))
        except (EngineError, ValueError) as error:
            self._say_once(engine, error)
            return None
        finally:
            self._slots.release()
        self._failing.discard(engine.identity)
        return made

    def _say_once(self, engine: Engine, error: Exception) -> None:
        """A broken engine is logged when it breaks, not at every call of the day."""
        if engine.identity not in self._failing:
            self._failing.add(engine.identity)
            log.warning("voice engine failed: %s", error)

    @contextmanager
    def _one_at_a_time(self, key: str) -> Iterator[None]:
        """Whoever wants the same phrase waits for the first to make it."""
        with self._guard:
            lock, users = self._making.get(key, (threading.Lock(), 0))
            self._making[key] = (lock, users + 1)
        try:
            with lock:
                yield
        finally:
            with self._guard:
                lock, users = self._making[key]
                if users == 1:
                    del self._making[key]
                else:
                    self._making[key] = (lock, users - 1)


def open_voice(data_dir: Path, piper_commands: Mapping[str, Sequence[str]] | None = None) -> Voice:
    """The voice of this machine: piper where configured, else espeak-ng (wheel, then program), or none.

    Starts nothing and writes nothing: the audio will be kept in ``<data_dir>/voice``.
    """
    found = (piper(piper_commands or {}), espeak_wheel(), espeak_program())
    engines: list[Engine] = [engine for engine in found if engine is not None]
    return Voice(engines, AudioCache(data_dir / "voice", CACHE_BYTES))
