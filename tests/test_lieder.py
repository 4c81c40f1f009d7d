"The Lieder from a folder, from a server and from the cache; the server is a real one, on this machine."
import hashlib
import http.server
import io
import os
import shutil
import threading
import zipfile
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from melodynb import corpus
from melodynb.corpus import load_corpus, read_sheet
from melodynb.score import MelodyError, read_midi

ROOT = Path(__file__).resolve().parent.parent
PREPARED = Path(os.environ.get('MELODYNB_LIEDER') or ROOT.parent/'shared'/'data'/'openscore-lieder-piano')
prepared = pytest.mark.skipif(not PREPARED.is_dir(), reason='the prepared Lieder are not shipped; MELODYNB_LIEDER may name their folder')


@pytest.fixture(autouse=True)
def nothing_remembered(tmp_path, monkeypatch):
    "An empty cache, no folder, a server that does not answer, and a process that has loaded nothing."
    for name in ('MELODYNB_LIEDER', 'XDG_CACHE_HOME'): monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv('MELODYNB_CACHE', str(tmp_path/'cache'))
    monkeypatch.setenv('MELODYNB_LIEDER_URL', 'http://127.0.0.1:9/lieder.zip')
    corpus._lieder_here.cache_clear()


@contextmanager
def served(data: bytes, claimed: int | None = None):
    "The address of a server that gives `data` and counts its requests; `claimed` is the length it announces."
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header('Content-Length', str(len(data) if claimed is None else claimed))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_): pass

    asked = []
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try: yield f'http://127.0.0.1:{server.server_port}/lieder.zip', asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def zipped(files: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items(): archive.writestr(name, data)
    return out.getvalue()


def mxl(text: bytes | str) -> bytes:
    container = '<container><rootfiles><rootfile full-path="score.xml"/></rootfiles></container>'
    return zipped({'META-INF/container.xml': container, 'score.xml': text})


def printed(piano, voice: bool = True) -> bytes:
    "A piano part as music21 writes it into MusicXML, on two staves, under a singer."
    import music21 as m
    from music21.musicxml.m21ToXml import GeneralObjectExporter
    score, staves = m.stream.Score(), [m.stream.PartStaff(id=name) for name in ('right', 'left')]
    chords = defaultdict(list)
    for onset, pitch, duration in piano.notes.T.tolist(): chords[pitch < 60, onset, duration].append(pitch)
    for (left, onset, duration), pitches in chords.items():
        staves[left].insert(Fraction(onset, 480), m.chord.Chord(pitches, quarterLength=Fraction(duration, 480)))
    singer = m.stream.Part(id='singer')
    singer.insert(0, m.note.Note(72, quarterLength=4))
    for part in (singer, *staves):
        part.partName = 'Voice' if part is singer else 'Piano'
        for tick, beats, unit in piano.meters: part.insert(Fraction(tick, 480), m.meter.TimeSignature(f'{beats}/{unit}'))
        if voice or part is not singer: score.insert(0, part)
    score.insert(0, m.layout.StaffGroup(staves, symbol='brace'))
    return GeneralObjectExporter(score).parse()


def piano_of(score) -> corpus._Piano:
    "All voices of a score as one piano part."
    table = np.array([(n.start*480, n.pitch, n.end*480) for n in score.notes]).round().astype(int).T
    return corpus._piano(*table, [(int(480*start), *meter) for start, meter in score.stretches('meter')], [(0, 600_000)])


@pytest.fixture
def songs(monkeypatch):
    "Chorales pass for songs: their rows in an index of our own, and their scores in an archive."
    pianos = {f'lc{number}': piano_of(load_corpus('chorales')[number].bars(4)) for number in (3, 7, 11)}
    rows = tuple(corpus._Song(id, f'Bach,_Johann_Sebastian/_/Song_{id}', 'train', piano.notes.shape[1], 0, piano.fingerprint)
                 for id, piano in pianos.items())
    monkeypatch.setattr(corpus, '_songs', lambda: rows)
    return {f'Lieder-x/scores/Bach,_Johann_Sebastian/_/Song_{id}/{id}.mxl': mxl(printed(piano)) for id, piano in pianos.items()}


def test_index_divides_no_set():
    sides = defaultdict(set)
    for song in corpus._songs():
        composer, name, _ = song.path.split('/')
        if name != '_': sides[composer, name].add(song.split)
    assert all(len(found) == 1 for found in sides.values())
    assert Counter(song.split for song in corpus._songs()) == dict(train=1113, valid=185, test=131)
    assert len({song.id for song in corpus._songs()}) == 1429


def test_index_is_small():
    assert (ROOT/'melodynb'/'data'/'lieder.tsv.xz').stat().st_size < 60_000


def test_songs_come_over_the_network_once(songs, monkeypatch, tmp_path):
    with served(zipped({**songs, '../../evil.mxl': b'out of here', 'Lieder-x/README.md': 'read me'})) as (url, asked):
        monkeypatch.setenv('MELODYNB_LIEDER_URL', url)
        first = load_corpus('lieder')
        corpus._lieder_here.cache_clear()
        again = load_corpus('lieder')
    corpus._lieder_here.cache_clear()
    assert first == again == load_corpus('lieder', fetch=False) and asked == ['/lieder.zip']
    assert first.ids == ['lc3', 'lc7', 'lc11'] and not first.skipped and first.splits == ['train']*3
    assert [[(n.pitch, n.start, n.end) for n in song.notes] for song in first] == [
        [(p, o/480, (o + d)/480) for o, p, d in piano_of(load_corpus('chorales')[k].bars(4)).notes.T.tolist()] for k in (3, 7, 11)]
    assert [path.name for path in (tmp_path/'cache').iterdir()] == ['lieder-bca12245.npz']
    assert not list(tmp_path.rglob('evil*'))


def test_what_is_not_as_pinned_is_left_out_and_listed(songs, monkeypatch):
    names = list(songs)
    changed = piano_of(load_corpus('chorales')[3].bars(4).transpose(1))
    songs[names[0]] = mxl(printed(changed))
    songs[names[2]] = mxl('<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><score-partwise>&b;</score-partwise>')
    with served(zipped(songs)) as (url, _):
        monkeypatch.setenv('MELODYNB_LIEDER_URL', url)
        found = load_corpus('lieder')
    assert found.ids == ['lc7'] and 'that are pinned' in found.skipped['lc3'] and 'declares the entity' in found.skipped['lc11']


def test_a_score_that_unpacks_to_gigabytes_is_left_out(songs, monkeypatch):
    first, second, third = songs
    songs[first], songs[second] = mxl(bytes(corpus._MAX_XML + 1)), bytes(corpus._MAX_XML + 1)
    with served(zipped(songs)) as (url, _):
        monkeypatch.setenv('MELODYNB_LIEDER_URL', url)
        found = load_corpus('lieder')
    assert found.ids == ['lc11'] and all('the limit is 64,000,000' in reason for reason in found.skipped.values())


@pytest.mark.parametrize('data, claimed, reason', [
    (b'x'*1000, 5000, 'broke off after 1,000 of 5,000'), (b'x', 2_000_000_000, 'the limit is 1,000,000,000'),
    (b'no archive', None, 'cannot be used'), (zipped({'README.md': 'nothing'}), None, 'none of the 1,429 songs')])
def test_a_bad_answer_is_one_sentence_and_leaves_nothing(data, claimed, reason, monkeypatch, tmp_path):
    with served(data, claimed) as (url, _):
        monkeypatch.setenv('MELODYNB_LIEDER_URL', url)
        with pytest.raises(MelodyError, match=reason): load_corpus('lieder')
    assert not list((tmp_path/'cache').iterdir())


def test_no_network_and_no_copy_names_the_remedies(tmp_path):
    for fetch in (True, False):
        with pytest.raises(MelodyError, match='not on this machine.*MELODYNB_LIEDER') as error: load_corpus('lieder', fetch=fetch)
        assert '\n' not in str(error.value)


@pytest.mark.parametrize('rubbish', [b'', b'rubbish', zipped({'head.npy': b'x', 'notes.npy': b'y'})])
def test_a_spoilt_cache_is_made_anew(rubbish, songs, monkeypatch, tmp_path):
    path = tmp_path/'cache'/'lieder-bca12245.npz'
    path.parent.mkdir()
    path.write_bytes(rubbish)
    with served(zipped(songs)) as (url, _):
        monkeypatch.setenv('MELODYNB_LIEDER_URL', url)
        assert len(load_corpus('lieder')) == 3


def test_a_cache_is_not_believed(songs, tmp_path):
    "One note changed in the cache: that song is left out."
    pianos = {song.id: piano_of(load_corpus('chorales')[int(song.id[2:])].bars(4)) for song in corpus._songs()}
    pianos['lc7'].notes[1, 0] += 1
    (tmp_path/'cache').mkdir()
    corpus._keep(tmp_path/'cache'/'lieder-bca12245.npz', pianos, {})
    found = load_corpus('lieder')
    assert found.ids == ['lc3', 'lc11'] and 'differ' in found.skipped['lc7']


@pytest.mark.parametrize('number', range(0, 400, 50))
def test_a_printed_chorale_reads_back(number):
    piano = piano_of(load_corpus('chorales')[number].bars(6))
    sheet = read_sheet(printed(piano, voice=False))
    found = corpus._sheet_piano([sound for part in sheet.parts.values() for sound in part], sheet)
    assert found.notes.tolist() == piano.notes.tolist() and found.meters == piano.meters


@prepared
def test_prepared_folder_gives_what_its_files_hold():
    found = load_corpus('lieder', folder=PREPARED)
    assert len(found) == 1429 and not found.skipped and sum(len(song.notes) for song in found) == 1_146_476
    for song, id in list(zip(found, found.ids))[::40]:
        midi = read_midi(PREPARED/'midi'/f'{id}.mid')
        assert song.notes == midi.notes and song.bar_starts() == midi.bar_starts()
        assert np.allclose(song.seconds_at(np.arange(0, song.end, 7)), midi.seconds_at(np.arange(0, song.end, 7)), rtol=1e-6)
        assert len(song.tracks) == 1 and song.tracks[0].program == 0 and song.title


@prepared
def test_cache_gives_what_the_folder_gives(tmp_path):
    pianos, skipped = corpus._folder_pianos(PREPARED)
    corpus._keep(tmp_path/'lieder.npz', pianos, skipped)
    kept, _ = corpus._kept(tmp_path/'lieder.npz')
    assert list(kept) == list(pianos) and all(kept[id].fingerprint == pianos[id].fingerprint and kept[id].tempos == pianos[id].tempos for id in pianos)


@prepared
@pytest.mark.parametrize('name', ['index.tsv', 'SHA256SUMS', 'midi/lc5046153.mid'])
def test_one_changed_byte_is_found(name, tmp_path):
    folder = tmp_path/'copy'
    shutil.copytree(PREPARED, folder, copy_function=shutil.copyfile)
    name = name if (folder/name).exists() else f'midi/{corpus._songs()[700].id}.mid'
    folder.chmod(0o755), (folder/name).parent.chmod(0o755)
    data = bytearray((folder/name).read_bytes())
    data[len(data)//2] ^= 1
    (folder/name).write_bytes(data)
    with pytest.raises(MelodyError, match=f'{Path(name).name} has the sha256'): load_corpus('lieder', folder=folder)


@prepared
def test_prepared_songs_come_back_from_print():
    "Chords, ties, tuplets, two staves and changes of meter; the fingerprint is the one that is shipped."
    pianos, _ = corpus._folder_pianos(PREPARED)
    plain = [song for song in corpus._songs() if song.notes < 220 and not (pianos[song.id].notes[[0, 2]] % 20).any()]
    moves = {song.id: [(a[1:] != b[1:] and (b[0] - a[0]) % (1920*a[1]//a[2]) == 0) for a, b in zip(pianos[song.id].meters, pianos[song.id].meters[1:])]
             for song in plain}
    kinds = [next(song for song in plain if (pianos[song.id].notes[0] % 30).any() and all(moves[song.id])),
             next(song for song in plain if moves[song.id] and all(moves[song.id]))]
    for song in kinds:
        sheet = read_sheet(printed(pianos[song.id]))
        assert corpus._find_piano(song, sheet).notes.tolist() == pianos[song.id].notes.tolist()
