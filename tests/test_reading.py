"One door for files: what the bytes are decides, and what a folder holds besides music is told."
import io
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from scores import line  # noqa: E402
from melodynb import reading  # noqa: E402
from melodynb.cli import main  # noqa: E402
from melodynb.compose import extend  # noqa: E402
from melodynb.corpus import from_folder, from_midi_folder, load_corpus  # noqa: E402
from melodynb.notation import to_musicxml  # noqa: E402
from melodynb.reading import Kind, find_music, read_score, read_scores  # noqa: E402
from melodynb.recipe import midi_opening, opening_score  # noqa: E402
from melodynb.remi import RemiTokenizer  # noqa: E402
from melodynb.score import MelodyError, write_midi  # noqa: E402
from melodynb.studio import Studio  # noqa: E402
from melodynb.token_file import encode_folder  # noqa: E402
from test_musicxml import packed, page, signs, struck  # noqa: E402

TUNE = load_corpus('folk')[1000].bars(4)
FORMS = {'mid': write_midi(TUNE), 'musicxml': bytes(to_musicxml(TUNE)), 'mxl': packed(to_musicxml(TUNE)),
         'utf-16': to_musicxml(TUNE).decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode('utf-16')}


@pytest.mark.parametrize('form', FORMS)
@pytest.mark.parametrize('name', ['tune.mid', 'tune.musicxml', 'tune.mxl', 'tune', 'tune.txt'])
def test_the_suffix_decides_nothing(form, name, tmp_path):
    path = tmp_path/name
    path.write_bytes(FORMS[form])
    assert read_score(path) == read_score(str(path)) == TUNE
    with path.open('rb') as file: assert read_score(file) == TUNE


@pytest.mark.parametrize('form', FORMS)
def test_bytes_of_every_kind(form):
    data = FORMS[form]
    assert read_score(data) == read_score(bytearray(data)) == read_score(io.BytesIO(data)) == read_score(TUNE) == TUNE


@pytest.mark.parametrize('form', FORMS)
@pytest.mark.parametrize('limit', [dict(max_bytes=50), dict(max_notes=3), dict(max_seconds=.5)])
def test_the_bounds_are_those_of_midi(form, limit):
    with pytest.raises(MelodyError, match='pass a larger'): read_score(FORMS[form], **limit)


@pytest.mark.parametrize('data,words', [
    (b'', 'is empty, 0 bytes'), (b'\x89PNG', 'none of MIDI'), (b'MThd', 'MThd'), (b'PK\3\4', 'cannot be read'),
    (b'<svg/>', 'none of MIDI'), (FORMS['mid'][:60], 'cut short'), (FORMS['musicxml'][:900], 'cannot be read'),
    (FORMS['mxl'][:200], 'cannot be read'), (packed(FORMS['mid']), 'cannot be read')])
def test_bad_bytes_are_one_sentence(data, words, tmp_path):
    path = tmp_path/'odd.mid'
    path.write_bytes(data)
    with pytest.raises(MelodyError, match=words) as caught: read_score(path)
    assert str(path) in str(caught.value) and '\n' not in str(caught.value)


@pytest.mark.parametrize('source', [None, 7, 'no-such-file', 'a\0b'])
def test_what_is_no_source_is_said(source):
    with pytest.raises(MelodyError): read_score(source)


def test_a_locked_file_is_said(tmp_path, monkeypatch):
    path = tmp_path/'locked.mid'
    path.write_bytes(FORMS['mid'])
    def refuse(*_): raise PermissionError(13, 'Permission denied')
    monkeypatch.setattr(Path, 'open', refuse)
    with pytest.raises(MelodyError, match='Permission denied'): read_score(path)


# A new kind

def letters(source, **bounds):
    text = source.decode() if isinstance(source, bytes) else Path(source).read_text()
    return [line(map(ord, each)) for each in text.split()[1:]]


@pytest.fixture
def with_letters(monkeypatch):
    kind = Kind('letters', ('.let',), lambda head: head.startswith(b'letters'), letters)
    monkeypatch.setattr(reading, 'READERS', [*reading.READERS, kind])


def test_a_new_kind_is_one_line(with_letters, tmp_path):
    assert [len(score.notes) for score in read_scores(b'letters AB CDE')] == [2, 3]
    assert read_score(b'letters AB CDE').remark == 'the first of 2 pieces in this file'
    (tmp_path/'two.let').write_bytes(b'letters AB CDE')
    assert from_folder(tmp_path).ids == ['two.let', 'two.let#2']


# Folders

@pytest.fixture
def folder(tmp_path):
    home = tmp_path/'music'
    (home/'sub').mkdir(parents=True)
    (home/'album.mid').mkdir()
    for form, data in FORMS.items(): (home/'sub'/f'{form}.dat').write_bytes(data)
    (home/'tune.mxl').write_bytes(FORMS['mxl'])
    (home/'broken.xml').write_bytes(FORMS['musicxml'][:500])
    (home/'empty.MID').touch()
    (home/'README').write_text('no music')
    (home/'picture.svg').write_text('<svg/>')
    os.symlink(home, home/'sub'/'loop')
    os.symlink('nowhere', home/'gone.mid')
    os.symlink('self.mid', home/'self.mid')
    return home


PASSED = ['album.mid', 'broken.xml', 'empty.MID', 'gone.mid', 'self.mid', 'sub/loop']
READ = ['sub/mid.dat', 'sub/musicxml.dat', 'sub/utf-16.dat', 'tune.mxl']  # a packed file must be called so: it may be anything


def test_a_folder_is_read_and_what_is_passed_over_is_listed(folder, capsys):
    found = from_folder(folder)
    assert found.ids == READ and all(score == TUNE for score in found)
    assert sorted(found.skipped) == PASSED and all(reason and '\n' not in reason for reason in found.skipped.values())
    assert '4 of 10 files read' in capsys.readouterr().out


def test_an_older_name_reads_all_kinds(folder): assert from_midi_folder(folder).ids == READ


def test_a_folder_that_is_locked_is_listed(folder, monkeypatch):
    usual = Path.iterdir
    def listed(self):
        if self.name == 'sub': raise PermissionError(13, 'Permission denied')
        return usual(self)
    monkeypatch.setattr(Path, 'iterdir', listed)
    found = from_folder(folder)
    assert found.ids == ['tune.mxl'] and 'is a folder' in found.skipped['sub']


def test_a_folder_of_every_kind_becomes_tokens(folder, tmp_path):
    tokens = encode_folder(folder, RemiTokenizer(), tmp_path/'tokens')
    assert len(tokens) == 1 and tokens.names == [READ[0]]  # the others are the same music
    assert sorted(tokens.skipped) == sorted(PASSED + READ[1:])
    assert encode_folder(folder, RemiTokenizer(), tmp_path/'tokens').skipped == tokens.skipped


def test_what_was_left_out_stands_in_the_token_file(tmp_path):
    (tmp_path/'music').mkdir()
    grace = '<note><grace/><pitch><step>C</step><octave>4</octave></pitch></note>'
    (tmp_path/'music'/'a.xml').write_bytes(page(signs() + grace + struck('C', length=16)))
    tokens = encode_folder(tmp_path/'music', RemiTokenizer(), tmp_path/'tokens')
    assert tokens.remarks['a.xml'].startswith('1 grace note left out')


def test_nothing_to_read_is_said(tmp_path):
    with pytest.raises(MelodyError, match='holds no .mid'): find_music(tmp_path)
    with pytest.raises(MelodyError, match='is not a folder'): find_music(tmp_path/'nowhere')


# Whoever takes music

def test_the_command_writes_any_music_as_text(tmp_path, capfd):
    grace = '<note><grace/><pitch><step>C</step><octave>4</octave></pitch></note>'
    for name, data in {'a.mid': FORMS['mid'], 'b.mid': FORMS['mxl'], 'c.dat': FORMS['musicxml']}.items():
        (tmp_path/name).write_bytes(data)
        assert main(['midi-to-text', str(tmp_path/name), str(tmp_path/f'{name}.txt')]) == 0
    assert len({path.read_text() for path in tmp_path.glob('*.txt')}) == 1
    (tmp_path/'d.xml').write_bytes(page(signs() + grace + struck('C', length=16)))
    assert main(['midi-to-text', str(tmp_path/'d.xml'), str(tmp_path/'d.txt')]) == 0
    assert '1 grace note left out' in capfd.readouterr().err
    assert main(['midi-to-text', str(tmp_path/'a.mid.txt')]) == 1 and 'none of MIDI' in capfd.readouterr().err


def test_an_opening_is_any_music():
    for data in FORMS.values(): assert opening_score(midi_opening(data)).notes == TUNE.notes


def test_music_of_any_kind_is_continued():
    longer = {form: extend(data, bars=1, model='remi-folk', seed=1) for form, data in FORMS.items()}
    assert len({score.notes for score in longer.values()}) == 1


def test_the_studio_takes_any_music():
    said = []
    panel = Studio().openings.midi
    panel.alarm = said.append
    for name, data in {'song.mxl': FORMS['mxl'], 'odd.mid': b'RIFF'}.items():
        panel.upload = SimpleNamespace(value=({'name': name, 'content': memoryview(data)},))
        panel.read_file()
        if name == 'song.mxl': assert opening_score(panel.midi).notes == TUNE.notes
    assert said[-1].startswith('odd.mid begins with') and panel.midi == ''
