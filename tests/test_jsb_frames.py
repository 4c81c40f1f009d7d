"The protocol of frames: known figures, whatever the batch and the padding; files that are wrong."
import json
import math
from importlib.resources import files

import numpy as np
import pytest
import torch

from benchmarks import jsb
from melodynb.compare import field_figures
from melodynb.figures import per_symbol
from melodynb.remi import VoiceGrid
from melodynb.remi_transformer import training_settings
from melodynb.score import MelodyError


def coins(pieces=60, frames=80, keys=jsb.KEYS, seed=0):
    "Pieces in which some keys sound by the toss of a coin and the others never."
    tossed = np.random.default_rng(seed).integers(0, 2, (pieces, frames, jsb.KEYS), dtype=np.int8)
    tossed[..., keys:] = 0
    return list(tossed)


def song(length, seed=0):
    "Some frames of four voices, as MIDI numbers."
    return np.random.default_rng(seed).integers(45, 75, (length, 4)).tolist()


def written(folder, name='chorales', **parts):
    path = folder/f'{name}.json'
    path.write_text(json.dumps({part: [song(12), song(9, 1), song(2, 2)] for part in jsb.PARTS} | parts))
    return path


@pytest.fixture(scope='module')
def model():
    torch.manual_seed(0)
    return jsb.FrameTransformer(width=16, layers=2, heads=2).eval()


def figures(train, test):
    "Nats a frame of every baseline."
    return {name: per_symbol(jsb.losses(foretell, test)) for name, foretell in jsb.baselines(train).items()}


def test_a_coin_for_each_key():
    for nats in figures(coins(), coins(seed=1)).values():
        assert nats == pytest.approx(jsb.KEYS*math.log(2), rel=2e-3)
    few = figures(coins(keys=3), coins(keys=3, seed=1))
    assert few['each key by its share'] == pytest.approx(3*math.log(2), rel=.02)
    assert few['last frame again'] > 2*few['each key by its share']


def test_what_never_changes_costs_nothing():
    held = [np.tile(piece[:1], (200, 1)) for piece in coins(pieces=40)]
    found = figures(held, held)
    assert found['last frame again'] < .01
    assert found['each key after itself'] < .2 # the counts of one that are added, for 88 keys
    assert found['each key by its share'] == pytest.approx(jsb.KEYS*math.log(2), rel=.05)


def test_a_chain_costs_its_entropy():
    rng, stay = np.random.default_rng(0), .9
    chains = [(np.cumsum(rng.random((400, jsb.KEYS)) > stay, 0) % 2).astype(np.int8) for _ in range(20)]
    entropy = -jsb.KEYS*(stay*math.log(stay) + (1 - stay)*math.log(1 - stay))
    found = figures(chains[:10], chains[10:])
    for name in ('each key after itself', 'last frame again'):
        assert found[name] == pytest.approx(entropy, rel=.01)


def test_counts_by_hand():
    piece = np.zeros((3, jsb.KEYS), dtype=np.int8)
    piece[0, 40] = piece[1, 40] = 1
    after_itself = jsb.baselines([piece])['each key after itself']
    (nats, frames), = jsb.losses(after_itself, [piece]) # key 40: sounds, sounds, is silent
    known = 2*math.log(2) + 2*(jsb.KEYS - 1)*math.log(4/3) # 2 of 4 with one added; 3 of 4 for silent keys
    assert frames == 2 and nats == pytest.approx(known)


def test_frames_count_not_pieces():
    silence = [np.zeros((frames, jsb.KEYS)) for frames in (2, 11)]
    short, long = jsb.losses(lambda past: np.full(past.shape, .5), silence)
    assert (short[1], long[1]) == (1, 10)
    assert per_symbol([short, long]) == pytest.approx(jsb.KEYS*math.log(2))
    assert per_symbol([(3., 1), (10., 10)]) == pytest.approx(13/11)


def test_neither_padding_nor_batches_count(model):
    pieces = [jsb.as_frames(song(length, length)) for length in (30, 5, 2, 17, 9)]
    alone = np.concatenate([jsb.model_losses([model], [piece]) for piece in pieces])
    for size in 1, 2, 16:
        np.testing.assert_allclose(jsb.model_losses([model], pieces, size), alone, rtol=1e-5)
    assert alone[:, 1].tolist() == [29, 4, 1, 16, 8]
    np.testing.assert_allclose(jsb.model_losses([model]*2, pieces), alone, rtol=1e-6)


def test_the_loss_of_training_is_the_figure(model):
    from melodynb.train import cross_entropy
    pieces = [jsb.as_frames(song(length)) for length in (8, 20)]
    inputs, targets = map(torch.as_tensor, jsb.batch_of(pieces))
    with torch.no_grad(): mean = cross_entropy(model(inputs), targets).item()
    assert jsb.KEYS*mean == pytest.approx(per_symbol(jsb.model_losses([model], pieces)), rel=1e-5)


def test_no_frame_sees_a_later_one(model):
    frames = torch.as_tensor(jsb.as_frames(song(20)), dtype=torch.float)[None]
    changed = frames.clone()
    changed[:, 12:] = 1 - changed[:, 12:]
    with torch.no_grad(): before, after = model(frames), model(changed)
    torch.testing.assert_close(before[:, :12], after[:, :12])
    assert not torch.allclose(before[:, 12:], after[:, 12:])
    with pytest.raises(MelodyError, match='frames are more than the context'):
        model(torch.zeros(1, 300, jsb.KEYS))


def test_lessons():
    pieces = [jsb.as_frames(song(length, length)) for length in range(5, 30)]
    lessons = jsb.Lessons(pieces, 4)
    first, again, second = (list(lessons.epoch(number)) for number in (0, 0, 1))
    assert len(first) == len(lessons) == 7 and sum(len(inputs) for inputs, _ in first) == 25
    assert all(map(np.array_equal, first[0], again[0]))
    assert not all(np.array_equal(a[0], b[0]) for a, b in zip(first, second))
    notes = sum((targets == 1).sum() for _, targets in first)
    assert notes == sum(piece[1:].sum() for piece in pieces)


def test_transposing_stays_on_the_keyboard():
    piece = jsb.as_frames([[21, 60], [64]])
    assert np.array_equal(jsb.moved(piece, 5), jsb.as_frames([[26, 65], [69]]))
    assert np.array_equal(jsb.moved(piece, -1), piece)


def test_tunes_met():
    def drawn(seed): return np.random.default_rng(seed).integers(60, 80, 40)
    def over_a_drone(line, drone=40): return jsb.as_frames(np.c_[line, np.full(40, drone)].tolist())
    tune, other, higher = over_a_drone(drawn(1)), over_a_drone(drawn(2)), over_a_drone(drawn(1) + 3, 43)
    parts = dict(train=[tune], test=[other, higher])
    assert jsb.met(parts).tolist() == [False, True]
    line = jsb.top_line(jsb.as_frames([[60, 72], [72], [], [71, 50]]))
    assert [tuple(note)[:3] for note in line.notes] == [(72, 0, 2), (71, 3, 1)]


def test_a_whole_run_and_one_that_goes_on(tmp_path):
    songs = [jsb.as_frames(song(length, length)) for length in (8, 12, 20)]
    parts = dict.fromkeys(jsb.PARTS, songs)
    small = dict(log=None, sizes=dict(width=16, layers=1, heads=2), plan=dict(steps=4, every=2))
    found, histories = jsb.measure(parts, 2, tmp_path/'runs', **small)
    again, _ = jsb.measure(parts, 2, tmp_path/'runs', **small)
    assert found == again and len(histories) == len(found['seeds']) == 2
    trained = {'Transformer', '2 Transformers, mean of their odds'}
    assert set(found['rows']) == trained | set(jsb.baselines(parts['train']))
    mean = np.mean([test for _, test in found['seeds']])
    assert found['rows']['Transformer']['test'][0] == pytest.approx(mean)
    assert found['frames'] == [37]*3 and sum(found['known']) == 3


def test_tokens_are_trained_and_shown(tmp_path, monkeypatch, capsys):
    run = dict(size='tiny', seed=0, minutes=0, hardware='nothing')
    monkeypatch.setattr(jsb, 'jsb_run', lambda: (None, run))
    songs = [song(40, place) for place in range(3)]
    path, folder = written(tmp_path, **dict.fromkeys(jsb.PARTS, songs)), tmp_path/'runs'
    for _ in range(2): # the second shows what the first has trained
        jsb.main(['--sixteenths', str(path), '--folder', str(folder)])
    said = capsys.readouterr().out
    assert said.count('Nats a token on sixteenths') == 2 and said.count('step 0:') == 1
    assert (folder/'tokens'/'figures.json').is_file()


def test_the_record():
    record = json.loads((files('melodynb')/'data'/'jsb_frames.json').read_text())
    found = record['figures']
    assert found['pieces'] == [229, 76, 77] and sum(found['known']) == 77
    assert found['frames'] == [13807 - 229, 4602 - 76, 4725 - 77]
    assert len(found['seeds']) == len(record['histories']) == len(found['steps']) == 3
    assert '/' not in found['command']
    for groups in found['rows'].values():
        assert set(groups) == set(jsb.NAMES)
        for nats, low, high in groups.values(): assert low <= nats <= high
    def test_of(name): return found['rows'][name]['test'][0]
    assert round(test_of('each key by its share'), 2) == 11.09
    assert round(test_of('each key after itself'), 2) == 10.49
    assert test_of('Transformer') == pytest.approx(np.mean([test for _, test in found['seeds']]))
    for (valid, _), history in zip(found['seeds'], record['histories']): # what training said, a key
        assert valid == pytest.approx(jsb.KEYS*min(row[2] for row in history['rows']), rel=1e-3)


def everywhere(pieces):
    "A file that holds these pieces in each of its parts."
    return json.dumps(dict.fromkeys(jsb.PARTS, pieces))


@pytest.mark.parametrize('content, says', [
    ('{"train": [[[60]]', 'is damaged or no JSON'),
    ('[1, 2]', 'does not hold pieces under each of train, valid, test'),
    ('{"train": [[[60]]], "valid": []}', 'does not hold pieces'),
    (everywhere([[[60], [130]]]), 'leave the keyboard'),
    (everywhere([[['C4'], [60]]]), 'lists of MIDI numbers'),
    (everywhere([3]), 'lists of MIDI numbers'),
])
def test_other_files(tmp_path, content, says, capsys):
    path = tmp_path/'other.json'
    path.write_text(content)
    with pytest.raises(SystemExit) as stop: jsb.main(['--quarters', str(path)])
    *_, said = capsys.readouterr().err.strip().splitlines()
    assert stop.value.code == 1 and says in said and 'Traceback' not in said


def test_no_file_and_no_place(tmp_path, capsys):
    none, right = tmp_path/'none.json', written(tmp_path)
    two_voices = written(tmp_path, 'two voices', train=[[[60, 62]]])
    wrong = [
        (['--quarters', none], 'cannot be read'), (['--sixteenths', none], 'cannot be read'),
        (['--sixteenths', two_voices], 'steps of four MIDI numbers'),
        (['--quarters', right, '--seeds', '0'], 'train 1 or more'),
        (['--quarters', right, '--into', right], 'exists: choose a new file'),
    ]
    for arguments, says in wrong:
        with pytest.raises(SystemExit): jsb.main(list(map(str, arguments)))
        assert says in capsys.readouterr().err


def test_another_file_is_said_and_read(tmp_path, capsys):
    read = jsb.read_quarters(written(tmp_path, train=[song(5), song(1)]))
    assert [len(piece) for piece in read['train']] == [5]
    assert 'its figures compare with no others' in capsys.readouterr().err


def test_every_row_says_how_keys_positions_and_embeddings_are_treated():
    rows = field_figures().rows
    for row in rows:
        assert row['keys'].startswith('jointly' if row['protocol'].endswith('token') else 'each key alone'), row
    published = [row for row in rows if row['source'].startswith(('Huang', 'Bai'))]
    assert {(row['positions'], row['embeddings']) for row in published} == {('not seen', 'not seen')}
    (ours,) = {(row['positions'], row['embeddings']) for row in rows
               if row['model'] == 'ours' and row['protocol'].endswith('token')}
    assert ours == (training_settings('jsb', 'gpu')[0]['position'], 'a symbol set for each voice')
    names = VoiceGrid().vocab[2:]
    assert len(set(names)) == 4*VoiceGrid().sounds and len({name.split(':')[0] for name in names}) == 4
    assert jsb.FrameTransformer(context=8).blocks[0].attention.turns is not None # rotary


def test_what_is_on_record_is_shown(capsys):
    record = json.loads((files('melodynb')/'data'/'jsb_frames.json').read_text())['figures']['rows']
    rows = [row for row in field_figures().rows if row['protocol'].startswith('quarters')]
    shown = {(row['model'], row['pieces']): row['nats'] for row in rows}
    assert shown['ours', 'test'] == tuple(record['Transformer']['test'])
    assert shown['ours', 'validation'] == tuple(record['Transformer']['valid'])
    assert shown['ours', 'test, hymn tunes not met'] == tuple(record['Transformer']['new'])
    for name in set(record) - {'Transformer'}: assert shown[name, 'test'] == tuple(record[name]['test'])
    jsb.main([])
    said = capsys.readouterr().out
    assert 'TCN' in said and str(shown['ours', 'test']) in said
