"One wish, one writer: the command and the library write the same notes, and what was there stays as it was."
import hashlib
import re
import shlex
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from melodynb.cli import main
from melodynb.compose import Continuation, compose, extend
from melodynb.models import load, save, weights_hash
from melodynb.recipe import Recipe, make, midi_opening, opening_score, tune_opening, writers
from melodynb.remi import VoiceGrid
from melodynb.remi_studies import RemiTransformer
from melodynb.score import MelodyError, Note, Score, Track, read_midi, write_midi
from melodynb.tokenizers import CharTokenizer

JIG = tune_opening('folk', 1000, 4)
CHORALE = tune_opening('chorales', 3, 2)
EARLIER = 'bca5895d0f67adb6' # weights of remi-folk in version 0.1


def digest(score):
    "Sixteen digits of all notes, in order."
    return hashlib.sha256(repr([tuple(note) for note in score.notes]).encode()).hexdigest()[:16]


# The music of a recipe is what it was

FROZEN = { # digests and numbers of notes, as of November 2026, before the rooms were divided
    Recipe('char-gpt', seed=3): ('8938319987e0f458', 32),
    Recipe('lora-folk', bars=6, seed=2): ('cad1c49293760fa6', 49),
    Recipe('remi-folk', seed=4, key='E minor', meter='6/8', weights=EARLIER): ('0c85b0c77d21a2b3', 39),
    Recipe('remi-chorales', bars=4, seed=2): ('668ca20cdbd29673', 57),
    Recipe('remi-piano', bars=4, seed=7, key='D major', revisions=2): ('e48c2fd01585e592', 72),
    Recipe('remi-folk', bars=4, seed=3, opening=JIG, weights=EARLIER): ('668b59acb2f32a9f', 40),
    Recipe('remi-chorales', bars=2, seed=3, opening=CHORALE): ('974d2567c8fee74a', 64),
    Recipe('remi-folk', bars=3, seed=3, grammar=False, opening=JIG, weights=EARLIER): ('99eceb0b98d35c8a', 37),
}


@pytest.mark.parametrize('recipe', FROZEN, ids=Recipe.sentence)
def test_a_recipe_gives_the_notes_that_it_always_gave(recipe):
    score = make(recipe).score
    assert (digest(score), len(score.notes)) == FROZEN[recipe]


@pytest.mark.parametrize('model', [name for name in writers() if name.startswith('remi')])
def test_compose_and_extend_are_the_same_writer(model):
    wishes = dict(bars=3, seed=5, temperature=1.1, top_p=.8)
    first = make(Recipe(model, key='D major', **wishes)).score
    assert first == compose(model, key='D major', **wishes)
    longer = make(Recipe(model, opening=midi_opening(first), **wishes)).score
    assert longer == extend(first, model=model, **wishes)


# The command is the same writer

@pytest.fixture
def desk(tmp_path, monkeypatch):
    "A folder to work in, with an opening as a MIDI file."
    monkeypatch.chdir(tmp_path)
    write_midi(opening_score(JIG), tmp_path/'jig.mid')
    write_midi(opening_score(CHORALE), tmp_path/'chorale.mid')
    return tmp_path


def commanded(line):
    "The music that a command writes."
    assert main([*shlex.split(line), '--out', 'made.mid', '--force']) == 0, line
    return read_midi('made.mid')


def told(wishes):
    "Wishes as options of a command."
    return ' '.join(f'--{name.replace("_", "-")} {shlex.quote(str(value))}' for name, value in wishes.items())


def as_read(score):
    "What is left of a score in a MIDI file."
    return read_midi(write_midi(score))


WISHES = {'jig': dict(bars=2, seed=1, temperature=.9, top_p=.9),
          'chorale': dict(bars=3, seed=6, temperature=1.2, top_k=8, top_p=1)}


@pytest.mark.parametrize('name', WISHES)
@pytest.mark.parametrize('model', writers())
def test_the_same_wish_gives_the_same_music(desk, model, name):
    recipe, line = Recipe(model, **WISHES[name]), f'--model {model} {told(WISHES[name])}'
    assert commanded(f'generate {line}') == as_read(make(recipe).score)
    longer = as_read(make(replace(recipe, opening=dict(jig=JIG, chorale=CHORALE)[name])).score)
    assert commanded(f'continue {name}.mid {line}') == longer


@pytest.mark.parametrize('model', writers())
def test_key_and_meter_mean_the_same_in_both(desk, model):
    known = Recipe(model=model).knows
    wishes = dict(bars=2, seed=2, **(dict(key='G major', meter='3/4') if known else {}))
    alone = commanded(f'generate --model {model} {told(wishes)}')
    assert alone == as_read(make(Recipe(model, **wishes)).score)
    wishes |= dict(meter='3/4') # of any model's new bars
    result = make(Recipe(model, opening=JIG, **wishes))
    assert commanded(f'continue jig.mid --model {model} {told(wishes)}') == as_read(result.score)
    assert result.score.at('meter', result.join) == (3, 4) and result.score.meter == (6, 8)
    assert result.join < max(note.start for note in result.score.notes) < result.join + 6


def test_the_checked_example(desk):
    "The jig's rhythm was once flattened by one of two writers; 33 notes, of which the first 21 are the jig."
    opening = opening_score(JIG)
    result = make(Recipe('char-gpt', bars=4, seed=3, opening=JIG))
    assert len(result.score.notes) == 33 and result.score.notes[:len(opening.notes)] == opening.notes
    assert commanded('continue jig.mid --model char-gpt --bars 4 --seed 3').notes == result.score.notes


def test_what_a_model_could_not_read_goes_to_standard_error(desk, capsys):
    for model in 'char-gpt', 'lora-folk':
        remarks = make(Recipe(model, bars=1, opening=JIG)).remarks
        capsys.readouterr()
        commanded(f'continue jig.mid --model {model} --bars 1 --seed 0')
        said = capsys.readouterr().err.split('\n')
        assert remarks and said[:len(remarks)] == [*remarks] and said[len(remarks)] == 'wrote made.mid'


# What was there stays

def waltz():
    "Two hands and a drum, never quite in time, with changes of tempo and key."
    right = Track([Note(72 + beat % 5, beat + .013, .9, 90) for beat in range(13)], 3, 'right')
    left = Track([Note(40, 2*beat, 5, 50) for beat in range(7)], name='left')
    drums = Track([Note(36, beat, .5) for beat in range(9)], drums=True)
    changes = [(6, 'bpm', 90), (9, 'key', 'C minor')]
    return Score((right, left, drums), bpm=93, meter='3/4', key='F minor', title='Mine', changes=changes)


OPENINGS = {'two hands and drums': waltz(), 'a tune': opening_score(JIG), 'a chorale': opening_score(CHORALE),
            'one late note': Score((Track([Note(60, 7.99, 30, 33)]),), meter='11/8'),
            'a long tune': Score((Track([Note(60 + place % 12, place, 1) for place in range(600)]),))}


@pytest.mark.parametrize('name', OPENINGS)
@pytest.mark.parametrize('model', writers())
def test_an_opening_stays_note_for_note(model, name):
    opening = as_read(OPENINGS[name])
    result = make(Recipe(model, bars=2, seed=4, opening=midi_opening(opening)))
    for before, after in zip(opening.tracks, result.score.tracks):
        assert not Counter(before.notes) - Counter(after.notes)
        assert (before.name, before.program, before.drums) == (after.name, after.program, after.drums)
    for field in 'bpm', 'meter', 'key', 'title':
        assert getattr(opening, field) == getattr(result.score, field)
    assert [c for c in result.score.changes if c.what != 'meter'] == [*opening.changes]
    new = Counter(result.score.notes) - Counter(opening.notes)
    assert new == Counter(result.written.notes) and new
    assert max(note.start for note in opening.notes) < result.join <= min(note.start for note in new)


@pytest.mark.parametrize('model', writers())
def test_a_note_that_was_written_has_its_token(model):
    result = make(Recipe(model, bars=3, seed=2, opening=midi_opening(waltz())))
    written = {place for place, token in result.places.items() if token >= result.pen.given}
    assert {result.score.notes[place] for place in written} == {*result.written.notes}
    for place in sorted(written)[::5]:
        odds = result.odds(place, 10_000)
        assert sum(one.share for one in odds) == pytest.approx(1, abs=1e-4)
        assert [one.share > 0 for one in odds if one.chosen] == [True]
        assert sum(result.attention(place).values()) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize('model', ['char-gpt', 'lora-folk'])
def test_letters_and_words_can_be_seen_to_look_at_the_opening(model):
    result = make(Recipe(model, bars=1, opening=JIG))
    read = [place for place, token in result.places.items() if 0 < token < result.pen.given]
    assert read == [*range(21)] and {*result.attention(22)} >= {*read}


def test_letters_read_the_end_of_what_is_too_long():
    result = make(Recipe('char-gpt', bars=1, opening=midi_opening(OPENINGS['a long tune'])))
    room = result.pen.model.context//2
    assert result.pen.given == room + 1 and f'the last {room} of 600' in result.remarks[-1]
    assert len(result.places) == room + len(result.written.notes)


def test_an_opening_may_be_stopped_behind():
    heard = []
    def listen(score, share):
        heard.append(score)
        return len(heard) == 5
    result = make(Recipe('char-gpt', bars=8, opening=JIG), listen, every=0)
    assert result.recipe.tokens == 5 and make(result.recipe).score == result.score == heard[-1]
    assert all(score.notes[:21] == opening_score(JIG).notes for score in heard)


def test_a_continuation_says_what_it_cannot_read():
    _, tokenizer = load('remi-folk')
    opening = OPENINGS['one late note']
    after = Continuation(opening, tokenizer, 2)
    assert after.join == 11 and after.music(after.prompt).tracks == opening.tracks
    assert any('11/8' in remark for remark in after.remarks)
    low = Score((Track([Note(12, beat, 1) for beat in range(4)]),))
    assert any('semitones higher' in remark for remark in Continuation(low, tokenizer, 1).remarks)


# Models of other forms

def saved(tokenizer, folder):
    "A small network that has learned nothing, in a folder."
    torch.manual_seed(0)
    save(RemiTransformer(len(tokenizer), context=64, width=16, layers=1).eval(), tokenizer, folder)
    return str(folder)


def test_a_grid_of_voices_fills_its_bars(desk):
    grid = saved(VoiceGrid(), desk/'grid')
    assert len(commanded(f'generate --model {grid} --bars 3 --seed 1').tracks) == 4
    result = make(Recipe(grid, bars=3, seed=1, opening=CHORALE))
    there = opening_score(CHORALE)
    assert result.score.beats(0, result.join) == there.beats(0, result.join)
    assert result.join < result.score.end <= result.join + 12
    written = [place for place, token in result.places.items() if token >= result.pen.given]
    assert len(written) == len(result.written.notes)
    for place in written[::7]:
        label = next(one.label for one in result.odds(place, 10_000) if one.chosen)
        assert int(result.score.notes[place].pitch)//12 - 1 == int(label[-1])
    with pytest.raises(MelodyError, match='a grid of 4 voices needs'): make(Recipe(grid, opening=JIG))


def test_letters_with_octaves_keep_their_octaves(desk):
    model = saved(CharTokenizer(octaves=True), desk/'mine-too')
    result = make(Recipe(model, bars=2, seed=1, opening=JIG))
    assert 'octaves' not in result.remarks[0]
    assert commanded(f'continue jig.mid --model {model} --bars 2 --seed 1') == as_read(result.score)
    assert len({note.pitch//12 for note in result.written.notes}) > 2


def test_a_language_model_writes_nothing_but_music(desk):
    from melodynb.lora_gpt2 import REPAIRED, network_of, note_words
    from melodynb.pretrained import TextTokenizer, save_adapter
    tokenizer = TextTokenizer('gpt2-stand-in', note_words('folk')[:200], swallow=True)
    arm = replace(REPAIRED, data='folk')
    network = network_of(arm, tokenizer, 'gpt2-stand-in').eval() # untrained: any word
    save_adapter(network, tokenizer, desk/'words')
    score = commanded('generate --model words --bars 3 --seed 1 --meter 3/4')
    assert score.meter == (3, 4) and score.notes and score.end <= 9
    longer = make(Recipe('words', bars=3, seed=1, meter='3/4', opening=JIG))
    assert longer.score.notes[:21] == opening_score(JIG).notes
    assert longer.join < longer.score.end <= longer.join + 9
    with pytest.raises(MelodyError, match='fills holes'): Recipe(model='bart-folk').knows


# Weights

def test_a_recipe_is_signed_by_the_weights(desk):
    model = saved(CharTokenizer(), desk/'mine')
    first = make(Recipe(model, bars=2))
    old = first.recipe.weights
    assert old == weights_hash(model) and re.fullmatch('[0-9a-f]{16}', old)
    assert first.recipe == Recipe(model, bars=2) and f'"weights": "{old}"' in first.recipe.to_json()
    again = make(Recipe.from_json(first.recipe.to_json()))
    assert again.score == first.score and again.remarks == ()
    torch.manual_seed(1)
    other = RemiTransformer(len(CharTokenizer()), context=64, width=16, layers=1).eval()
    save(other, CharTokenizer(), desk/'mine', exist_ok=True)
    changed = make(first.recipe)
    new = changed.recipe.weights
    assert changed.score != first.score and new == weights_hash(model) != old
    assert len(changed.remarks) == 1 and old in changed.remarks[0] and new in changed.remarks[0]


@pytest.mark.parametrize('opening', ['', JIG])
def test_a_recipe_of_earlier_weights_is_followed_with_them(opening):
    new = Recipe('remi-folk', bars=3, seed=5, opening=opening)
    result, today = make(replace(new, weights=EARLIER)), make(new)
    pair = load('remi-folk', version='0.1')
    plain = extend(opening_score(opening), bars=3, model=pair, seed=5) if opening else compose(pair, bars=3, seed=5)
    assert result.score.notes == plain.notes != today.score.notes
    assert result.recipe == new and result.recipe.weights == EARLIER == weights_hash('remi-folk', '0.1')
    assert today.recipe.weights == weights_hash('remi-folk') != EARLIER
    *others, remark = result.remarks
    assert tuple(others) == today.remarks and remark == (
        f'remi-folk has newer weights here than those that wrote this recipe ({EARLIER}); they are kept from '
        'version 0.1 and wrote it again: expect the same music.')
    again = make(Recipe.from_json(result.recipe.to_json()))
    assert (again.score, again.remarks) == (result.score, result.remarks)
    chances = result.odds(max(result.places))
    assert sum(one.chosen for one in chances) == 1 # asked of the weights that wrote it


def test_unknown_weights_of_a_name_with_a_past_are_those_of_today():
    result = make(Recipe('remi-folk', bars=1, weights='0123456789abcdef'))
    assert result.score == make(Recipe('remi-folk', bars=1)).score
    remark, = result.remarks
    assert 'other weights here' in remark and 'expect other music' in remark


def test_a_recipe_of_before_the_weights_is_followed():
    old = '{"model": "char-gpt", "bars": 2, "seed": 1, "opening": "notes:C E G"}'
    new = Recipe('char-gpt', 2, 1, opening='notes:C E G')
    assert make(Recipe.from_json(old)).remarks == make(new).remarks


# Refusals

@pytest.mark.parametrize('recipe, sentence', [
    (Recipe('char-gpt', key='D major'), "key='D major': char-gpt knows no key"),
    (Recipe('char-gpt', key='D major', opening=JIG), 'char-gpt knows no key'),
    (Recipe('char-gpt', meter='3/4'), 'char-gpt knows no meter'),
    (Recipe('remi-folk', meter='99/64', opening=JIG), "meter='99/64': remi-folk knows 1/8"),
    (Recipe('remi-folk', meter='99/64'), 'not in the vocabulary'),
    (Recipe('bart-folk'), 'fills holes'), (Recipe('nobody'), 'no model folder'),
], ids=str)
def test_what_a_model_knows_nothing_of_is_refused_in_a_sentence(recipe, sentence):
    with pytest.raises(MelodyError) as refusal: make(recipe)
    assert sentence in str(refusal.value) and '\n' not in str(refusal.value)


@pytest.mark.parametrize('model', writers())
def test_drums_alone_are_no_opening(model):
    drums = midi_opening(Score((Track([Note(36, beat, .5) for beat in range(4)], drums=True),)))
    with pytest.raises(MelodyError, match='no notes outside drum tracks'): make(Recipe(model, opening=drums))


# What it needs

def test_it_needs_no_widget_no_display_and_no_compiler():
    code = ('import sys\nfrom melodynb.recipe import Recipe, make\n'
            'make(Recipe(bars=1))\nmake(Recipe("char-gpt", bars=1, opening="notes:C E G"))\n'
            'print(*sorted({*sys.modules} & {"ipywidgets", "IPython", "verovio", "matplotlib", "music21", '
            '"torch._dynamo", "melodynb.display", "melodynb.studio"}))')
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, cwd=root)
    assert (done.returncode, done.stdout) == (0, '\n'), done.stdout + done.stderr
