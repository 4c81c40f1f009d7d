"What must hold for the sound of any music, at any rate, on every instrument."
import io

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from melodynb.audio import (
    DRUMS, MP3_RATES, PROGRAMS, TAIL, TIMBRES, audio_tag, hertz, render, write_mp3, write_wav)
from melodynb.score import MelodyError, Note, Score, Track


def play(*pitches, program=0, velocity=80, beats=2., drums=False, **score):
    return Score((Track(tuple(Note(p, 0, beats, velocity) for p in pitches), program, drums=drums),), **score)


def cents_off(wave, pitch, rate):
    "Distance of the strongest frequency within a semitone of `pitch`, by FFT."
    size = 1 << 19
    f = hertz(pitch)
    spectrum = np.log(np.abs(np.fft.rfft(wave*np.hanning(len(wave)), size)) + 1e-9)
    low, high = (int(f*ratio*size/rate) for ratio in (2**(-1/18), 2**(1/18)))
    peak = low + int(spectrum[low:high].argmax())
    a, b, c = spectrum[peak - 1:peak + 2]
    return 1200*np.log2((peak + (a - c)/(a - 2*b + c)/2)*rate/size/f)


def is_sound(wave):
    if wave.dtype != np.float32 or wave.ndim != 1: return False
    return bool(np.isfinite(wave).all()) and float(np.abs(wave).max(initial=0)) < 1


@pytest.mark.parametrize('name', sorted(TIMBRES))
def test_every_instrument_is_in_tune(name):
    program, rate = PROGRAMS.index(name), 22050
    for pitch in range(21, 109, 6):
        wave = render(play(pitch, program=program, beats=4., velocity=100), rate)[:2*rate]
        assert abs(cents_off(wave, pitch, rate)) < 5, pitch


notes = st.builds(Note, st.integers(0, 127), st.floats(0, 8), st.floats(.01, 4), st.integers(1, 127))
some_notes = st.lists(notes, max_size=6).map(tuple)
tracks = st.builds(Track, some_notes, st.integers(0, 127), st.just(''), st.booleans())


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(tracks, max_size=3), st.sampled_from((8000, 16000, 24000)), st.sampled_from((30, 120, 400)))
def test_any_music_is_sound(tracks, rate, bpm):
    score = Score(tuple(tracks), bpm=bpm)
    wave = render(score, rate)
    assert is_sound(wave) and len(wave) == int((float(score.seconds_at(score.end)) + TAIL)*rate)
    assert not len(score.notes) or np.array_equal(wave, render(score, rate))


def test_soft_stays_soft_and_much_stays_whole():
    peaks = [np.abs(render(play(60, velocity=velocity), 16000)).max() for velocity in (1, 30, 80, 127)]
    assert peaks[0] < .01 < peaks[1] < peaks[2] < peaks[3] < .7
    all_keys = tuple(Note(pitch, 0, 1, 127) for pitch in range(128))
    crowd = Score(tuple(Track(all_keys, program) for program in range(0, 128, 8)))
    assert .8 < np.abs(render(crowd, 8000)).max() < 1


def test_no_clicks_at_either_end_of_a_note():
    "The steepest step of a held pure tone is not at its start or end."
    wave = render(play(60, program=73, beats=1.), 44100)
    steps = np.abs(np.diff(wave))
    assert steps[:200].max() < .1*steps.max() and steps[-2000:].max() < .01*steps.max()


def test_long_notes_keep_sounding_and_far_notes_are_refused():
    wave = render(play(48, program=19, beats=40., bpm=60), 8000)
    loudness = [np.sqrt((wave[s*8000:(s + 1)*8000]**2).mean()) for s in range(1, 39)]
    assert min(loudness) > .4*max(loudness)
    with pytest.raises(MelodyError, match='score.beats'): render(play(60, beats=7000))


def test_every_drum_key_sounds_different_and_ends():
    waves = {key: render(play(key, drums=True, beats=.2), 16000) for key in DRUMS}
    assert all(np.abs(wave).max() > .01 and np.abs(wave[-10:]).max() < 1e-3 for wave in waves.values())


@pytest.mark.parametrize('rate', MP3_RATES)
def test_mp3_at_every_rate_it_knows(rate):
    soundfile = pytest.importorskip('soundfile')
    wave, read_rate = soundfile.read(io.BytesIO(write_mp3(play(69), sample_rate=rate)))
    assert read_rate == rate and abs(cents_off(wave[:rate], 69, rate)) < 5


def test_a_failed_write_leaves_nothing(tmp_path):
    with pytest.raises(MelodyError): write_wav(np.array([np.inf, 0.]), tmp_path/'a.wav')
    with pytest.raises(FileNotFoundError): write_wav(play(60), tmp_path/'no'/'a.wav', sample_rate=8000)
    assert not list(tmp_path.iterdir())


def test_player_of_an_odd_rate_or_an_old_library_falls_back_to_wav(monkeypatch):
    soundfile = pytest.importorskip('soundfile')
    assert 'audio/wav' in audio_tag(np.zeros(100), sample_rate=10000)
    monkeypatch.setattr(soundfile, 'available_formats', lambda: {'WAV': ''})
    assert 'audio/wav' in audio_tag(play(60, beats=.1))
    with pytest.raises(MelodyError, match='write_wav'): write_mp3(play(60, beats=.1))


def test_fluidsynth_plays_or_says_what_is_missing():
    score = play(69, 76, beats=3., program=19)
    try: wave = render(score, 22050, 'fluidsynth')
    except MelodyError as error: assert 'pip install pyfluidsynth' in str(error)
    else:
        assert is_sound(wave) and len(wave) == len(render(score, 22050))
        assert abs(cents_off(wave[:22050], 69, 22050)) < 20
