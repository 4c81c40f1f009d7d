"Notation and display: what is written is what was given; what is shown is safe and self-contained."
import base64
import hashlib
import html
import json
import re
import runpy
import subprocess
import sys
import threading
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from melodynb import display
from melodynb.corpus import load_corpus
from melodynb.display import Player, engrave, players
from melodynb.notation import notate
from melodynb.score import Change, MelodyError, Note, Score, Track, key_tonic
from melodynb.staves import written_keys

SLOW = settings(max_examples=30, deadline=None, phases=[Phase.explicit, Phase.generate], derandomize=True,
                suppress_health_check=list(HealthCheck))
METERS = '4/4', '3/4', '2/4', '2/2', '6/8', '9/8', '12/8', '3/8', '5/8', '7/8', '5/4', '4/8'
KEYS = 'C major', 'A minor', 'F# minor', 'Eb major', 'D mixolydian', 'B dorian', 'Gb major', 'G# minor', None


@st.composite
def melodies(draw):
    "One line of notes and rests on sixteenths, with triplets where they begin on a beat."
    meter = draw(st.sampled_from(METERS))
    start = draw(st.sampled_from([0, 0, .5, 1, 2, 3, 4, 9]))
    lengths = st.sampled_from([.25, .5, .75, 1, 1.5, 2, 3, 5, 1/3, 2/3])
    steps = st.tuples(st.integers(40, 90), lengths, st.sampled_from([0, 0, 0, .5, 1, 4]))
    notes = []
    for pitch, length, rest in draw(st.lists(steps, min_size=1, max_size=16)):
        if length % .25 and (start % 1 or meter[-1] == '8'): length = 1
        for _ in range(3 if length % .25 else 1):
            notes.append(Note(pitch, start, length))
            start += length
        start = round(start*4)/4 + rest
    return Score([Track(notes)], meter=meter, key=draw(st.sampled_from(KEYS)))


@st.composite
def wild_scores(draw):
    "Anything that a Score may hold: any times, chords, programs, drums and changes."
    note = st.builds(Note, st.integers(0, 127), st.floats(0, 30), st.floats(.01, 9), st.integers(1, 127))
    notes = st.lists(note, min_size=1, max_size=12)
    track = st.builds(Track, notes, st.integers(0, 127), st.text(max_size=9), st.booleans())
    values = dict(meter=st.sampled_from(METERS), key=st.sampled_from(KEYS), bpm=st.floats(20, 300))
    kinds = [st.builds(Change, st.integers(1, 30), st.just(what), value) for what, value in values.items()]
    changes = st.lists(st.one_of(kinds), max_size=3, unique_by=lambda change: change[:2])
    tracks = draw(st.lists(track, min_size=1, max_size=5))
    return Score(tracks, draw(st.floats(20, 300)), draw(st.sampled_from(METERS)), draw(st.sampled_from(KEYS)),
                 draw(st.text(max_size=20)), draw(changes))


def voices(stream):
    "Every voice of every bar, and where the bar begins."
    for bar in stream.recurse().getElementsByClass('Measure'):
        for voice in bar.voices or [bar]: yield voice, bar.offset


def sounding(stream):
    """Index, MIDI number and onset of every engraved note, tied continuations left out.

    Onsets are in beats, 0 where the first bar starts."""
    for voice, start in voices(stream):
        for sign in voice.notes:
            onset = Fraction(start + sign.offset).limit_denominator(48)
            for n in getattr(sign, 'notes', (sign,)):
                if '-' not in str(n.id): yield int(str(n.id)[1:]), n.pitch.midi, onset


def full_bars(stream):
    "Whether every voice of every bar is as long as the bar on every other staff."
    lengths = {}
    for voice, start in voices(stream): lengths.setdefault(start, set()).add(voice.duration.quarterLength)
    return all(len(each) == 1 for each in lengths.values())


@SLOW
@given(melodies())
def test_a_melody_is_written_as_it_is(score):
    written = sorted(sounding(notate(score)))
    assert [(index, pitch) for index, pitch, _ in written] == [*enumerate(n.pitch for n in score.notes)]
    gaps = np.diff([float(onset) for *_, onset in written]), np.diff([n.start for n in score.notes])
    assert np.allclose(*gaps, atol=1e-6)
    assert full_bars(notate(score))


@SLOW
@given(wild_scores())
def test_anything_is_drawn_and_shown(score):
    drawn = engrave(score)
    ElementTree.fromstring(drawn)
    assert full_bars(notate(score))
    for kind, picture in pictures(Player(score, engraving=False).static): ElementTree.fromstring(picture)


def test_a_meter_that_changes_within_the_upbeat_is_no_traceback():
    score = Score([Track([Note(60, 1, 1), Note(62, 6, 2)])], meter='4/4', changes=[Change(1, 'meter', '3/4')])
    assert full_bars(notate(score))
    assert [(index, pitch) for index, pitch, _ in sounding(notate(score))] == [(0, 60), (1, 62)]


def test_what_moved_is_still_found_in_display():
    from melodynb import notation
    for name in ('notate', 'to_musicxml', 'written_bars', 'printable'):
        assert getattr(display, name) is getattr(notation, name)


def test_every_chorale_voice_is_kept():
    for score in load_corpus('chorales')[:400:80]:
        written = {(index, pitch) for index, pitch, _ in sounding(notate(score))}
        assert written == {(k, n.pitch) for k, n in enumerate(score.notes)}


def test_played_rhythm_is_found_again():
    "Folk tunes with 15 ms of spread and loose ends: nearly every onset returns to where it was written."
    rng = np.random.default_rng(0)
    def played(n):
        start = max(0, n.start + rng.normal(0, .025))
        return n._replace(start=start, duration=n.duration*rng.uniform(.7, .98))
    right = []
    for score in load_corpus('folk')[::250]:
        score = replace(score.bars(8), bpm=100)
        found = {index: onset for index, _, onset in sounding(notate(score.map_notes(played)))}
        right += [found.get(index) == onset for index, _, onset in sounding(notate(score))]
    assert np.mean(right) > .95, f'{sum(right)} of {len(right)} onsets'


def test_an_upbeat_is_a_short_bar_and_not_a_rest():
    score = Score([Track([Note(67, 3, 1), *(Note(72, 4 + k, 1) for k in range(7))])], key='C major')
    first, *_, last = notate(score).parts[0].getElementsByClass('Measure')
    assert (first.number, first.duration.quarterLength, last.duration.quarterLength) == (0, 1, 3)
    assert not notate(score).recurse().getElementsByClass('Rest')


SCALES = {'mixolydian': '0 2 4 5 7 9 10', 'dorian': '0 2 3 5 7 9 10', 'minor': '0 2 3 5 7 8 10',
          'major': '0 2 4 5 7 9 11', 'phrygian': '0 1 3 5 7 8 10'} # semitones above the tonic


@pytest.mark.parametrize('key, sharps', [
    ('D mixolydian', 1), ('A dorian', 1), ('F# minor', 3), ('Eb major', -3), ('E phrygian', 0)])
def test_a_scale_in_its_key_needs_no_accidental(key, sharps):
    steps = map(int, SCALES[key.split()[1]].split())
    score = Score([Track([Note(60 + key_tonic(key) + step, k, 1) for k, step in enumerate(steps)])], key=key)
    assert written_keys(score) == [(0, (sharps, key.endswith('minor')))]
    assert notate(score).recurse().getElementsByClass('KeySignature').first().sharps == sharps
    assert 'class="accid"' not in engrave(score)


def test_the_engraving_does_not_depend_on_its_thread():
    score, found = load_corpus('folk')[0].bars(2), []
    thread = threading.Thread(target=lambda: found.append(engrave(score)))
    thread.start()
    thread.join()
    assert found == [engrave(score)]


def test_music21_reads_what_it_wrote(tmp_path):
    import music21
    score = load_corpus('chorales')[3]
    path = notate(score).write('musicxml', tmp_path/'chorale.musicxml')
    again = music21.converter.parse(path)
    assert sorted(p.midi for p in again.stripTies().pitches) == sorted(n.pitch for n in score.notes)


# The player

HARMLESS = {'style', 'div', 'p', 'strong', 'audio', 'img', 'span', 'script'}
MEAN = '"><img src=x onerror=alert(1)></p><script>alert(2)</script>&\'{}'


class Outline(HTMLParser):
    "Every tag with its attributes, and every visible text."
    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.hidden = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag in ('script', 'style'): self.hidden = tag

    def handle_endtag(self, tag):
        if tag == self.hidden: self.hidden = None

    def handle_data(self, data):
        if not self.hidden and data.strip(): self.texts.append(data)


def pictures(text):
    "Kind and SVG of every picture in a player."
    for tag, attributes in Outline(text).tags:
        if tag != 'img': continue
        kind, data = attributes['src'].split(',', 1)
        assert kind == 'data:image/svg+xml'
        yield attributes['alt'], unquote(data)


@pytest.fixture(scope='module')
def tune(): return load_corpus('folk')[0].bars(4)


def test_a_mean_title_stays_text(tune):
    mean = Score([Track(tune.notes, name=MEAN), Track(tune.notes, name='other')], title=MEAN)
    for shown in (Player(mean), Player(tune, title=MEAN), players(tune, mean, labels=[MEAN, MEAN])):
        outline = Outline(shown.html)
        assert MEAN in outline.texts
        assert {tag for tag, _ in outline.tags} <= HARMLESS
        sources = [attributes['src'] for tag, attributes in outline.tags if tag in ('img', 'audio')]
        assert all(source.startswith('data:') for source in sources)
        names = set().union(*(attributes for _, attributes in outline.tags))
        assert not any(name.startswith('on') for name in names)
        for _, picture in pictures(shown.html):
            assert not re.search('<script|onerror|<img|<foreignObject|javascript:', picture)
            ElementTree.fromstring(picture)


def test_a_page_is_whole(tune, tmp_path):
    page = Player(tune, title=MEAN).save(tmp_path/'page.html').read_text(encoding='utf-8')
    assert [page.count(tag) for tag in ('<html', '</html>', '<script>', '</script>')] == [1]*4


@pytest.mark.parametrize('make', [Player, players, engrave])
def test_a_file_is_written_whole_and_over_none(make, tune, tmp_path, monkeypatch):
    path = make(tune).save(tmp_path/'tune')
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match='exist_ok=True'): make(tune).save(path)
    def full(*_): raise OSError('no space left on device')
    with monkeypatch.context() as disk:
        disk.setattr('os.replace', full)
        with pytest.raises(OSError, match='no space'): make(tune).save(path, exist_ok=True)
    assert path.read_bytes() == before and [*tmp_path.iterdir()] == [path]
    assert make(tune).save(str(path), exist_ok=True) == path


def test_notes_are_the_same_in_every_picture(tune):
    found = dict(pictures(Player(tune).html))
    everything = set(range(len(tune.notes)))
    assert {int(i) for i in re.findall(r"data-note='(\d+)'", found['Piano roll'])} == everything
    assert {int(i) for i in re.findall(r"id='n(\d+)", found['Sheet music'])} == everything
    tags = Outline(Player(tune).html).tags
    tables = [json.loads(attributes['data-player']) for _, attributes in tags if 'data-player' in attributes]
    times = [note[:2] for note in tables[0]['notes']]
    assert [note[2:4] for note in tables[0]['notes']] == [[n.pitch, n.velocity] for n in tune.notes]
    assert np.allclose(times, tune.seconds_at([(n.start, n.end) for n in tune.notes]), atol=.001)


def test_the_same_score_gives_the_same_page_in_another_process(tune):
    code = ('from melodynb.corpus import load_corpus; from melodynb.display import Player; import hashlib;'
            'print(hashlib.sha256(Player(load_corpus("folk")[0].bars(4)).html.encode()).hexdigest())')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashlib.sha256(Player(tune).html.encode()).hexdigest()


def test_a_player_survives_an_engraving_that_fails(tune, monkeypatch):
    def broken(*_, **__): raise RuntimeError('a fault of somebody else')
    monkeypatch.setattr(display, 'engrave', broken)
    text = Player(tune).html
    assert 'could not be engraved' in text and '<audio' in text and 'Piano roll' in text
    assert 'a fault' not in text


@pytest.mark.parametrize('score, sentence', [
    (Score(title='Nothing'), 'no note'), (Score([Track()]), 'no note'),
    (Score([Track([Note(60, 9e6, 1)])]), 'show a part of it'),
    (Score([Track([Note(60, k/99, .01) for k in range(20001)])]), '20,001 notes')])
def test_what_cannot_be_played_gets_a_sentence(score, sentence):
    text = Player(score).html
    assert sentence in text and '<audio' not in text
    assert html.escape(score.title) in text


def test_long_music_is_engraved_in_part():
    score = Score([Track([Note(60 + k % 12, k, 1) for k in range(2100)])])
    assert engrave(score, max_bars=20).remark == 'The engraving shows the first 20 bars.'
    crowd = Score([Track([Note(60, k/999, .001) for k in range(99)])])
    with pytest.raises(MelodyError, match='max_notes'): engrave(crowd, max_notes=9)


def test_a_chorale_is_small():
    "A minute of four voices, sound, pictures and script: what a notebook grows by. With a sound of its own it was 520 kB."
    assert len(Player(load_corpus('chorales')[0]).html.encode()) < .4*520_000


@pytest.mark.parametrize('place', [0, 500, 1000, 2000])
def test_sixteen_bars_are_small(place):
    "At most half of the 201 kB that a player of sixteen bars had with its sound; it still has 30 s of a small one."
    tune = load_corpus('folk')[place].bars(16)
    page = Player(tune).html
    assert len(page.encode()) < .5*201_000
    sound = base64.b64decode(re.search('src="data:audio/mpeg;base64,([^"]*)"', page)[1])
    assert 900 < len(sound)/min(30, float(tune.seconds_at(tune.end)) + 1.25) < 1200 # bytes a second


def test_the_short_scripts_are_made_of_these_sources():
    "A checksum where the program that shortens is missing; the very bytes where it is there."
    scripts = runpy.run_path(str(Path(__file__).parents[1]/'data'/'build_scripts.py'))
    for name in scripts['SOURCES']:
        text = (scripts['DATA']/name).read_text(encoding='utf-8')
        assert text.startswith(scripts['mark'](name)), 'run python data/build_scripts.py'
        if find_spec('minify'): assert text == scripts['build'](name)
        assert len(text) < .9*len(scripts['whole'](name))


def test_a_picture_has_its_words_escaped():
    from melodynb.display import image_tag
    assert '<b>' not in image_tag('<svg/>', '"><b>') and '&quot;&gt;&lt;b&gt;' in image_tag('<svg/>', '"><b>')
