"""The voice of the waiting room and of the kiosk: phrases as people say them, spoken without internet.

A room beside the floors: the standard library and, where installed, the wheel ``espeakng-loader``; no Flask,
no database.
"""

from server.voice.engines import Engine, EngineError
from server.voice.phrases import LANGUAGES, announcement
from server.voice.synth import Voice, VoiceUnavailable, open_voice

__all__ = ["LANGUAGES", "Engine", "EngineError", "Voice", "VoiceUnavailable", "announcement", "open_voice"]
