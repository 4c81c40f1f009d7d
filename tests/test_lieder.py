"The Lieder from a folder, from a server and from the cache; the server is a real one, on this machine."
import http.server
import io
import os
import shutil
import threading
import time
import zipfile
from collections import Counter, defaultdict
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
import pytest

from melodynb import lieder
from melodynb.corpus import load_corpus
from melodynb.musicxml import read_sheet
from melodynb.score import MelodyError, read_midi

ROOT = Path(__file__).resolve().parent.parent
PREPARED = Path(os.environ.get('MELODYNB_LIEDER') or ROOT.parent/'shared'/'data'/'openscore-lieder-piano')
prepared = pytest.mark.skipif(
    not PREPARED.is_dir(),
    reason='the prepared Lieder are not shipped; MELODYNB_LIEDER may name their folder')


@pytest.fixture(autouse=True)
def nothing_remembered(tmp_path, monkeypatch):
    "An empty cache, no folder, a server that does not answer, and a process that has loaded nothing."
    for name in ('MELODYNB_LIEDER', 'XDG_CACHE_HOME'): monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv('MELODYNB_CACHE', str(tmp_path/'cache'))
    monkeypatch.setenv('MELODYNB_LIEDER_URL', 'http://127.0.0.1:9/lieder.zip')
    lieder._lieder_here.cache_clear()


@contextmanager
def served(data: bytes, claimed: int | None = None):
    "The address of a server that gives `data`, and its requests; `claimed`: what length it announces, 0: none."
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            if claimed != 0: self.send_header('Content-Length', str(claimed or len(data)))
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


def staves_of(piano):
    "The two hands as music21 has them, divided at middle C."
    import music21 as m
    right, left = (m.stream.PartStaff(id=name) for name in ('right', 'left'))
    chords = defaultdict(list)
    for onset, pitch, duration in piano.notes.T.tolist(): chords[pitch < 60, onset, duration].append(pitch)
    for (low, onset, duration), pitches in chords.items():
        chord = m.chord.Chord(pitches, quarterLength=Fraction(duration, 480))
        (left if low else right).insert(Fraction(onset, 480), chord)
    return right, left


def printed(piano, voice: bool = True) -> bytes:
    "A piano part as music21 writes it into MusicXML, on two staves, under a singer."
    import music21 as m
    from music21.musicxml.m21ToXml import GeneralObjectExporter
    score, staves = m.stream.Score(), staves_of(piano)
    singer = m.stream.Part(id='singer')
    singer.insert(0, m.note.Note(72, quarterLength=4))
    for part in (singer, *staves):
        part.partName = 'Voice' if part is singer else 'Piano'
        for tick, beats, unit in piano.meters:
            part.insert(Fraction(tick, 480), m.meter.TimeSignature(f'{beats}/{unit}'))
        if voice or part is not singer: score.insert(0, part)
    score.insert(0, m.layout.StaffGroup(staves, symbol='brace'))
    return GeneralObjectExporter(score).parse()


def piano_of(score) -> lieder._Piano:
    "All voices of a score as one piano part."
    table = np.array([(n.start*480, n.pitch, n.end*480) for n in score.notes]).round().astype(int).T
    meters = [(int(480*start), *meter) for start, meter in score.stretches('meter')]
    return lieder._piano(*table, meters, [(0, 600_000)])


def chorale_piano(number: int) -> lieder._Piano:
    return piano_of(load_corpus('chorales')[number].bars(4))


@pytest.fixture
def songs(monkeypatch):
    "Chorales pass for songs: their rows in an index of our own, and their scores in an archive."
    rows, files = [], {}
    for number in (3, 7, 11):
        id, piano = f'lc{number}', chorale_piano(number)
        path = f'Bach,_Johann_Sebastian/_/Song_{id}'
        rows.append(lieder._Song(id, path, 'train', piano.notes.shape[1], 0, piano.fingerprint))
        files[f'Lieder-x/scores/{path}/{id}.mxl'] = mxl(printed(piano))
    monkeypatch.setattr(lieder, '_songs', lambda: tuple(rows))
    return files


def loaded(archive: bytes, monkeypatch):
    "The Lieder of a server that gives this archive."
    with served(archive) as (url, _):
        monkeypatch.setenv('MELODYNB_LIEDER_URL', url)
        return load_corpus('lieder')


def test_index_divides_no_set():
    sides = defaultdict(set)
    for song in lieder._songs():
        composer, name, _ = song.path.split('/')
        if name != '_': sides[composer, name].add(song.split)
    assert all(len(found) == 1 for found in sides.values())
    assert Counter(song.split for song in lieder._songs()) == dict(train=1113, valid=185, test=131)
    assert len({song.id for song in lieder._songs()}) == 1429


def test_index_is_small():
    assert (ROOT/'melodynb'/'data'/'lieder.tsv.xz').stat().st_size < 60_000


def test_songs_come_over_the_network_once(songs, monkeypatch, tmp_path):
    archive = zipped({**songs, '../../outside.mxl': b'out of here', 'Lieder-x/README.md': 'read me'})
    with served(archive) as (url, asked):
        monkeypatch.setenv('MELODYNB_LIEDER_URL', url)
        first = load_corpus('lieder')
        lieder._lieder_here.cache_clear()
        again = load_corpus('lieder')
    lieder._lieder_here.cache_clear()
    assert first == again == load_corpus('lieder', fetch=False) and asked == ['/lieder.zip']
    assert first.ids == ['lc3', 'lc7', 'lc11'] and not first.skipped and first.splits == ['train']*3
    for song, number in zip(first, (3, 7, 11)):
        onsets, pitches, lengths = chorale_piano(number).notes
        assert [n.pitch for n in song.notes] == pitches.tolist()
        assert [n.start for n in song.notes] == (onsets/480).tolist()
        assert [n.end for n in song.notes] == ((onsets + lengths)/480).tolist()
    assert [path.name for path in (tmp_path/'cache').iterdir()] == ['lieder-bca12245.npz']
    assert not list(tmp_path.rglob('outside*'))


def test_a_list_changed_by_its_owner_stays_his(songs, monkeypatch):
    mine = loaded(zipped(songs), monkeypatch)
    mine.skipped['lc3'] = 'dull'
    mine.clear()
    again = load_corpus('lieder', fetch=False)
    assert len(again) == 3 and not again.skipped


def test_what_is_not_as_pinned_is_left_out_and_listed(songs, monkeypatch):
    first, _, third = songs
    songs[first] = mxl(printed(piano_of(load_corpus('chorales')[3].bars(4).transpose(1))))
    entities = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    songs[third] = mxl(f'{entities}<score-partwise>&b;</score-partwise>')
    found = loaded(zipped(songs), monkeypatch)
    assert found.ids == ['lc7']
    assert 'that are pinned' in found.skipped['lc3'] and 'declares the entity' in found.skipped['lc11']


def test_a_score_that_unpacks_to_more_than_the_limit_is_left_out(songs, monkeypatch):
    "The guard against zip bombs, at a limit so low that the files which pass it are small."
    first, second, _ = songs
    monkeypatch.setattr(lieder, '_MAX_SCORE', 200_000)
    songs[first], songs[second] = mxl(bytes(200_001)), bytes(200_001)
    found = loaded(zipped(songs), monkeypatch)
    assert found.ids == ['lc11']
    for reason in found.skipped.values(): assert 'unpacks to 200,001 bytes, the limit is 200,000' in reason


def test_a_score_of_exactly_the_limit_is_read(songs, monkeypatch):
    sizes = []
    for data in songs.values():
        with zipfile.ZipFile(io.BytesIO(data)) as score: sizes.append(score.getinfo('score.xml').file_size)
    monkeypatch.setattr(lieder, '_MAX_SCORE', max(sizes))
    assert len(loaded(zipped(songs), monkeypatch)) == 3


@pytest.mark.parametrize('data, claimed, reason', [
    (b'x'*1000, 5000, 'broke off after 1,000 of 5,000'),
    (b'x', 10_001, 'has 10,001 bytes, the limit is 10,000'),
    (b'x'*10_001, 0, 'has more than 10,000 bytes'),
    (b'no archive', None, 'cannot be used'),
    (zipped({'README.md': 'nothing'}), None, 'none of the 1,429 songs'),
])
def test_a_bad_answer_is_one_sentence_and_leaves_nothing(data, claimed, reason, monkeypatch, tmp_path):
    monkeypatch.setattr(lieder, '_MAX_ARCHIVE', 10_000)
    with served(data, claimed) as (url, _):
        monkeypatch.setenv('MELODYNB_LIEDER_URL', url)
        with pytest.raises(MelodyError, match=reason): load_corpus('lieder')
    assert not list((tmp_path/'cache').iterdir())


@contextmanager
def answering(answer):
    "The address of a server that answers as a function of its handler does."
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self): answer(self)
        def log_message(self, *_): pass

    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try: yield f'http://127.0.0.1:{server.server_port}'
    finally: server.shutdown()


def crawl(handler):
    "A byte now and then, for as long as anybody listens."
    handler.send_response(200)
    handler.send_header('Content-Length', '1000000')
    handler.end_headers()
    for _ in range(400):
        try: handler.wfile.write(b'x')
        except OSError: return
        time.sleep(.05)


def stop_in_the_middle(handler):
    handler.send_response(200)
    handler.send_header('Content-Length', '1000000')
    handler.end_headers()
    handler.wfile.write(b'x'*5000)


def send_round(handler):
    "To itself, for ever."
    handler.send_response(302)
    handler.send_header('Location', '/again')
    handler.end_headers()


def send_on(handler):
    "To another place, where it is."
    if handler.path != '/there':
        handler.send_response(301)
        handler.send_header('Location', '/there')
        handler.end_headers()
    else:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b'it')


@pytest.mark.parametrize('answer, reason', [
    (crawl, r'gave \d+ bytes in \d+ seconds'), (send_round, 'infinite loop'),
    (stop_in_the_middle, 'broke off after 5,000 of 1,000,000')])
def test_a_server_that_crawls_stops_or_sends_round_is_left(answer, reason, monkeypatch, tmp_path):
    monkeypatch.setattr(lieder, '_PATIENCE', .5)
    with answering(answer) as url, pytest.raises(MelodyError, match=reason): lieder._download(url, tmp_path/'it')
    assert not [*tmp_path.iterdir()]


def test_a_server_that_sends_on_is_followed(tmp_path):
    with answering(send_on) as url: lieder._download(url, tmp_path/'it')
    assert (tmp_path/'it').read_bytes() == b'it' and [path.name for path in tmp_path.iterdir()] == ['it']


def test_the_limits_are_those_of_a_collection():
    "What the two tests above lower: a gigabyte for the archive, and for one score what `read_sheet` takes."
    import inspect
    assert lieder._MAX_ARCHIVE == 1_000_000_000
    assert lieder._MAX_SCORE == inspect.signature(read_sheet).parameters['max_bytes'].default == 64_000_000


def test_no_network_and_no_copy_names_the_remedies(tmp_path):
    for fetch in (True, False):
        with pytest.raises(MelodyError, match='not on this machine.*MELODYNB_LIEDER') as error:
            load_corpus('lieder', fetch=fetch)
        assert '\n' not in str(error.value)


@pytest.mark.parametrize('rubbish', [b'', b'rubbish', zipped({'head.npy': b'x', 'notes.npy': b'y'})])
def test_a_spoilt_cache_is_made_anew(rubbish, songs, monkeypatch, tmp_path):
    path = tmp_path/'cache'/'lieder-bca12245.npz'
    path.parent.mkdir()
    path.write_bytes(rubbish)
    assert len(loaded(zipped(songs), monkeypatch)) == 3


def test_a_cache_is_not_believed(songs, tmp_path):
    "One note changed in the cache: that song is left out."
    pianos = {song.id: chorale_piano(int(song.id[2:])) for song in lieder._songs()}
    pianos['lc7'].notes[1, 0] += 1
    (tmp_path/'cache').mkdir()
    lieder._keep(tmp_path/'cache'/'lieder-bca12245.npz', pianos, {})
    found = load_corpus('lieder')
    assert found.ids == ['lc3', 'lc11'] and 'differ' in found.skipped['lc7']


@pytest.mark.parametrize('number', range(0, 400, 50))
def test_a_printed_chorale_reads_back(number):
    piano = piano_of(load_corpus('chorales')[number].bars(6))
    sheet = read_sheet(printed(piano, voice=False))
    found = lieder._sheet_piano(list(chain.from_iterable(sheet.parts.values())), sheet)
    assert found.notes.tolist() == piano.notes.tolist() and found.meters == piano.meters


@prepared
def test_prepared_folder_gives_what_its_files_hold():
    found = load_corpus('lieder', folder=PREPARED)
    assert len(found) == 1429 and not found.skipped and sum(len(song.notes) for song in found) == 1_146_476
    for song, id in list(zip(found, found.ids))[::40]:
        midi = read_midi(PREPARED/'midi'/f'{id}.mid')
        assert song.notes == midi.notes and song.bar_starts() == midi.bar_starts()
        beats = np.arange(0, song.end, 7)
        assert np.allclose(song.seconds_at(beats), midi.seconds_at(beats), rtol=1e-6)
        assert len(song.tracks) == 1 and song.tracks[0].program == 0 and song.title


@prepared
def test_cache_gives_what_the_folder_gives(tmp_path):
    pianos = lieder._folder_pianos(PREPARED)
    lieder._keep(tmp_path/'lieder.npz', pianos, {})
    kept, _ = lieder._kept(tmp_path/'lieder.npz')
    assert list(kept) == list(pianos)
    for id, piano in pianos.items():
        assert kept[id].fingerprint == piano.fingerprint and kept[id].tempos == piano.tempos


@prepared
@pytest.mark.parametrize('name', ['index.tsv', 'SHA256SUMS', 'midi/lc5046153.mid'])
def test_one_changed_byte_is_found(name, tmp_path):
    folder = tmp_path/'copy'
    shutil.copytree(PREPARED, folder, copy_function=shutil.copyfile)
    name = name if (folder/name).exists() else f'midi/{lieder._songs()[700].id}.mid'
    folder.chmod(0o755), (folder/name).parent.chmod(0o755)
    data = bytearray((folder/name).read_bytes())
    data[len(data)//2] ^= 1
    (folder/name).write_bytes(data)
    with pytest.raises(MelodyError, match=f'{Path(name).name} has the sha256'):
        load_corpus('lieder', folder=folder)


def changes_on_the_bar_line(piano) -> list[bool]:
    "For each change of meter, whether it really changes and where a bar of the old meter ends."
    found = []
    for (start, *old), (change, *new) in pairwise(piano.meters):
        beats, unit = old
        found.append(old != new and (change - start) % (1920*beats//unit) == 0)
    return found


@prepared
def test_prepared_songs_come_back_from_print():
    "Chords, ties, tuplets, two staves and changes of meter; the fingerprint is the one that is shipped."
    pianos = lieder._folder_pianos(PREPARED)
    short = [song for song in lieder._songs() if song.notes < 220]
    plain = [song for song in short if not (pianos[song.id].notes[[0, 2]] % 20).any()]
    changes = {song.id: changes_on_the_bar_line(pianos[song.id]) for song in plain}
    fitting = [song for song in plain if all(changes[song.id])]
    tuplets = next(song for song in fitting if (pianos[song.id].notes[0] % 30).any())
    changing = next(song for song in fitting if changes[song.id])
    for song in (tuplets, changing):
        sheet = read_sheet(printed(pianos[song.id]))
        assert lieder._find_piano(song, sheet).notes.tolist() == pianos[song.id].notes.tolist()
