"""Audio: made once, kept within bounds, in time, by whatever engine is there."""

import array
import logging
import os
import sys
import threading
import time

import pytest

from server.config import SettingsError, load_settings
from server.voice import Voice, VoiceUnavailable, engines, open_voice, pcm
from server.voice.cache import AudioCache
from server.voice.engines import CommandEngine, EngineError

RATE = 22_050


def tone(seconds: float = 0.2, level: int = 8000) -> bytes:
    half = [level] * 20 + [-level] * 20
    samples = array.array("h", half * int(seconds * RATE / 40))
    return pcm.write_wave(pcm.Clip(samples, RATE))


class FakeEngine:
    """Says everything as the same tone; remembers what it was asked."""

    def __init__(self, identity="fake", languages=("pt-BR", "en", "es"), wave=None, error=None):
        self.identity, self._languages = identity, frozenset(languages)
        self.said, self._wave, self.error = [], wave or tone(), error
        self.started, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def languages(self):
        return self._languages

    def wave(self, text, language, timeout):
        self.said.append((language, text))
        self.started.set()
        self.go_on.wait(10)
        if self.error:
            raise self.error
        return self._wave


def voice_of(tmp_path, *found, limit=10_000_000, **options) -> Voice:
    return Voice(found, AudioCache(tmp_path / "voice", limit), **options)


def python(code: str) -> CommandEngine:
    return CommandEngine("python", {"pt-BR": (sys.executable, "-c", code)})


def test_an_announcement_is_its_two_sentences_made_once_each(tmp_path):
    engine = FakeEngine()
    voice = voice_of(tmp_path, engine)
    first = voice.announcement("pt-BR", "A042", "desk", "3")
    assert voice.announcement("pt-BR", "A042", "desk", "3") == first
    voice.announcement("pt-BR", "A043", "desk", "3")
    assert engine.said == [
        ("pt-BR", "Senha A, zero, quatro, dois."),
        ("pt-BR", "Guichê três."),
        ("pt-BR", "Senha A, zero, quatro, três."),
    ]
    assert 0.6 < pcm.read_wave(first).seconds < 0.8


def test_audio_survives_a_restart(tmp_path):
    voice_of(tmp_path, FakeEngine()).announcement("pt-BR", "A042", "desk", "3")
    after = FakeEngine()
    voice_of(tmp_path, after).announcement("pt-BR", "A042", "desk", "3")
    assert after.said == []


def test_twenty_panels_asking_at_once_make_it_once(tmp_path):
    engine = FakeEngine()
    engine.go_on.clear()
    voice = voice_of(tmp_path, engine)
    heard = []
    panels = [
        threading.Thread(target=lambda: heard.append(voice.text("en", "Please wait."))) for _ in range(20)
    ]
    for panel in panels:
        panel.start()
    assert engine.started.wait(10)
    engine.go_on.set()
    for panel in panels:
        panel.join(10)
    assert len(heard) == 20
    assert len(set(heard)) == 1
    assert len(engine.said) == 1
    assert voice._making == {}


def test_a_failing_engine_is_replaced_by_the_next_and_logged_once(tmp_path, caplog):
    broken = FakeEngine("broken", error=EngineError("broken: no model"))
    voice = voice_of(tmp_path, broken, FakeEngine())
    with caplog.at_level(logging.WARNING):
        voice.text("pt-BR", "um")
        voice.text("pt-BR", "dois")
    assert [record.getMessage() for record in caplog.records] == ["voice engine failed: broken: no model"]


def test_an_engine_without_the_language_is_passed_over(tmp_path):
    piper = FakeEngine("piper", languages=("pt-BR",))
    voice = voice_of(tmp_path, piper, FakeEngine())
    voice.text("es", "hola")
    assert piper.said == []
    assert voice.languages() == {"pt-BR", "en", "es"}


def test_without_a_voice_it_says_so(tmp_path):
    with pytest.raises(VoiceUnavailable, match="no voice for en"):
        voice_of(tmp_path).announcement("en", "A1", "desk", "1")
    silent = FakeEngine(wave=pcm.write_wave(pcm.Clip(array.array("h", [0] * 1000), RATE)))
    with pytest.raises(VoiceUnavailable):
        voice_of(tmp_path, silent).text("en", "hello")


def test_a_busy_machine_gives_up_in_time(tmp_path):
    engine = FakeEngine()
    engine.go_on.clear()
    voice = voice_of(tmp_path, engine, timeout=0.05, at_once=1)
    busy = threading.Thread(target=lambda: voice.text("en", "one"))
    busy.start()
    assert engine.started.wait(10)
    with pytest.raises(VoiceUnavailable):
        voice.text("en", "two")
    engine.go_on.set()
    busy.join(10)


@pytest.mark.parametrize("text", ["", " \n ", "x" * 2001])
def test_texts_to_read_aloud_have_a_size(tmp_path, text):
    with pytest.raises(ValueError, match="1 to 2000"):
        voice_of(tmp_path, FakeEngine()).text("pt-BR", text)


def test_the_cache_keeps_within_its_size_and_drops_the_longest_unused(tmp_path):
    cache = AudioCache(tmp_path, limit_bytes=1000)
    for index in range(10):
        cache.put(f"key{index}", bytes(100))
        os.utime(cache._path(f"key{index}"), (index, index))
    assert cache.get("key0") is not None  # used just now
    cache.put("more", bytes(100))
    assert cache.get("key0") is not None
    assert cache.get("key1") is None
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 1000


def test_a_disk_that_refuses_does_not_silence_the_room(tmp_path):
    (tmp_path / "voice").write_text("a file where the folder should be")
    assert voice_of(tmp_path, FakeEngine()).text("pt-BR", "um").startswith(b"RIFF")


def test_a_hung_program_is_ended_in_time():
    began = time.monotonic()
    with pytest.raises(EngineError, match="no audio within"):
        python("import time; time.sleep(60)").wave("olá", "pt-BR", 0.3)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "engine, reason",
    [
        (python("import sys; sys.exit('no such voice')"), "exit 1, no such voice"),
        (python("print('hello')"), "no wave file"),
        (CommandEngine("gone", {"pt-BR": ("/no/such/program",)}), "No such file"),
    ],
)
def test_a_program_that_fails_says_why(engine, reason):
    with pytest.raises(EngineError, match=reason):
        engine.wave("olá", "pt-BR", 10)


def test_the_text_reaches_a_program_as_input_never_as_an_argument():
    wave = python(
        "import sys; text = sys.stdin.buffer.read(); assert len(sys.argv) == 1, text; "
        "sys.stdout.buffer.write(b'RIFF' + text)"
    ).wave("-v; rm ç", "pt-BR", 10)
    assert wave == "RIFF-v; rm ç".encode()


def test_piper_is_used_where_it_is_configured():
    engine = engines.piper({"pt-BR": ["piper", "--model", "faber.onnx"], "en": []})
    assert engine is not None
    assert engine.languages() == {"pt-BR"}
    assert "faber.onnx" in engine.identity
    assert engines.piper({}) is None


@pytest.mark.parametrize("find", [engines.espeak_wheel, engines.espeak_program])
@pytest.mark.parametrize("language", ["pt-BR", "en", "es"])
def test_espeak_really_speaks(find, language):
    engine = find()
    if engine is None:
        pytest.skip("not installed: the wheel espeakng-loader, or the package espeak-ng")
    clip = pcm.tidy(pcm.read_wave(engine.wave("Senha A, zero, quatro, dois.", language, 20)))
    assert 1.0 < clip.seconds < 6.0
    assert max(clip.samples) > 20_000


def test_the_machine_s_own_voice_speaks_all_three_languages(tmp_path):
    voice = open_voice(tmp_path)
    if not voice.languages():
        pytest.skip("no espeak-ng on this machine")
    assert voice.languages() == {"pt-BR", "en", "es"}
    clip = pcm.read_wave(voice.announcement("pt-BR", "PA042", "desk", "12"))
    assert 2.0 < clip.seconds < 7.0
    assert list((tmp_path / "voice").glob("*.wav"))


def test_a_length_that_the_header_does_not_know_is_read_to_the_end():
    streamed = bytearray(tone())
    streamed[40:44] = (0x7FFFF000).to_bytes(4, "little")
    assert pcm.read_wave(bytes(streamed)).samples == pcm.read_wave(tone()).samples


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"ID3 not a wave",
        tone()[:36],
        tone()[:20] + b"\x03\x00" + tone()[22:],
        b"RIFF\0\0\0\0WAVEdata\0\0\0\0",
        b"RIFF\0\0\0\0WAVEfmt \4\0\0\0abcd",
    ],
)
def test_what_is_no_wave_file_is_refused(data):
    with pytest.raises(ValueError, match=r"wave|PCM|format"):
        pcm.read_wave(data)


def test_silence_is_cut_and_the_level_is_raised():
    quiet = array.array("h", [0] * RATE + [1000, -1000] * 1000 + [0] * RATE)
    clip = pcm.tidy(pcm.Clip(quiet, RATE))
    assert clip.seconds < 0.2
    assert max(clip.samples) == 8000


def test_clips_of_different_rates_are_not_joined():
    with pytest.raises(ValueError, match="rates"):
        pcm.joined([pcm.Clip(array.array("h", [1]), 8000), pcm.Clip(array.array("h", [1]), RATE)], 0.1)


def test_piper_is_configured_by_one_setting(tmp_path):
    said = "pt-BR=piper --model 'minha voz.onnx' --output_file -; es=piper --model es.onnx -f -"
    commands = load_settings({"VEZ_PIPER": said}).piper_commands
    assert commands["pt-BR"] == ["piper", "--model", "minha voz.onnx", "--output_file", "-"]
    assert set(commands) == {"pt-BR", "es"}
    first = open_voice(tmp_path, commands)._engines[0]
    assert first.identity.startswith("piper"), "before espeak-ng, which stands in"
    assert load_settings({}).piper_commands == {}
    for wrong in ("fr=piper", "pt-BR=", "piper --model x"):
        with pytest.raises(SettingsError, match="VEZ_PIPER"):
            load_settings({"VEZ_PIPER": wrong})
