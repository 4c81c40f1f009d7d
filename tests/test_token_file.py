"Folders as token files: what is broken is listed, what was killed goes on, the rows are those of memory."
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from melodynb.corpus import load_corpus
from melodynb.remi import RemiTokenizer
from melodynb.score import MelodyError, Note, Score, Track, write_midi
from melodynb.token_file import TokenFile, _Worker, encode_folder
from melodynb.tokenizers import CharTokenizer

TOK = RemiTokenizer(solo=True)


@pytest.fixture(scope='module')
def tunes(): return load_corpus('folk')[:40]


@pytest.fixture
def folder(tmp_path, tunes):
    home = tmp_path/'music'
    for name in ('a', 'b/ü — 音'): (home/name).mkdir(parents=True)
    for i, tune in enumerate(tunes):
        ending = ('mid', 'MIDI')[i % 2]
        write_midi(tune, home/('a', 'b/ü — 音', '.')[i % 3]/f'{i:02}.{ending}')
    return home


def test_a_messy_folder(folder, tmp_path, tunes):
    write_midi(tunes[3], folder/'a'/'copy.mid')
    write_midi(Score(), folder/'empty.mid')
    write_midi(Score((Track((Note(38, 0, 1),), drums=True),)), folder/'drums.mid')
    write_midi(Score((Track((Note(60, 0, 1), Note(62, 150_000, 1))),)), folder/'endless.mid')
    write_midi(Score((Track((Note(10, 0, 1), Note(62, 1, 1))),)), folder/'low.mid')
    (folder/'nothing.mid').write_bytes(b'')
    (folder/'broken.mid').write_bytes(b'MThd' + bytes(50))
    (folder/'notes.txt').write_text('no music')
    file = encode_folder(folder, TOK, tmp_path/'songs.tokens', processes=2)
    twins = [name for name, reason in file.skipped.items() if 'same music' in reason]
    assert len(file) == 41 and len(twins) == 1
    assert set(file.skipped) == {'empty.mid', 'drums.mid', 'endless.mid', 'nothing.mid', 'broken.mid', *twins}
    assert 'seconds' in file.skipped['endless.mid']
    assert all('\n' not in reason for reason in file.skipped.values())
    assert list(file.remarks) == ['low.mid'] and 'kept 1 of 2' in file.remarks['low.mid']
    assert any('音' in name for name in file.names) and not (tmp_path/'songs.tokens.part').exists()
    alone = encode_folder(folder, TOK, tmp_path/'alone.tokens', processes=1)
    assert alone.path.read_bytes() == file.path.read_bytes()
    file.check()


@pytest.mark.parametrize('how, processes', [(signal.SIGKILL, 1), (signal.SIGINT, 2)])
def test_what_was_stopped_goes_on_and_leaves_the_same_bytes(folder, tmp_path, how, processes):
    script = ('import sys, time, melodynb.token_file as t\n'
              'from melodynb.remi import RemiTokenizer\n'
              'add = t._Workshop.add\n'
              'def slow(self, *given): add(self, *given), print(1, flush=True), time.sleep(.05)\n'
              't._Workshop.add = slow\n'
              f't.encode_folder(sys.argv[1], RemiTokenizer(solo=True), sys.argv[2], processes={processes})')
    file = tmp_path/'songs.tokens'
    command = [sys.executable, '-c', script, str(folder), str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        for _ in range(6): run.stdout.readline()
        run.send_signal(how)
    assert run.returncode != 0 and not file.exists()
    with open(tmp_path/'songs.tokens.part'/'journal', 'ab') as journal: journal.write(b'{"name": "cut o')
    with open(tmp_path/'songs.tokens.part'/'ids', 'ab') as ids: ids.write(b'\x01\x02\x03')
    done = (tmp_path/'songs.tokens.part'/'journal').read_bytes().count(b'\n') - 1
    assert 6 <= done < 40
    resumed = encode_folder(folder, TOK, file)
    quiet = encode_folder(folder, TOK, tmp_path/'quiet.tokens')
    assert resumed.path.read_bytes() == quiet.path.read_bytes() and len(resumed) == 40


def test_the_lock_of_a_run_that_was_killed_at_its_very_end_goes(folder, tmp_path):
    whole = encode_folder(folder, TOK, tmp_path/'songs.tokens')
    (tmp_path/'songs.tokens.lock').touch()
    assert encode_folder(folder, TOK, whole.path).names == whole.names
    assert sorted(path.name for path in tmp_path.iterdir()) == ['music', 'songs.tokens']


def test_a_journal_of_another_run_is_not_mixed_in(folder, tmp_path):
    part = tmp_path/'songs.tokens.part'
    part.mkdir()
    (part/'journal').write_text(json.dumps(dict(format=1, tokenizer='other')) + '\n')
    with pytest.raises(FileExistsError, match='other options'):
        encode_folder(folder, TOK, tmp_path/'songs.tokens')


def test_a_journal_ahead_of_its_ids_is_cut_back(folder, tmp_path):
    quiet = encode_folder(folder, TOK, tmp_path/'quiet.tokens')
    part = tmp_path/'songs.tokens.part'
    part.mkdir()
    made = {key: quiet.header[key] for key in ('format', 'bytes', 'tokenizer', 'bounds')}
    entries = [dict(name=name, **entry) for name, entry in quiet.header['files'].items()][:5]
    (part/'journal').write_text(''.join(json.dumps(line) + '\n' for line in (made, *entries)))
    ids = b''.join(quiet[i].astype('<u2').tobytes() for i in range(4))
    (part/'ids').write_bytes(ids[:-2]) # the fourth is not whole
    assert encode_folder(folder, TOK, tmp_path/'songs.tokens').path.read_bytes() == quiet.path.read_bytes()


def test_new_changed_and_deleted_files(folder, tmp_path, tunes):
    file = encode_folder(folder, TOK, tmp_path/'songs.tokens')
    before = file.path.stat().st_mtime_ns
    assert encode_folder(folder, TOK, file.path).path.stat().st_mtime_ns == before
    write_midi(tunes[0].transpose(1), folder/'new.mid')
    write_midi(tunes[1].transpose(1), folder/file.names[0], exist_ok=True)
    (folder/file.names[5]).unlink()
    grown = encode_folder(folder, TOK, file.path)
    assert set(grown.names) == {*file.names, 'new.mid'} - {file.names[5]}
    assert grown.path.read_bytes() == encode_folder(folder, TOK, tmp_path/'fresh.tokens').path.read_bytes()
    assert grown[0].tolist() == TOK.piece(tunes[1].transpose(1)).tolist()


def test_a_copy_comes_in_when_its_original_goes(folder, tmp_path, tunes):
    write_midi(tunes[0], folder/'zz.mid')
    file = encode_folder(folder, TOK, tmp_path/'songs.tokens')
    original = file.skipped['zz.mid'].split(' music as ')[1]
    (folder/original).unlink()
    assert 'zz.mid' in encode_folder(folder, TOK, file.path).names


@pytest.mark.parametrize('t', [TOK, CharTokenizer()])
@pytest.mark.parametrize('transpositions', [None, (-2, 0, 3)])
def test_rows_are_those_of_memory(folder, tmp_path, tunes, t, transpositions):
    file = encode_folder(folder, t, tmp_path/'songs.tokens')
    shared = len(t.start) if t.start == [t.end] else 0
    inner = slice(1, -1) if shared else slice(None) # letters without their newlines
    pieces = [piece[inner].tolist() for piece in file]
    options = dict(context=50, batch_size=8, seed=3, transpositions=transpositions)
    memory, disk = t.batches(pieces, **options), file.batches(**options)
    assert len(memory) == len(disk)
    for epoch in (0, 4):
        for a, b in zip(memory.epoch(epoch), disk.epoch(epoch), strict=True):
            assert all(x.dtype == y.dtype and (x == y).all() for x, y in zip(a, b))
    exam = list(file.only(range(5)).held_out(context=50))
    assert sum((targets >= 0).sum() for _, targets in exam) == sum(len(piece) - 1 for piece in list(file)[:5])


def test_a_model_trains_on_a_file_and_resumes(folder, tmp_path):
    torch = pytest.importorskip('torch')
    from melodynb.remi_studies import RemiTransformer
    from melodynb.train import fit
    train, valid, _ = encode_folder(folder, TOK, tmp_path/'songs.tokens').split(valid=.2, test=.1)
    rows, exam = train.batches(context=32, batch_size=4), valid.held_out(context=32)
    def run(stops):
        torch.manual_seed(0)
        model = RemiTransformer(len(TOK), context=32, width=16, layers=1, heads=2)
        checkpoint = tmp_path/f'{len(stops)}.pt'
        for steps in stops:
            again = len(stops) > 1 and steps != stops[0]
            fit(model, rows, exam, steps=steps, warmup=1, checkpoint=checkpoint, resume=again)
        return model
    assert all(torch.isfinite(p).all() for p in run([3]).parameters())


def first_folder(name): return name.split('/')[0]


def test_a_split_follows_names_and_groups(folder, tmp_path):
    file = encode_folder(folder, TOK, tmp_path/'songs.tokens')
    parts = file.split(valid=.3, test=.2, seed=1)
    assert sorted(name for part in parts for name in part.names) == file.names and all(map(len, parts))
    for part in parts:
        for name, ids in zip(part.names, part): assert (ids == file[file.names.index(name)]).all()
    grouped = file.split(valid=.3, test=.3, group=first_folder)
    groups = [set(map(first_folder, part.names)) for part in grouped]
    assert sum(map(len, groups)) == len(set.union(*groups))


def test_memory_does_not_grow_with_the_file(folder, tmp_path):
    file = encode_folder(folder, TOK, tmp_path/'songs.tokens')
    batches = file.batches(context=16, batch_size=2)
    held = sum(value.nbytes for value in vars(batches).values() if isinstance(value, np.ndarray))
    assert isinstance(file.ids, np.memmap) and held <= 16*len(file) + 8*len(TOK)


def test_a_process_that_dies_costs_one_file(folder):
    worker, path = _Worker(TOK, {}), next(folder.rglob('*.mid'))
    try:
        worker.start()
        worker.process.kill()
        worker.process.wait()
        entry, ids = worker.ask(path)
        assert 'ended with code' in entry['reason'] and not ids
        entry, ids = worker.ask(path)
        assert len(ids) == 2*entry['length']
    finally: worker.stop()


@pytest.mark.parametrize('harm, what', [
    (lambda data: b'x' + data[1:], 'no token file'),
    (lambda data: b'', 'no token file'),
    (lambda data: data[:-1], 'damaged'),
    (lambda data: data[:100], 'cut off'),
    (lambda data: data + b'\0\0', 'damaged'),
    (lambda data: data[:16] + (2*len(data)).to_bytes(8, 'little') + data[24:], 'cut off'),
    (lambda data: data[:24] + b'[' + data[25:], 'no JSON'),
    (lambda data: data.replace(b'"format": 1', b'"format": 9'), 'another format'),
    (lambda data: data.replace(b'"Start"', b'"Stare"'), 'vocabulary'),
    (lambda data: data.replace(b'"bytes": 2', b'"bytes": 3'), 'damaged'),
    (lambda data: data.replace(b'"length": ', b'"length":-'), 'damaged'),
    (lambda data: data.replace(b'"files"', b'"filed"'), 'damaged'),
])
def test_a_damaged_file_is_refused_in_one_sentence(folder, tmp_path, harm, what):
    file = encode_folder(folder/'a', TOK, tmp_path/'songs.tokens')
    bad = tmp_path/'bad.tokens'
    bad.write_bytes(harm(file.path.read_bytes()))
    with pytest.raises(MelodyError, match=what) as caught: TokenFile(bad)
    assert '\n' not in str(caught.value)


def test_a_changed_id_is_found_by_check(folder, tmp_path):
    file = encode_folder(folder/'a', TOK, tmp_path/'songs.tokens')
    data = bytearray(file.path.read_bytes())
    data[-2] ^= 1
    (tmp_path/'bad.tokens').write_bytes(data)
    with pytest.raises(MelodyError, match='have changed'): TokenFile(tmp_path/'bad.tokens').check()


def test_nothing_is_overwritten_by_silence(folder, tmp_path):
    encode_folder(folder/'a', TOK, tmp_path/'songs.tokens')
    def refused(error, what, *given, **options):
        with pytest.raises(error, match=what): encode_folder(*given, **options)
    refused(FileExistsError, 'another tokenizer', folder/'a', RemiTokenizer(), tmp_path/'songs.tokens')
    refused(FileExistsError, 'other bounds', folder/'a', TOK, tmp_path/'songs.tokens', max_seconds=60.)
    (tmp_path/'letter.txt').write_text('dear reader')
    refused(FileExistsError, 'in the way', folder/'a', TOK, tmp_path/'letter.txt')
    refused(MelodyError, 'processes=0', folder, TOK, tmp_path/'more.tokens', processes=0)


def test_a_folder_without_music_says_why(tmp_path):
    (tmp_path/'bad.mid').write_bytes(b'no')
    for folder, what in (tmp_path, 'bad.mid was skipped'), (tmp_path/'nowhere', 'not a folder'):
        with pytest.raises(MelodyError, match=what): encode_folder(folder, TOK, tmp_path/'songs.tokens')


def test_a_file_of_remi_tokens_opens_where_nobody_imported_remi(folder, tmp_path):
    encode_folder(folder/'a', TOK, tmp_path/'songs.tokens')
    script = 'import sys; from melodynb.token_file import TokenFile; print(TokenFile(sys.argv[1]).tokenizer)'
    command = [sys.executable, '-c', script, str(tmp_path/'songs.tokens')]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == repr(TOK)


def test_the_old_room_still_has_the_names():
    from melodynb import remi, token_file
    assert all(getattr(remi, name) is getattr(token_file, name) for name in token_file.__all__)
