# Made by `make export` from audio.py, for editors. Change the notebook, not this file.
"""From notes to sound with nothing but numpy: strings, bells, pipes, bows, voices and drums.

Docs: https://melodynb.github.io/melodynb/audio.html.md"""
__all__ = ['TIMBRES', 'PROGRAMS', 'DRUMS', 'OTHER_DRUM', 'TAIL', 'ENGINES', 'RATES', 'MP3_RATES', 'hertz', 'ring', 'inharmonicity', 'string_partials', 'dice', 'band_noise', 'Struck', 'Held', 'Drum', 'room_response', 'render', 'write_wav', 'write_mp3', 'audio_tag', 'page_sound']
import base64, html, inspect, io
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Iterator, NamedTuple
import numpy as np
from fastcore.basics import patch
from .score import MelodyError, Note, Score, Track, demand, quiet_pretty_midi
from .files import write_file
from .score import to_pretty_midi

def hertz(pitch):
    """Frequency of a pitch in equal temperament, A4 = 440 Hz."""
    ...

def ring(frequencies: np.ndarray, decays: np.ndarray, levels: np.ndarray, samples: int, rate: int) -> np.ndarray:
    """Sums of sines that begin together and die away, each mixture for itself."""
    ...

def inharmonicity(pitch):
    """How stiff a piano's string is (Rigaud, David and Daudet 2011)."""
    ...

def string_partials(pitch: float, stiffness: float, count: int=64) -> np.ndarray:
    """Partials of a stiff string; the first one is the pitch itself (Fletcher 1964)."""
    ...

def dice(seed: int, count: int) -> np.ndarray:
    """The same throws in Python and in a browser (mulberry32: Tommy Ettinger 2017, public domain)."""
    ...

def _band(low: float, high: float, rate: int, seed: int) -> np.ndarray:
    ...

def band_noise(samples: int, low: float, high: float, rate: int, seed: int=0) -> np.ndarray:
    """Noise between two frequencies, falling off by 12 dB an octave outside."""
    ...

class Struck(NamedTuple):
    """A string, bar or skin that is struck or plucked: its partials ring and die."""
    soft: float = 900
    hard: float = 2600
    slope: float = 0.7
    point: float = 0.125
    stiffness: float = 1
    modes: tuple = ()
    levels: tuple = ()
    loss: float = 1.1
    register: float = 1
    friction: float = 1.2e-07
    second: float = 0
    detune: float = 0
    knock: float = 0
    tremolo: float = 0
    attack: float = 0.002
    release: float = 0.25
    gain: float = 1
    longest: float = 16

    def partials(self, pitch: float, rate: int) -> tuple[np.ndarray, np.ndarray]:
        """What the instrument itself does, below the limit of the sample rate."""
        ...

    def tone(self, pitch: float, samples: int, rate: int) -> np.ndarray:
        """The sound of one pitch; silence if it lies above the limit of the sample rate."""
        ...

def _knock(timbre: Struck, wave: np.ndarray, rate: int) -> np.ndarray:
    """Add the noise of the stroke, sixty milliseconds of it."""
    ...

def _tremble(timbre: Struck, wave: np.ndarray, rate: int) -> np.ndarray:
    """Let the loudness come and go, where the instrument has a motor for it."""
    ...

class Held(NamedTuple):
    """A sound that its player keeps going: bowed, blown, sung."""
    soft: float = 1.6
    hard: float = 1
    even: float = 1
    stops: tuple = ()
    formants: tuple = ()
    floor: float = 1
    ceiling: float = 6000
    bloom: float = 0
    vibrato: float = 0
    speed: float = 5.4
    delay: float = 0.25
    players: int = 1
    detune: float = 5
    breath: float = 0
    attack: float = 0.04
    release: float = 0.15
    gain: float = 1
    longest: float = 12

    def slopes(self, f: np.ndarray) -> np.ndarray:
        """How strong the player, the pipe and the box make each partial; the sum of squares is 1."""
        ...

    def period(self, pitch: float, rate: int, size: int=4096) -> np.ndarray:
        """One swing of the sound, whatever its length will be."""
        ...

    def swings(self, pitch: float, player: int, seconds: np.ndarray) -> np.ndarray:
        """How many periods one player is through at each moment."""
        ...

    def read(self, pitch: float, seconds: np.ndarray, rate: int) -> np.ndarray:
        """What all players together read from one period."""
        ...

    def tone(self, pitch: float, samples: int, rate: int) -> np.ndarray:
        """The sound of one pitch; silence if it lies above the limit of the sample rate."""
        ...

class Drum(NamedTuple):
    """A skin that settles to its pitch, noise, and metal."""
    begin: float = 0
    settle: float = 0
    ring: float = 0.1
    skin: float = 0
    low: float = 200
    high: float = 8000
    hiss: float = 0.1
    noise: float = 0
    metal: float = 0
    attack: float = 0.001
    release: float = 1.2
    gain: float = 1
    longest: float = 1.2

    def tone(self, pitch: int, samples: int, rate: int) -> np.ndarray:
        """The sound of one stroke."""
        ...
TIMBRES = dict(piano=Struck(soft=520, hard=1900, slope=0.55, point=0.12, friction=1.5e-07, second=0.25, detune=1, knock=0.06), electric=Struck(soft=350, hard=1100, modes=(1, 2, 3, 4, 7, 14.2), levels=(1, 0.35, 0.12, 0.25, 0.06, 0.12), loss=1.1, register=0.5, friction=3e-07, tremolo=0.25, knock=0.02, gain=1.05), harpsichord=Struck(soft=3200, hard=4200, slope=0.6, point=0.09, stiffness=0.5, loss=1.5, register=0.7, second=0.35, detune=0.8, release=0.12, knock=0.05, gain=0.8), celesta=Struck(soft=4000, hard=9000, modes=(1, 2.756, 5.404, 8.933), levels=(1, 0.4, 0.35, 0.12), loss=1.5, register=0.5, friction=8e-08, release=1, knock=0.03), vibraphone=Struck(soft=1500, hard=4000, modes=(1, 3.99, 10.2), levels=(1, 0.35, 0.15), loss=1.2, register=0.5, friction=2e-07, tremolo=0.35, release=0.6, knock=0.04), marimba=Struck(soft=1500, hard=3500, modes=(1, 3.92, 9.24, 16.3), levels=(1, 0.3, 0.15, 0.08), loss=5.5, register=0.5, friction=5e-07, release=0.3, knock=0.12, gain=1.2), bells=Struck(soft=4000, hard=9000, modes=(0.5, 1, 1.2, 1.5, 2, 2.5, 2.67, 3, 4, 5.3, 6.8, 8.2), levels=(0.25, 1, 0.5, 0.4, 0.9, 0.3, 0.4, 0.7, 0.8, 0.7, 0.5, 0.4), loss=1.1, register=0.4, friction=1.2e-07, release=1, knock=0.04, gain=0.9))
TIMBRES |= dict(nylon=Struck(soft=800, hard=2000, slope=0.9, point=0.23, stiffness=0.2, loss=1.4, register=0.6, friction=4e-07, second=0.25, detune=0.5, release=0.15, knock=0.08), steel=Struck(soft=1500, hard=3200, slope=0.8, point=0.18, stiffness=0.3, loss=1.3, register=0.5, friction=2e-07, second=0.3, detune=0.8, release=0.15, knock=0.06), bass=Struck(soft=400, hard=1000, slope=0.8, point=0.22, stiffness=0.3, loss=1.8, register=0.3, friction=1e-06, release=0.12, knock=0.08, gain=1.2), pizzicato=Struck(soft=900, hard=2000, slope=1, point=0.2, stiffness=0.2, loss=6, register=0.4, friction=6e-07, release=0.3, knock=0.09, gain=1.2), harp=Struck(soft=900, hard=2200, slope=1, point=0.35, stiffness=0.2, loss=1.4, register=0.7, friction=3e-07, second=0.25, detune=0.6, release=0.8, knock=0.03), timpani=Struck(soft=400, hard=900, modes=(1, 1.5, 1.98, 2.44, 2.9), levels=(1, 0.5, 0.3, 0.2, 0.1), loss=3.5, register=0.4, friction=1e-06, release=0.8, knock=0.3, gain=1.2))
TIMBRES |= dict(organ=Held(stops=(1, 0.8, 0.5, 0.45, 0.05, 0.3, 0, 0.25), attack=0.012, release=0.08, vibrato=4, speed=6.2, delay=0, players=3, detune=1.5), pipes=Held(stops=(1, 0.6, 0.35, 0.45, 0.12, 0.2, 0.06, 0.25, 0.04, 0.06, 0, 0.1), attack=0.035, release=0.2, players=3, detune=1.2, breath=0.006), reeds=Held(soft=1.1, hard=0.8, formants=((900, 500, 1), (2400, 600, 0.4)), floor=0.3, ceiling=4500, attack=0.04, players=3, detune=3), violin=Held(soft=1.3, hard=0.95, floor=0.3, ceiling=6000, bloom=0.12, vibrato=13, speed=5.6, formants=((300, 120, 0.4), (520, 180, 0.9), (1100, 300, 0.6), (2600, 700, 0.9)), attack=0.07, release=0.2, breath=0.004), ensemble=Held(soft=1.4, hard=1.05, formants=((300, 120, 0.4), (520, 180, 0.8), (2400, 800, 0.5)), floor=0.4, ceiling=5000, bloom=0.2, vibrato=9, speed=5.1, delay=0.1, players=3, detune=6, attack=0.09, release=0.3), choir=Held(soft=1.5, hard=1.1, formants=((700, 140, 1), (1100, 170, 0.8), (2800, 350, 0.5)), floor=0.12, ceiling=5000, vibrato=11, speed=5.2, delay=0.15, players=3, detune=6, attack=0.09, release=0.28, breath=0.006))
TIMBRES |= dict(brass=Held(soft=1.5, hard=0.6, formants=((1200, 600, 1), (2300, 700, 0.4)), floor=0.3, ceiling=5000, bloom=0.07, vibrato=4, delay=0.4, attack=0.035, release=0.12), horn=Held(soft=1.9, hard=1.2, formants=((500, 300, 1),), floor=0.4, ceiling=2500, bloom=0.1, attack=0.05, release=0.18), saxophone=Held(soft=1.4, hard=0.8, formants=((600, 250, 0.8), (1500, 500, 0.8)), floor=0.25, ceiling=5000, bloom=0.05, vibrato=8, breath=0.01, attack=0.03, release=0.1), oboe=Held(soft=1.2, hard=0.8, formants=((1100, 350, 1), (2700, 600, 0.6)), floor=0.25, ceiling=5000, vibrato=7, attack=0.03, release=0.1), clarinet=Held(soft=1.3, hard=0.8, even=0.12, formants=((1500, 600, 0.6),), floor=0.5, ceiling=3500, bloom=0.05, breath=0.005, attack=0.035, release=0.1), flute=Held(soft=2, hard=1.5, ceiling=4000, vibrato=8, speed=5, delay=0.2, breath=0.02, attack=0.05, release=0.12), lead=Held(soft=1.3, hard=0.9, ceiling=4000, players=3, detune=3, vibrato=4, delay=0.3, attack=0.008, release=0.12), pad=Held(soft=1.9, hard=1.3, ceiling=3500, players=3, detune=6, bloom=0.6, attack=0.18, release=0.6))

def _spelled_out(word: str) -> list[str]:
    ...
PROGRAMS = tuple(chain.from_iterable(map(_spelled_out, _FAMILIES.split())))

def _skin(hz: float, ring: float=0.25) -> Drum:
    ...

def _block(hz: float, ring: float=0.03) -> Drum:
    ...

def _hat(hiss: float) -> Drum:
    ...

def _cymbal(hiss: float, low: float=2500) -> Drum:
    ...
DRUMS = {35: _KICK, 36: _KICK, 37: _block(1700), 38: _SNARE, 39: _CLAP, 40: _SNARE, 42: _hat(0.035), 44: _hat(0.05), 46: _hat(0.25), 49: _cymbal(0.6), 51: _cymbal(0.4, 4000), 52: _cymbal(0.5, 1500), 53: _cymbal(0.5, 3500), 54: _hat(0.09), 55: _cymbal(0.25), 56: _block(560, 0.12), 57: _cymbal(0.7), 59: _cymbal(0.4, 3500), 67: _block(900, 0.1), 68: _block(680, 0.1), 69: _hat(0.04), 70: _hat(0.03), 75: _block(2500), 76: _block(1100), 77: _block(800), 80: _block(4500, 0.05), 81: _block(4500, 0.4), **{key: _skin(hz) for key, hz in _TOMS.items()}, **{key: _skin(hz, 0.15) for key, hz in _HANDS.items()}}
OTHER_DRUM = _block(1000)

def room_response(samples: int, rate: int, seconds: float=0.7, level: float=0.11) -> np.ndarray:
    """What a small, soft room does to each frequency; nothing below 20 Hz gets through."""
    ...

def _room(wave: np.ndarray, rate: int) -> np.ndarray:
    """`wave` in the room, in pieces that overlap by the room's tail."""
    ...

def _breaths(timbre, start: float, end: float) -> Iterator[tuple[float, float]]:
    """One stretch of time, or several where a bow or a breath is too short for it."""
    ...

def _cues(score: Score) -> dict:
    """What each instrument has to play on each pitch."""
    ...

def _ramp(samples: int) -> np.ndarray:
    ...

def _play(out: np.ndarray, tone: np.ndarray, timbre, rate: int, start: float, length: float, velocity: int):
    """Add one note to `out`."""
    ...
TAIL = 1.25

def _level(peak):
    """The loudest sample after `peak` has been turned down: nearly `peak` if it is small, never 0.95."""
    ...

def _mix(score: Score, samples: int, rate: int) -> np.ndarray:
    """A score played by our own instruments, as loud as it gets."""
    ...

def _turned(mix: np.ndarray) -> float:
    """What a mix is turned down by."""
    ...

def _additive(score: Score, samples: int, rate: int) -> np.ndarray:
    """A score played by our own instruments, fit for a file."""
    ...

def _fluidsynth(score: Score, samples: int, rate: int) -> np.ndarray:
    """A score played by FluidSynth; `MelodyError` where that is not installed."""
    ...
ENGINES = dict(additive=_additive, fluidsynth=_fluidsynth)
RATES = (8000, 192000)

def _samples(score: Score, rate: int) -> int:
    """How long the sound gets; `MelodyError` if it would not fit."""
    ...

def render(score: Score, sample_rate: int=44100, engine: str='additive') -> np.ndarray:
    """The sound of a score, until 1.25 s after its last note. An empty score gives 1.25 s of silence."""
    ...
MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)

def _wave(sound, rate: int, engine: str) -> np.ndarray:
    """Samples of a score or an array, fit to be written."""
    ...

def _write(sound, path, kind: str, rate: int, engine: str, exist_ok: bool, options: dict) -> Path | bytes:
    """Encode with the options that this version of soundfile knows, then write or return the bytes."""
    ...

def write_wav(sound: Score | np.ndarray, path: str | Path | None=None, *, sample_rate: int=44100, engine: str='additive', exist_ok: bool=False) -> Path | bytes:
    """A 16-bit WAV file."""
    ...

def write_mp3(sound: Score | np.ndarray, path: str | Path | None=None, *, sample_rate: int=24000, engine: str='additive', exist_ok: bool=False) -> Path | bytes:
    """A small MP3 file, about 4 kB a second."""
    ...

def audio_tag(sound: Score | np.ndarray, *, sample_rate: int=44100, engine: str='additive', label: str='') -> str:
    """An `<audio>` element with its sound inside, as MP3, or as WAV where that cannot be written."""
    ...

def _instrument(track: Track) -> dict:
    """What plays a track, by the names of its fields."""
    ...

def page_sound(score: Score, most: float=30) -> tuple[dict, bytes]:
    """What a web page needs besides the notes to play a score, and 1 kB a second for where no script runs."""
    ...
