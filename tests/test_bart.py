"Properties of attempt 3: what is hidden, what is asked for, where penalties push, holes that are filled."
import json
import shutil
from dataclasses import replace
from itertools import chain, product

import numpy as np
import pytest
import torch

from melodynb import bart
from melodynb.bart import (
    ARMS, LABELS, SIZES, Arm, Exactly, Holes, answer, beginner, examine, fill, gap, infilling,
    insert, inverted_penalty, line_words, masked, note_share, penalty, train_arm, without)
from melodynb.corpus import load_corpus
from melodynb.pretrained import Seq2SeqText, base_folder, borrow, load_adapter, save_adapter
from melodynb.sample import sample
from melodynb.score import MelodyError, Note, Score, Track
from melodynb.text import read_word
from melodynb.train import cross_entropy

SWALLOW = pytest.mark.parametrize('swallow', [False, True], ids=['with spaces', 'space swallowed'])


@pytest.fixture(scope='module')
def students():
    "An untrained arm, by whether it swallows the space."
    arms = {swallow: Arm('line', rows=True, swallow=swallow) for swallow in (False, True)}
    return {swallow: beginner(arm, 'bart-stand-in') for swallow, arm in arms.items()}


@pytest.fixture(scope='module')
def folk(): return [tune for tune in load_corpus('folk')[::150] if len(tune.bar_starts()) >= 8][:12]


@pytest.fixture(scope='module')
def lines():
    lengths = 50, 20, 33, 12, 50, 41, 26, 50
    return [line[:length] for line, length in zip(bart.tunes()[1], lengths)]


def known(lines, tokenizer): return [list(filter(tokenizer.ids.__contains__, line)) for line in lines]


def steps_of(words):
    "How long words last together, in steps of a 24th of a beat."
    return 24*sum(read_word(word)[1] for word in words)


HOLES = [(10, 30), (0, 6), (25, 33), (4, 8), (49, 50), (1, 20), (20, 26), (0, 25)]


# What is hidden, and what is asked for

@SWALLOW
@pytest.mark.parametrize('labels', LABELS)
def test_labels_stand_where_the_target_is_and_nowhere_else(students, lines, swallow, labels):
    _, tokenizer = students[swallow]
    some = known(lines, tokenizer)
    inputs, targets = infilling(tokenizer, some, HOLES, labels)
    for line, hole, (source, late), asked in zip(some, HOLES, inputs, targets):
        given, wanted, inside = masked(tokenizer, line, hole)
        assert late[:len(wanted)].tolist() == [tokenizer.end, *wanted[:-1]] # one step late
        assert source[:len(given)].tolist() == given and (source[len(given):] == tokenizer.ids['<pad>']).all()
        places = np.flatnonzero(asked >= 0)
        assert asked[places].tolist() == [wanted[place] for place in places]
        assert places.tolist() == dict(mask=[inside[0]], hole=[*inside], line=[*range(len(wanted))])[labels]
        hidden = [wanted[place] for place in inside if wanted[place] in tokenizer.words]
        assert [tokenizer.vocab[id] for id in hidden] == line[slice(*hole)]


@SWALLOW
def test_source_and_target_differ_by_the_mask_alone_and_are_the_texts_own_ids(students, lines, swallow):
    _, tokenizer = students[swallow]
    for line, hole in zip(known(lines, tokenizer), HOLES):
        given, wanted, inside = masked(tokenizer, line, hole)
        assert wanted[1:-1] == tokenizer.encode(' '.join(line))
        assert given.count(tokenizer.ids['<mask>']) == 1 and given[inside.start] == tokenizer.ids['<mask>']
        assert [*given[:inside.start], *wanted[inside.start:inside.stop], *given[inside.start + 1:]] == wanted


def test_holes_are_new_in_each_epoch_and_the_same_for_the_same_seed(students):
    _, tokenizer = students[True]
    holes = Holes(bart.tunes()[1][:40], tokenizer, batch_size=8)
    assert all(np.array_equal(a, b) for a, b in zip(next(holes.epoch(3)), next(holes.epoch(3))))
    assert not np.array_equal(next(holes.epoch(3))[0], next(holes.epoch(4))[0]) # nor is the shape, mostly
    assert len([*holes]) == len(holes)
    for inputs, targets in holes:
        masks = inputs[:, 0] == tokenizer.ids['<mask>']
        assert (masks.sum(1) == 1).all() and inputs.shape[2] <= 52


# What either half may see

@SWALLOW
@torch.no_grad()
def test_the_decoder_reads_its_target_one_step_late_as_transformers_would_have_it(students, lines, swallow):
    model, tokenizer = students[swallow]
    inputs, targets = infilling(tokenizer, known(lines, tokenizer), HOLES)
    source, asked = torch.as_tensor(inputs[:, 0]), torch.as_tensor(targets)
    given = dict(input_ids=source, attention_mask=(source != model.pad).long())
    theirs = model.network(**given, labels=asked)
    ours = model(torch.as_tensor(inputs))
    assert cross_entropy(ours, asked).item() == pytest.approx(theirs.loss.item(), abs=1e-5)
    assert (ours - theirs.logits)[asked >= 0].abs().max() < 1e-4
    popped = model.network(**given) # labels taken away: the decoder is fed the source
    assert (ours - popped.logits[:, :ours.shape[1]])[asked >= 0].abs().max() > .1


@torch.no_grad()
def test_no_later_target_moves_an_earlier_logit_but_every_source_token_may(students, lines):
    model, tokenizer = students[True]
    inputs = torch.as_tensor(infilling(tokenizer, known(lines, tokenizer)[1:2], HOLES[1:2])[0])
    whole, length = model(inputs)[0], int((inputs[0, 0] != model.pad).sum())
    for place in range(inputs.shape[2]):
        for part, first in ((1, place), (0, 0)):
            if part == 0 and place >= length: continue
            changed = inputs.clone()
            one, other = tokenizer.words[7:9]
            changed[0, part, place] = one if changed[0, part, place] != one else other
            moved = (model(changed)[0] - whole).abs().amax(-1)
            assert (moved[:first] < 1e-5).all()
            assert (moved[first:] > 1e-6).all() if part == 0 else moved[first] > 1e-6


@SWALLOW
def test_cached_writing_equals_uncached_and_several_sources_equal_one_by_one(students, lines, swallow):
    model, tokenizer = students[swallow]
    sources = [masked(tokenizer, line, hole)[0] for line, hole in zip(known(lines, tokenizer)[:4], HOLES)]
    prompts = [[tokenizer.end, *tokenizer.start]]*4
    together = sample(model.given(sources), prompts, steps=16, seed=5)
    assert together == sample(model.given(sources), prompts, steps=16, seed=5, cache=False)
    for row, (source, prompt) in enumerate(zip(sources, prompts)):
        assert together[row] == sample(model.given(source), prompt, steps=16, seed=5 + row)
    assert together != sample(model.given(sources[::-1]), prompts, steps=16, seed=5)


# What an arm trains

def test_untrained_adapters_leave_bart_as_it_was(students):
    "A vocabulary extended by some hundred rows, LoRA beside it: the old logits to the bit of a rounding."
    model, tokenizer = students[False]
    base, ids = Seq2SeqText(borrow('bart-stand-in')), torch.arange(300, 340).view(1, 2, 20)
    with torch.no_grad():
        torch.testing.assert_close(model(ids)[..., :tokenizer.old], base(ids), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize('rows', [False, True])
def test_only_the_rows_of_the_words_are_trained_and_only_where_the_arm_says_so(rows):
    arm = Arm('line', rows=rows, swallow=True)
    before, tokenizer = beginner(arm, 'bart-stand-in', 1)
    after, _, history = train_arm(arm, 1, 'tiny', log=None)
    def table(model): return model.network.get_input_embeddings()(torch.arange(len(tokenizer))).detach()
    assert torch.equal(table(before)[:tokenizer.old], table(after)[:tokenizer.old])
    assert torch.equal(table(before)[tokenizer.old:], table(after)[tokenizer.old:]) != rows
    asked = dict(input_ids=torch.tensor([[5]]), decoder_input_ids=torch.tensor([[2]]))
    with torch.no_grad(): head = after.network(**asked, output_hidden_states=True)
    tied = head.decoder_hidden_states[-1] @ table(after).T # the head has the same rows
    torch.testing.assert_close(head.logits, tied, atol=1e-4, rtol=1e-4)
    assert len(history) and not history.stopped


WAYS = {'as in the account': (inverted_penalty, 1), 'mended': (penalty, -1)}


def test_everything_is_trained_where_the_arm_says_so_and_lines_are_as_long_as_it_says():
    arm = Arm('line', everything=True, most=16)
    before = beginner(arm, 'bart-stand-in')[0]
    after, tokenizer, _ = train_arm(arm, size='tiny', log=None)
    assert all(weight.requires_grad for weight in after.parameters())
    moved = [not torch.equal(one, other) for one, other in zip(before.parameters(), after.parameters(), strict=True)]
    assert sum(moved) > .9*len(moved)
    asked = []
    def spy(logits, targets):
        asked.append(int((targets >= tokenizer.old).sum(1).max()))
        return cross_entropy(logits, targets)
    train_arm(replace(arm, penalty=lambda allowed, weight: spy), size='tiny', log=None)
    assert max(asked) <= 16


@pytest.mark.parametrize('make, direction', WAYS.values(), ids=WAYS)
def test_a_step_down_a_penalty_moves_the_text_the_stated_way(lines, make, direction):
    model, tokenizer = beginner(Arm(), 'bart-stand-in')
    batch = infilling(tokenizer, known(lines, tokenizer)[:3], HOLES[:3], 'mask')
    inputs, targets = map(torch.as_tensor, batch)
    allowed = [*tokenizer.words, *tokenizer.encode(' ')]
    def text(): return 1 - model(inputs).softmax(-1)[..., allowed].sum(-1).mean()
    before = text().item()
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    logits = model(inputs)
    push = make(allowed, 1.)(logits, targets) - cross_entropy(logits, targets)
    gradients = torch.autograd.grad(push, weights, allow_unused=True)
    with torch.no_grad():
        for weight, gradient in zip(weights, gradients): weight -= 0 if gradient is None else .05*gradient
        assert direction*(text().item() - before) > 1e-4


# Holes, filled to the beat

def begins(note, start, stop): return start - 1e-6 < note.start < stop - 1e-6


def higher(tune, start, stop):
    "The same tune, but what begins in a stretch of it is a semitone higher."
    return tune.map_notes(lambda note: note._replace(pitch=note.pitch + begins(note, start, stop)))


@SWALLOW
def test_a_hole_is_filled_to_the_beat_and_nothing_else_is_touched(students, folk, swallow):
    model, tokenizer = students[swallow]
    for seed, tune in enumerate(folk[:3]):
        bars = len(tune.bar_starts())
        for first, stop in ((3, 5), (0, 1), (bars - 2, bars)):
            hole = gap(tune, first, stop)
            filled = fill(tune, first, stop, model, tokenizer, seed=seed)
            written = [note for note in filled.notes if begins(note, hole.start, hole.stop)]
            assert without(filled, first, stop).notes == without(tune, first, stop).notes
            words = line_words(filled, hole.start, hole.stop)
            assert steps_of(words) == round(24*(hole.stop - hole.start))
            assert all(note.end <= hole.stop + 1e-6 for note in written)
            assert set(filled.notes) - set(written) == {n for n in tune.notes if not begins(n, *hole[:2])}
            assert replace(filled, tracks=tune.tracks) == tune
            assert filled == fill(tune, first, stop, model, tokenizer, seed=seed)


def test_what_is_said_in_a_hole_depends_on_both_sides(students, folk):
    model, tokenizer = students[True]
    tune = folk[0]
    hole = gap(tune, 3, 5)
    left = higher(tune, hole.start - 6 + 2e-6, hole.start)
    right = higher(tune, hole.stop, hole.stop + 6)
    said = [answer(one, 3, 5, model, tokenizer, seed=2) for one in (tune, left, right)]
    assert len({*said}) == 3


def cut_by(note, line): return note.start + 1e-6 < line < note.end


def test_every_folk_tune_is_its_words(folk):
    for tune in load_corpus('folk')[::40]:
        lines = [*tune.bar_starts()[:4], tune.end]
        if any(cut_by(note, line) for note, line in product(tune.notes, lines)): continue
        words = chain.from_iterable(line_words(tune, start, stop) for start, stop in zip(lines, lines[1:]))
        expected = [pytest.approx(note[:3], abs=1e-6) for note in tune.notes]
        assert [note[:3] for note in bart.notes_in(list(words))] == expected


def test_a_note_held_into_the_hole_stays_and_one_that_hangs_out_of_it_goes():
    tune = Score((Track((Note(60, 0, 3), Note(62, 3, 2), Note(64, 5, 4), Note(65, 9, 3), Note(67, 12, 4))),))
    assert gap(tune, 1, 2)[:2] == (5, 9) # from the end of the held note, to that of the one taken out
    assert [note.pitch for note in without(tune, 1, 2).notes] == [60, 62, 65, 67]


def test_no_new_note_hangs_out_of_the_hole(folk):
    hole = gap(folk[0], 2, 4)
    filled = insert(folk[0], 2, 4, [Note(60, 0, 1), Note(62, 1, 1000)])
    new = [note for note in filled.notes if hole.start <= note.start < hole.stop]
    assert [note.pitch for note in new] == [60, 62] and new[-1].end == pytest.approx(hole.stop)


def test_a_rule_ends_exactly_whatever_the_dice_say(students):
    for swallow, (_, tokenizer) in students.items():
        for beats, seed in ((.25, 0), (1/3, 1), (1.5, 2), (7, 3)):
            rng, place, ids = np.random.default_rng(seed), Exactly(tokenizer, beats).start([]), []
            while not ids or ids[-1] != tokenizer.end:
                may = np.asarray(place.allowed)
                ids.append(int(rng.choice(np.flatnonzero(may) if may.dtype == bool else may)))
                place.push(ids[-1])
            words = [tokenizer.vocab[id] for id in ids if id in tokenizer.words]
            assert steps_of(words) == round(24*beats)
            assert note_share(ids, tokenizer) == 1


# Bad input: one sentence

def far(tune): return len(tune.bar_starts())


@pytest.mark.parametrize('call, words', [
    (lambda model, words, tune: fill(tune, 0, far(tune), model, words), 'leave nothing of the tune'),
    (lambda model, words, tune: fill(tune, 2, 99, model, words), 'bars 2 to 99 of a tune of'),
    (lambda model, words, tune: fill(tune, 5, 5, model, words), 'choose 0 <= first < stop'),
    (lambda model, words, tune: fill(tune, -1, 2, model, words), 'bars -1 to 2'),
    (lambda model, words, tune: fill(tune, 2, 3, model, words, around=0), 'around=0'),
    (lambda model, words, tune: fill(load_corpus('chorales')[0], 1, 2, model, words), 'more than one note'),
    (lambda model, words, tune: masked(words, ['D5_e']*4, (0, 4)), 'leave at least one'),
    (lambda model, words, tune: masked(words, ['D5_e', 'H2_z', 'E5_e'], (0, 1)), "'H2_z'"),
    (lambda model, words, tune: Holes([['D5_e']*600], words, most=600, context=512), 'the model reads 512'),
    (lambda model, words, tune: Holes([['D5_e']*4], words), 'no line of 12 words'),
    (lambda model, words, tune: Exactly(words, 1/24), 'cannot be filled'),
    (lambda model, words, tune: infilling(words, [['D5_e']*12], [(0, 4)], 'some'), "labels='some'"),
])
def test_what_cannot_be_done_is_said_in_a_sentence(students, folk, call, words):
    with pytest.raises(MelodyError) as caught: call(*students[True], folk[0])
    assert words in str(caught.value) and '\n' not in str(caught.value)


def test_a_tune_too_long_for_the_context_is_refused(students):
    model, tokenizer = students[True]
    tune = Score((Track(tuple(Note(74, beat/2, .5) for beat in range(1200))),))
    with pytest.raises(MelodyError, match='the model reads 512: choose a smaller around'):
        fill(tune, 2, 3, model, tokenizer, around=600)


def test_without_network_and_cache_the_stand_in_is_offered(monkeypatch, tmp_path):
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_OFFLINE', True)
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_CACHE', str(tmp_path))
    with pytest.raises(MelodyError, match="facebook/bart-base.*'bart-stand-in'"):
        train_arm(Arm(), size='gpu', log=None)


# The large one, by the form of its files; and the command

def test_a_checkpoint_in_the_form_of_the_large_one_is_trained_and_examined(monkeypatch, tmp_path):
    "`facebook/bart-base` holds the network without its head, in half precision."
    folder = tmp_path/'base'
    borrow('bart-stand-in').model.half().save_pretrained(folder)
    shutil.copy(base_folder('bart-stand-in')/'tokenizer.json', folder)
    monkeypatch.setitem(SIZES, 'gpu', dict(SIZES['tiny'], base=str(folder), most=SIZES['gpu']['most']))
    model, tokenizer, _ = train_arm(ARMS['rows, every token, no space'], size='gpu', log=None)
    figures = examine(model, tokenizer, 'gpu')
    assert figures['notes'] + figures['space'] + figures['text'] == pytest.approx(1)
    assert 0 <= figures['freely'] <= 1


def test_the_command_trains_saves_and_refuses_to_overwrite(tmp_path, capsys, folk):
    folder = tmp_path/'adapter'
    bart.main([str(folder), '--size', 'tiny', '--seed', '3'])
    model, tokenizer = load_adapter(folder)
    assert isinstance(model, Seq2SeqText) and tokenizer.swallow and (folder/'history.json').is_file()
    assert 'nats' in (folder/'README.md').read_text() and 'seed 3' in (folder/'README.md').read_text()
    assert fill(folk[0], 2, 4, model, tokenizer, seed=0) == fill(folk[0], 2, 4, *load_adapter(folder), seed=0)
    assert sum(path.stat().st_size for path in folder.iterdir()) < 500_000
    with pytest.raises(SystemExit) as stopped: bart.main([str(folder), '--size', 'tiny'])
    assert stopped.value.code == 1 and 'exists' in capsys.readouterr().err
    with pytest.raises(SystemExit): bart.main([str(tmp_path/'other'), '--size', 'huge'])


def test_the_command_trains_for_longer_where_it_is_asked_to(tmp_path, capsys):
    bart.main([str(tmp_path/'adapter'), '--size', 'tiny', '--steps', '6'])
    card, rows = ((tmp_path/'adapter'/name).read_text() for name in ('README.md', 'history.json'))
    assert json.loads(rows)['rows'][-1][0] == 6
    assert '--size tiny --seed 0 --steps 6`' in card and '6 updates of 2 lines' in card
    with pytest.raises(SystemExit) as stopped:
        bart.main([str(tmp_path/'none'), '--size', 'tiny', '--steps', '0'])
    assert stopped.value.code == 1 and 'steps=0' in capsys.readouterr().err and not (tmp_path/'none').exists()


def test_a_trained_arm_saved_and_reloaded_says_the_same(tmp_path):
    model, tokenizer, _ = train_arm(ARMS[bart.BEST], 2, 'tiny', log=None)
    again, words = load_adapter(save_adapter(model, tokenizer, tmp_path/'adapter'))
    untrained, _ = beginner(ARMS[bart.BEST], 'bart-stand-in', 2)
    both = torch.as_tensor(next(iter(Holes(bart.tunes()[1][:20], words)))[0])
    with torch.no_grad():
        torch.testing.assert_close(again(both), model(both), atol=1e-5, rtol=1e-5)
        assert (model(both) - untrained(both)).abs().max() > .1
    assert words.vocab == tokenizer.vocab and words.swallow


def test_an_interrupted_training_goes_on_and_ends_the_same(monkeypatch, tmp_path):
    def until(step):
        def log(line):
            if line.startswith(f'step {step}:'): raise KeyboardInterrupt
        return lambda *given, **options: fit(*given, **options, log=log)
    fit, whole = bart.fit, bart.train_bart(tmp_path/'whole', 'tiny', 0)
    monkeypatch.setattr(bart, 'fit', until(3))
    assert bart.train_bart(tmp_path/'parts', 'tiny', 0).stopped and not (tmp_path/'parts').exists()
    monkeypatch.setattr(bart, 'fit', until(1)) # what is done is not done again
    again = bart.train_bart(tmp_path/'parts', 'tiny', 0)
    expected = [pytest.approx(row[:3], abs=1e-6) for row in whole]
    assert not again.stopped and [row[:3] for row in again] == expected
