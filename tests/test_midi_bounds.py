"Whatever bytes come, `read_midi` gives a Score or one sentence, soon, and in little memory."
import random, struct, subprocess, sys, textwrap

import pytest

from melodynb.score import MelodyError, MidiError, Note, Score, Track, read_midi, write_midi

END, NOTE = b'\0\xff\x2f\0', b'\0\x90\x3c\x50\x83\x60\x80\x3c\x50'

def smf(body, ticks=480, kind=0, tracks=1, claim=None):
    return struct.pack('>4sIHHH', b'MThd', 6, kind, tracks, ticks) + struct.pack('>4sI', b'MTrk', len(body) if claim is None else claim) + body

def valid():
    tune = Track([Note(60 + k % 12, k/2, .5) for k in range(24)], 3, 'é')
    beat = Track([Note(36 + k, k/3, 1/3) for k in range(12)], drums=True)
    return write_midi(Score([tune, beat], 97.3, '6/8', 'D dorian', 'Tést', [(3, 'bpm', 60), (6, 'meter', '3/4'), (6, 'key', 'Gb major')]))

def test_plain_file():
    score = read_midi(smf(NOTE + END))
    assert score == Score([Track([Note(60, 0, 1)])])

LONG = b'\xff\xff\xff\x7f' # the longest delta, 268 million ticks
REFUSED = {
    'empty': (b'', '0 bytes'),
    'text': (b'X:1\nK:C\nCDEF|\n', 'Standard MIDI File'),
    'header alone': (smf(b'')[:14], 'no notes'),
    'half a header': (b'MThd\0\0', 'Standard MIDI File'),
    'a claim of 4 GB': (smf(NOTE + END, claim=2**32 - 1), 'cut short'),
    'a claim too short': (smf(NOTE + END, claim=5), 'damaged|cut short'),
    'type 2': (smf(NOTE + END, kind=2), 'type 2'),
    'type 9': (smf(NOTE + END, kind=9), 'type 9'),
    'no ticks': (smf(NOTE + END, ticks=0), '0 ticks'),
    'film frames': (smf(NOTE + END, ticks=0xe728), 'film frames'),
    'tempo 0': (smf(b'\0\xff\x51\3\0\0\0' + NOTE + END), '0 microseconds'),
    'pitch 188': (smf(b'\0\x90\xbc\x50\x10\x80\xbc\x50' + END), 'damaged|whole MIDI number'),
    'no notes': (smf(END), 'no notes'),
    'a note that never stops': (smf(b'\0\x90\x3c\x50' + END), 'no notes'),
    'weeks of silence': (smf(LONG + NOTE[1:] + END), 'max_seconds'),
    'ticks past 32 bits': (smf((LONG + b'\x90\x3c\x50' + LONG + b'\x80\x3c\0')*20 + END), 'max_seconds|start must|no notes'),
    'a meter in a million years': (smf(NOTE + LONG + b'\xff\x58\4\1\6\x18\x08' + END), 'max_seconds'),
}

@pytest.mark.parametrize('name', REFUSED)
def test_refused_in_one_sentence(name):
    data, words = REFUSED[name]
    with pytest.raises(MidiError, match=words) as caught: read_midi(data)
    assert '\n' not in str(caught.value) and len(str(caught.value)) < 300

READ = {
    'a note of no length': (b'\0\x90\x3c\x50\0\x80\x3c\x50', lambda s: s.notes[0].duration == 1/480),
    'overlapping, same pitch': (b'\0\x90\x3c\x50\x10\x90\x3c\x51\x10\x80\x3c\0\x10\x80\x3c\0', lambda s: [n.velocity for n in s.notes] == [80, 81]),
    'meter 0/4': (b'\0\xff\x58\4\0\2\x18\x08' + NOTE, lambda s: s.meter == (4, 4)),
    'meter 4/2^200': (b'\0\xff\x58\4\4\xc8\x18\x08' + NOTE, lambda s: s.meter == (4, 4)),
    'nine sharps': (b'\0\xff\x59\2\x09\0' + NOTE, lambda s: s.key is None),
    'tempo of one microsecond': (b'\0\xff\x51\3\0\0\1' + NOTE, lambda s: s.bpm == 1000),
    'slowest tempo': (b'\0\xff\x51\3\xff\xff\xff' + NOTE, lambda s: s.bpm == 4),
    'two tempos at one place': (b'\0\xff\x51\3\7\xa1\x20\0\xff\x51\3\x0f\x42\x40' + NOTE, lambda s: s.bpm == 60),
    'a marker that is no key': (b'\0\xff\x06\x0bKey: so-so!' + NOTE, lambda s: s.key is None),
    'a name in another encoding': (b'\0\xff\x03\3\xff\xfe\xe9' + NOTE, lambda s: len(s.tracks[0].name) == 3),
    'no end of track': (NOTE, lambda s: len(s.notes) == 1),
}

@pytest.mark.parametrize('name', READ)
def test_odd_but_readable(name):
    body, check = READ[name]
    score = read_midi(smf(body + END))
    assert check(score) and read_midi(write_midi(score)) == score

def mutated(data, chance):
    "A few bytes changed, at most times within their own seven bits, so that many files stay readable."
    data = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        place = chance.randrange(len(data))
        if chance.random() < .7: data[place] = data[place] & 128 | chance.randrange(128)
        elif chance.random() < .5: data[place:place + chance.randrange(5)] = bytes(chance.randrange(256) for _ in range(chance.randrange(5)))
        else: data[place] = chance.randrange(256)
        if len(data) < 30: break
    return bytes(data)

def test_mutated_files_give_a_score_or_a_sentence():
    original, read, refused = valid(), 0, 0
    for seed in range(600):
        try: score = read_midi(mutated(original, random.Random(seed)))
        except MidiError as error: refused += 1; assert '\n' not in str(error)
        else: read += 1; assert isinstance(score, Score) and score.bar_starts() and repr(score)
    assert read > 100 and refused > 100

def test_bombs_are_refused_in_a_gigabyte():
    code = '''
        import resource, struct
        from melodynb.score import MidiError, read_midi
        resource.setrlimit(resource.RLIMIT_AS, (2**30 + 2**29, 2**30 + 2**29))
        smf = lambda body, kind=0: struct.pack('>4sIHHH4sI', b'MThd', 6, kind, 1, 480, b'MTrk', len(body)) + body
        note, end = b'\\0\\x90\\x3c\\x50\\x10\\x80\\x3c\\x50', b'\\0\\xff\\x2f\\0'
        bombs = {'max_notes': smf(note*1_000_000 + end), 'changes and markers': smf(b'\\1\\xff\\x51\\3\\7\\xa1\\x20'*1_000_000 + note + end),
                 'max_bytes': bytes(50_000_000), 'markers,': smf(b'\\1\\xff\\x06\\1x'*1_500_000 + note + end)}
        for words, data in bombs.items():
            try: read_midi(data)
            except MidiError as error: assert words in str(error), error
            else: raise SystemExit(f'{words}: not refused')
        print('all refused')'''
    done = subprocess.run([sys.executable, '-c', textwrap.dedent(code)], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == 'all refused', done.stderr

def test_paths_and_files(tmp_path):
    song = tmp_path/'A Tune.mid'
    song.write_bytes(smf(NOTE + END))
    assert read_midi(song).title == read_midi(str(song)).title == 'A Tune'
    with song.open('rb') as file: assert read_midi(file).title == ''
    (tmp_path/'text.mid').write_text('no music')
    (tmp_path/'empty.mid').touch()
    for source, words in ((tmp_path, 'folder'), (tmp_path/'none.mid', 'not there'), (tmp_path/'text.mid', 'Standard MIDI'), (tmp_path/'empty.mid', '0 bytes'),
                          ('/dev/zero', 'device'), ('a\0b', 'cannot be read|not there'), (7, 'give a path'), (None, 'give a path'), (song.open(), 'rb')):
        with pytest.raises(MidiError, match=words): read_midi(source)

def test_writing_takes_nobodys_place(tmp_path):
    score, path = Score([Track([Note(60, 0, 1)])], title='mine'), tmp_path/'tune.mid'
    path.write_bytes(b'precious')
    with pytest.raises(FileExistsError, match='exist_ok=True'): write_midi(score, path)
    assert path.read_bytes() == b'precious'
    assert read_midi(write_midi(score, path, exist_ok=True)) == score
    with pytest.raises(FileNotFoundError, match='make its folder'): write_midi(score, tmp_path/'no'/'tune.mid')
    with pytest.raises(IsADirectoryError, match='file name'): write_midi(score, tmp_path)
    with pytest.raises(MidiError, match='Unicode'): write_midi(Score(score.tracks, title='\ud800'), tmp_path/'odd.mid')
    assert [file.name for file in tmp_path.iterdir()] == ['tune.mid']

def test_ticks_can_be_chosen_and_are_bounded():
    score = Score([Track([Note(60, .5, .5)])])
    assert write_midi(score, ticks_per_beat=96)[12:14] == b'\0\x60'
    assert read_midi(write_midi(score, ticks_per_beat=2)) == score
    for ticks in (0, -1, 32768, 1.5):
        with pytest.raises(MidiError, match='32767'): write_midi(score, ticks_per_beat=ticks)
    with pytest.raises(MelodyError, match='cut it'): write_midi(Score([Track([Note(60, 1e9, 1)])]))
