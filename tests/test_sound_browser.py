"The script that makes sound in a browser, against `melodynb.audio`: in a real Chromium, note by note."
import base64
import json
from importlib.resources import files

import numpy as np
import pytest

import jupyterlab as lab
from melodynb.audio import DRUMS, PROGRAMS, TIMBRES, hertz, page_sound, render
from melodynb.corpus import load_corpus
from melodynb.score import Note, Score, Track

WHY_NOT = lab.why_no_browser()
pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)]
RATE = 44100
RENDER = '''async ({ instruments, level, notes, samples, rate }) => {
    const context = new OfflineAudioContext(1, samples, rate), sound = new melodynbSound.Sound(context).open();
    const into = sound.channel(level);
    for (const [when, seconds, pitch, velocity, part] of notes)
        sound.play(instruments[part], { pitch, velocity, seconds, when, into });
    const bytes = new Uint8Array((await context.startRendering()).getChannelData(0).buffer);
    let text = '';
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(text) }'''


@pytest.fixture(scope='module')
def page():
    with lab.chromium() as browser:
        page = lab.new_page(browser)
        page.add_script_tag(content=files('melodynb').joinpath('data', 'sound.js').read_text(encoding='utf-8'))
        yield page


def cues(score):
    "Every note as the script is told of it: when and how long in seconds, pitch, velocity, part."
    for part, track in enumerate(score.tracks):
        for n in track.notes:
            start, end = map(float, score.seconds_at([n.start, n.end]))
            yield start, end - start, n.pitch, n.velocity, part


def both(page, score):
    "The samples of Python and those of the browser."
    here = render(score, RATE)
    told, _ = page_sound(score)
    asked = dict(told, notes=[*cues(score)], samples=len(here), rate=RATE)
    there = np.frombuffer(base64.b64decode(page.evaluate(RENDER, json.loads(json.dumps(asked)))), np.float32)
    return here, there


def alone(pitch, program=0, velocity=90, beats=3., drums=False):
    return Score([Track([Note(pitch, 0, beats, velocity)], program, drums=drums)], bpm=120)


def levels(wave, pitch, count=12):
    "The first partials in dB: the energy around each, of the held part of the note."
    part = wave[int(.1*RATE):int(1.1*RATE)]
    power = np.abs(np.fft.rfft(part*np.hanning(len(part)), 1 << 18))**2
    places = [int(hertz(pitch)*n*(1 << 18)/RATE) for n in range(1, count + 1) if hertz(pitch)*n < 15000]
    width = int(.2*hertz(pitch)*(1 << 18)/RATE)
    return 10*np.log10([power[at - width:at + width].sum() + 1e-12 for at in places])


def envelope(wave, step=RATE//50):
    "Loudness in steps of 20 ms."
    return np.sqrt((wave[:len(wave)//step*step].reshape(-1, step)**2).mean(1))


def compare(here, there, pitch=None):
    "Partials within 1 dB where they are heard, loudness within 10 %, and next to the same samples."
    if pitch:
        ours, theirs = levels(here, pitch), levels(there, pitch)
        heard = ours > ours.max() - 60
        assert np.abs(ours - theirs)[heard].max() < 1, np.abs(ours - theirs)
    ours, theirs = envelope(here), envelope(there)
    heard = ours > .01*ours.max()
    assert np.abs(theirs/np.maximum(ours, 1e-9) - 1)[heard].max() < .1
    assert np.abs(here - there).max() < .05*np.abs(here).max() # the level differs by this much at most


@pytest.mark.parametrize('name', sorted(TIMBRES))
def test_an_instrument_sounds_as_python_plays_it(page, name):
    for pitch, velocity in ((45, 40), (60, 90), (76, 120)):
        compare(*both(page, alone(pitch, PROGRAMS.index(name), velocity)), pitch)


def test_every_drum_sounds_as_python_plays_it(page):
    for key in sorted({*DRUMS, 27}): compare(*both(page, alone(key, drums=True, beats=.2)))


def test_pieces_sound_as_python_plays_them(page):
    "A tune, four voices, soft and loud and long: the level that was found at 8,000 samples a second holds."
    voices = load_corpus('chorales')[0].bars(2)
    crowd = Score([Track([Note(pitch, 0, 2, 120) for pitch in range(40, 80, 5)], 48) for _ in range(3)])
    long = Score([Track([Note(50, 0, 15)], 68)], bpm=60) # an oboe has to breathe
    for score in (load_corpus('folk')[1000].bars(2), voices, crowd, long): compare(*both(page, score))


def test_the_comparison_notices_another_instrument(page):
    "What a test cannot fail on it does not hold."
    clarinet, oboe = (both(page, alone(60, PROGRAMS.index(name)))[0] for name in ('clarinet', 'oboe'))
    with pytest.raises(AssertionError): compare(clarinet, oboe, 60)
    with pytest.raises(AssertionError): compare(clarinet, 1.2*clarinet, 60)
