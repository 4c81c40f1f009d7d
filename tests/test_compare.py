"Bits per note against sources of known entropy, whatever the form, the batch, the context or the stride."
import json
import math
import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from melodynb import bart
from melodynb.compare import (KINDS, HiddenNote, TrueSource, bits_figure, bits_per_note, exam, hidden_bits,
                              hidden_notes, kept, leaderboard)
from melodynb.corpus import load_corpus, split_by_family
from melodynb.figures import per_symbol
from melodynb.models import load
from melodynb.ngrams import KneserNey, Unigram
from melodynb.pretrained import CausalText, TextTokenizer, add_lora, borrow, save_adapter
from melodynb.pretrained import add_rows
from melodynb.remi import RemiTokenizer
from melodynb.remi_transformer import kind_losses
from melodynb.score import MelodyError, Note, Score, Track
from melodynb.tokenizers import CharTokenizer

ODDS = [1/2, 1/4, 1/8, 1/8]
PITCHES = [(60, 1), (62, 1), (64, 1), (65, 1)] # of one length: letters can say all of it
LENGTHS = [(60, 1), (62, 1), (60, .5), (65, 1)] # the third sounds like the first, but shorter
CLASSES = -sum(odd*math.log2(odd) for odd in (5/8, 1/4, 1/8)) # entropy of the pitch classes of LENGTHS
WORDS = ['C4_q', 'D4_q', 'E4_q', 'F4_q', 'C4_e']
FORMS = {
    'letters': CharTokenizer(), 'octaves': CharTokenizer(octaves=True),
    'REMI': RemiTokenizer(), 'loud REMI': RemiTokenizer(grid=4, velocities=8),
    'words': TextTokenizer(words=WORDS), 'swallowing words': TextTokenizer(words=WORDS, swallow=True),
    'byte pairs': TextTokenizer(),
}


def tunes(notes, count=2):
    "All tunes of so many notes, and how likely each is."
    if not count: return [((), 1.)]
    longer = product(tunes(notes, count - 1), zip(notes, ODDS))
    return [((*tune, note), share*odd) for (tune, share), (note, odd) in longer]


def score(tune):
    starts = np.cumsum([0, *(beats for _, beats in tune)])
    notes = (Note(pitch, start, beats) for (pitch, beats), start in zip(tune, starts.tolist()))
    return Score((Track(tuple(notes), name='Melody'),))


def known(notes, form, **options):
    "The bits that a form's own true model needs where everything is as often as it is likely."
    every = [(score(tune), share) for tune, share in tunes(notes)]
    sample = []
    for one, share in every: sample += [one]*round(64*share)
    return bits_per_note(TrueSource(form, *zip(*every)), form, sample, **options)


@pytest.mark.parametrize('name', FORMS)
def test_every_form_finds_the_entropy_of_the_source(name):
    assert known(PITCHES, FORMS[name]).total.value == pytest.approx(1.75, rel=.01)


@pytest.mark.parametrize('name', FORMS)
def test_what_a_form_drops_is_not_paid_for(name):
    found = known(LENGTHS, FORMS[name])
    assert found.total.value == pytest.approx(CLASSES if name in ('letters', 'octaves') else 1.75, rel=.01)
    assert sum(found[kind].value for kind in KINDS) == pytest.approx(found.total.value)


@pytest.mark.parametrize('name', [name for name in FORMS if name != 'byte pairs'])
def test_pitch_classes_cost_the_same_in_every_form_that_names_them(name):
    found = known(LENGTHS, FORMS[name])
    assert found.shared.value == pytest.approx(CLASSES, rel=.01)
    assert found['pitch'].value == pytest.approx(CLASSES, rel=.01)
    if name in ('letters', 'octaves'): return
    assert found['rhythm'].value == pytest.approx(1.75 - CLASSES, rel=.02)


def test_byte_pairs_have_no_place_for_the_shared_question():
    found = known(LENGTHS, FORMS['byte pairs'])
    assert found.shared is None and found['text'].value == pytest.approx(1.75, rel=.01)


def test_a_longer_source_sampled_at_random_comes_out_within_one_per_cent():
    every = [(score(tune), share) for tune, share in tunes(LENGTHS, 4)]
    scores, shares = zip(*every)
    drawn = np.random.default_rng(0).choice(len(scores), 3000, p=shares)
    form = FORMS['REMI']
    source = TrueSource(form, scores, shares)
    found = bits_per_note(source, form, [form.encode(scores[i]) for i in drawn], batch_size=64)
    assert found.total.value == pytest.approx(1.75, rel=.01) and found.total.low < 1.75 < found.total.high


def test_batch_size_and_padding_do_not_count():
    form, some = FORMS['REMI'], load_corpus('folk')[:12]
    model = load('remi-folk')[0]
    tokenizer = load('remi-folk')[1]
    one, many = (bits_per_note(model, tokenizer, some, batch_size=size) for size in (1, 12))
    np.testing.assert_allclose(one.costs, many.costs, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(one.classes, many.classes, rtol=1e-4, atol=1e-3)


class Bigram(nn.Module):
    "Odds that follow from the token before alone."
    def __init__(self, V):
        super().__init__()
        self.vocab_size, self.context = V, 300
        self.table = nn.Parameter(torch.randn(V, V, generator=torch.Generator().manual_seed(0)))
    def forward(self, ids): return self.table[ids]


def test_context_and_stride_do_not_count_where_memory_is_short():
    form, some = CharTokenizer(), load_corpus('folk')[:8]
    def costs(context, stride):
        return bits_per_note(Bigram(len(form)), form, some, context=context, stride=stride).costs
    whole = costs(300, None)
    for window in (16, 5), (7, 7), (4, 1): np.testing.assert_allclose(costs(*window), whole, rtol=1e-5)


class Counting(nn.Module):
    "Sure of the letter C if it has seen at least so many tokens, else of D."
    def __init__(self, form, least):
        super().__init__()
        self.form, self.least, self.context, self.vocab_size = form, least, 64, len(form)
    def forward(self, ids):
        logits = torch.zeros(*ids.shape, self.vocab_size)
        logits[:, self.least:, self.form.ids['C']] = 50
        return logits


def test_what_is_new_in_a_window_has_context_minus_stride_before_it():
    form = CharTokenizer()
    def cost(least, stride):
        found = bits_per_note(Counting(form, least), form, ['C'*200]*2, context=64, stride=stride)
        return found['pitch'].value
    assert cost(48, 16) == pytest.approx(math.log2(14)*48/200, rel=1e-4) # only the first window's first 48
    assert cost(49, 16) > cost(48, 16)*1.1 # one more than context - stride: every window pays


def test_pitch_agrees_with_the_losses_by_kind_of_attempt_4():
    model, tokenizer = load('remi-folk')
    some = sorted(load_corpus('folk'), key=lambda tune: len(tune.notes))[200:210]
    found, losses = bits_per_note(model, tokenizer, some), kind_losses(model, tokenizer, some)
    assert found['pitch'].value == pytest.approx(per_symbol(losses['Pitch'])/math.log(2), rel=1e-5)
    rhythm = (losses['Position'] + losses['Duration'])[:, 0].sum()/math.log(2)/losses['Pitch'][:, 1].sum()
    assert found['rhythm'].value == pytest.approx(rhythm, rel=1e-5)


@pytest.mark.parametrize('tokenizer', [CharTokenizer(), RemiTokenizer(grid=12, solo=True)])
def test_baselines_cost_what_they_say_themselves(tokenizer):
    train, _, test = split_by_family(load_corpus('folk')[:300])
    counted = KneserNey(3, tokenizer).fit(train)
    found = bits_per_note(counted, tokenizer, test)
    np.testing.assert_allclose(found.costs.sum(1), counted.losses(test)[:, 0]/math.log(2), rtol=1e-6)
    assert found.notes.sum() == sum(len(tune.notes) for tune in test)


def test_two_spellings_cost_the_coin():
    form = FORMS['words']
    def spell(rest): return f'{{"bpm": 120, "meter": "4/4", "Melody": [C4_q {rest} D4_q]}}'
    pair = [spell('Rest_w'), spell('Rest_h Rest_h')]
    assert form.decode(form.encode(pair[0])) == form.decode(form.encode(pair[1]))
    assert bits_per_note(TrueSource(form, pair), form, pair).total.value == pytest.approx(.5)


def test_what_a_form_keeps():
    some = load_corpus('folk')[:30]
    letters, remi = kept(CharTokenizer(), some), kept(RemiTokenizer(grid=24, solo=True), some)
    assert letters['notes'] == 1 and letters['pitch class'] == 1
    assert letters['duration'] < .9 and letters['onset'] < .5
    assert remi['octave'] == remi['onset'] == remi['duration'] == remi['meter'] == remi['key'] == 1
    assert 'velocity' not in remi # it never varies in these tunes
    chorales = load_corpus('chorales')[:5]
    assert kept(CharTokenizer(), chorales)['notes'] < .4


def test_a_model_that_rules_out_what_came_is_refused():
    form = CharTokenizer()
    class Sure(nn.Module):
        context = 64
        def forward(self, ids):
            never = torch.full((*ids.shape, len(form)), -math.inf)
            return never.index_fill(2, torch.tensor([1]), 0)
    with pytest.raises(MelodyError, match='probability 0'): bits_per_note(Sure(), form, ['CDE', 'CDE'])
    with pytest.raises(MelodyError, match='need notes'): bits_per_note(Bigram(14), form, ['RR', 'RRR'])


def test_the_model_is_left_in_its_mode():
    model, form = Bigram(14), CharTokenizer()
    model.train()
    bits_per_note(model, form, ['CDE', 'CDE'])
    assert model.training


# Holes, and the table of all

@pytest.fixture(scope='module')
def filler():
    return bart.beginner(bart.Arm(rows=True, swallow=True), 'bart-stand-in')


# A source in which notes depend on each other: ((tune, _), how likely it is)
THIRDS = list(zip(tunes(PITCHES[:3], 3), np.random.default_rng(0).dirichlet([.4]*27)))


def expected(both):
    "What each middle note of the source costs, counted over all its tunes."
    end = 3 if both else 2
    def seen(tune): return tune[:1] + tune[2:end]
    def bits(tune):
        like = sum(odd for (other, _), odd in THIRDS if other[:end] == tune[:end])
        around = sum(odd for (other, _), odd in THIRDS if seen(other) == seen(tune))
        return -math.log2(like/around)
    return [bits(tune) for (tune, _), _ in THIRDS]


@pytest.mark.parametrize('sees', ['both', 'left'])
@pytest.mark.parametrize('name', FORMS)
def test_a_hidden_note_costs_what_the_source_says(name, sees):
    form, hidden = FORMS[name], [HiddenNote(score(tune), 1) for (tune, _), _ in THIRDS]
    model = TrueSource(form, [score(tune) for (tune, _), _ in THIRDS], [odd for _, odd in THIRDS])
    found = hidden_bits(model, form, hidden, sees=sees)
    np.testing.assert_allclose(found, expected(sees == 'both'), atol=1e-4)


MELODY = score([(pitch, 1) for pitch in (62, 64, 66, 67, 69, 71, 69, 62, 64, 62, 66, 67)])


def reversed_after(score, place):
    notes = score.notes
    turned = [note._replace(pitch=other.pitch) for note, other in zip(notes[place + 1:], notes[:place:-1])]
    return HiddenNote(Score((Track((*notes[:place + 1], *turned), name='Melody'),)), place)


def test_what_is_withheld_changes_nothing(filler):
    pairs = [(HiddenNote(MELODY, place), reversed_after(MELODY, place)) for place in (4, 6)]
    before, after = (hidden_bits(*filler, some, sees='left') for some in zip(*pairs))
    np.testing.assert_array_equal(before, after)
    assert np.abs(np.subtract(*(hidden_bits(*filler, some) for some in zip(*pairs)))).max() > 1e-6


def test_a_model_with_an_encoder_says_what_stands_behind_the_mask(filler):
    model, tokenizer = filler
    found = hidden_bits(model, tokenizer, [HiddenNote(MELODY, 4)])
    words = [f'{name}_q' for name in 'D4 E4 F#4 G4 A4 B4 A4 D4 E4 D4 F#4 G4'.split()]
    source, target, inside = bart.masked(tokenizer, words, (4, 5))
    with torch.no_grad(): logits = model.eval().given(source)(torch.tensor([[tokenizer.end, *target]]))
    shares = logits[0, inside.start].softmax(-1)
    versions = [bart.line_words(HiddenNote(MELODY, 4).holding(pitch))[4] for pitch in range(62, 72)]
    odds = {word: shares[tokenizer.ids[word]].item() for word in versions if word in tokenizer.ids}
    assert found == pytest.approx(-math.log2(odds['A4_q']/sum(odds.values())), rel=1e-4)


def test_dropout_is_off_while_a_model_is_asked_and_on_again_after(filler):
    model, some = filler[0], [HiddenNote(MELODY, 4), HiddenNote(MELODY, 6)]
    calm = hidden_bits(model.eval(), filler[1], some)
    np.testing.assert_array_equal(hidden_bits(model.train(), filler[1], some), calm)
    assert model.training


def test_the_pitch_class_is_no_figure_where_notes_are_spelled():
    form = TextTokenizer(words=WORDS[:1]) # one word of five
    assert known(PITCHES, form).shared is None
    assert known(PITCHES, TextTokenizer(words=WORDS)).shared is not None


def test_notes_to_be_guessed_are_chosen_well():
    test = split_by_family(load_corpus('folk'))[2]
    found = hidden_notes(test, 20)
    assert len({one.score for one in found}) == 20
    for one in found: assert len(one.score.notes) == 32 and 8 <= one.place < 24
    assert found == hidden_notes(test, 20) != hidden_notes(test, 20, seed=1)
    assert found[0].note == found[0].score.notes[found[0].place]
    assert found[0].holding(found[0].note.pitch) == found[0].score
    with pytest.raises(MelodyError, match='0 of 32 notes'): hidden_notes([MELODY]*3)
    with pytest.raises(MelodyError, match="'both' or 'left'"):
        hidden_bits(Bigram(14), CharTokenizer(), found, sees='right')


def test_a_model_of_ones_own_and_adapters_join_the_table(tmp_path, monkeypatch, filler):
    from melodynb import compare
    words = TextTokenizer(words=WORDS)
    network = add_lora(add_rows(borrow('gpt2-stand-in'), len(WORDS)), trained=words.words)
    save_adapter(CausalText(network), words, tmp_path/'lora')
    save_adapter(*filler, tmp_path/'bart')
    assert {'char-gpt', 'remi-folk'} <= set(compare._attempts())
    monkeypatch.setattr(compare, '_attempts', lambda: {'char-gpt': 'char-gpt'})
    form = CharTokenizer()
    own = Unigram(form).fit(load_corpus('folk')[:50])
    own_ones = dict(mine=(own, form), lora=tmp_path/'lora', bart=str(tmp_path/'bart'))
    board = leaderboard(tunes=4, pieces=5, seeds=2, baselines=False, **own_ones)
    rows = {row['contestant']: row for row in board.rows}
    assert list(rows) == ['char-gpt', 'mine', 'lora', 'bart']
    assert rows['lora']['bits per note'].value > rows['char-gpt']['bits per note'].value > 0
    assert [len(part) for part in board.music['mine']] == [5, 5] and board.music['bart'] == []
    assert rows['bart']['keeps'] == 'conditional: what is hidden'
    assert rows['bart']['hidden note'].value > 0 and rows['bart']['bits per note'] == ''
    assert len({board.colors[name] for name in rows}) == 4
    order = [row['contestant'] for row in board.sort('bits per note').rows]
    assert order[-1] == 'bart' and order.index('char-gpt') < order.index('mine')


def test_no_two_attempts_share_a_split():
    "What is scored was seen by no model: every training command leaves out the table's test tunes."
    from melodynb.compare import _folk
    parts = split_by_family(load_corpus('folk'))
    for ours, part in zip(_folk(), parts):
        assert [score.notes for score in ours] == [score.notes for score in part]


FROM = {'50_compare.ipynb': 16, '04c_ngrams.ipynb': 1, '05_metrics.ipynb': 2} # so many links or more


def test_links_to_other_notebooks_lead_somewhere():
    folder = Path(__file__).parent.parent/'nbs'
    def text(name):
        cells = json.loads((folder/name).read_text())['cells']
        return '\n'.join(''.join(cell['source']) for cell in cells if cell['cell_type'] == 'markdown')
    def slug(title): return re.sub(r'\s+', '-', re.sub(r'[^\w\s-]', '', title.lower()).strip())
    def anchors(name):
        titles = map(slug, re.findall('^#+ (.+)$', text(name), re.M))
        return {*re.findall('id="([^"]+)"', text(name)), *titles}
    for name, least in FROM.items():
        links = re.findall(r'\]\(([\w.]*)#([\w-]+)\)', text(name))
        assert len(links) >= least
        assert [link for link in links if link[1] not in anchors(link[0] or name)] == []


def test_that_a_note_comes_is_granted_before_its_class_is_asked():
    form, some = CharTokenizer(), load_corpus('folk')[:5]
    dice = Bigram(len(form))
    torch.nn.init.zeros_(dice.table)
    assert bits_per_note(dice, form, some).shared.value == pytest.approx(math.log2(12), rel=1e-6)


# What goes wrong

class Broken(nn.Module):
    "A network whose logits are no numbers, or not logits at all."
    def __init__(self, answer):
        super().__init__()
        self.answer = answer

    def forward(self, ids): return self.answer(ids)


def twice(ids): return ids, ids


def nothing(ids): return torch.full((*ids.shape, 14), math.nan)


LETTERS, TWO = CharTokenizer(), ['CDEF', 'DEFG']
HOLE, TAKEN = [HiddenNote(MELODY, 4)], (Unigram(LETTERS).fit(TWO), LETTERS)
CHORD = Score((Track((Note(60, 0, 1), Note(64, 0, 1), Note(62, 1, 1))),))
WRONG = {
    'NaN': (lambda: bits_per_note(Broken(nothing), LETTERS, TWO), 'are NaN or infinite'),
    'a pair': (lambda: bits_per_note(Broken(twice), LETTERS, TWO), 'the model answers tuple'),
    'flat logits': (lambda: bits_per_note(Broken(torch.Tensor.float), LETTERS, TWO), 'give logits (B,T,V)'),
    'no model': (lambda: bits_per_note(None, LETTERS, TWO), 'is no network'),
    'an encoder': (lambda: bits_per_note(load('bart-folk')[0], LETTERS, TWO), 'ask it with hidden_bits'),
    'a chord': (lambda: hidden_bits(Bigram(14), LETTERS, [HiddenNote(CHORD, 0)]), 'more than one line'),
    'a plain score': (lambda: hidden_bits(Bigram(14), LETTERS, [MELODY]), 'make a list of them'),
    'a place outside': (lambda: hidden_bits(Bigram(14), LETTERS, [HiddenNote(MELODY, 12)]), 'choose 0 to 11'),
    'nothing hidden': (lambda: hidden_bits(Bigram(14), LETTERS, []), 'nothing to guess'),
    'NaN behind a hole': (lambda: hidden_bits(Broken(nothing), LETTERS, HOLE), 'no chance to any note'),
    'count': (lambda: hidden_notes([MELODY], count=0), 'count=0'),
    'reach': (lambda: hidden_notes([MELODY], reach=1), 'reach=1'),
    'nothing to keep': (lambda: kept(LETTERS, []), '0 scores'),
    'no source': (lambda: TrueSource(LETTERS, []), 'a source of 0 tunes'),
    'no bars': (lambda: bits_figure({}), '0 bars'),
    'two words': (lambda: leaderboard(mine=('a', 'b')), 'give (model, tokenizer)'),
    'no pieces': (lambda: leaderboard(pieces=-5, seeds=-5), 'needs 10 or more'),
    'one tune': (lambda: leaderboard(tunes=1), 'choose 2 or more'),
    'half a tune': (lambda: leaderboard(tunes=2.5), 'choose 2 or more'),
    'a name that is taken': (lambda: leaderboard(people=TAKEN), 'choose another name'),
}


@pytest.mark.parametrize('what', WRONG)
def test_what_cannot_be_measured_is_refused_in_a_sentence(what):
    ask, part = WRONG[what]
    with pytest.raises(MelodyError) as refused: ask()
    assert part in str(refused.value) and '\n' not in str(refused.value)


def test_an_exam_gives_what_each_reader_pays_on_each_book():
    "The figures of `bits_per_note`, titles left out; the same book twice is no dearer."
    letters = CharTokenizer()
    train, valid, test = split_by_family(load_corpus('folk'))
    counting = Unigram(letters).fit(train[:50])
    books = {'one': test[:8], 'again': test[:8], 'short': test[8:10]}
    found = exam(books, baselines=False, counting=(counting, letters))
    bits = found.bits['counting']
    assert bits['one'].total == bits['again'].total == bits_per_note(counting, letters, test[:8]).total
    row = next(row for row in found.rows if row['reader'] == 'counting')
    assert list(row) == ['reader', 'one', 'again', 'short', 'dearer by'] and row['dearer by'].value == 0
    assert row['dearer by'].low < 0 < row['dearer by'].high and 'bart-folk' not in found.bits


def test_no_symbol_is_impossible_after_what_was_read_in_twelve_keys():
    "Discounts of equation 26 came out as 0, and a tritone behind a rest had no chance at all."
    train = split_by_family(load_corpus('folk'))[0]
    model = KneserNey(5).fit(train, transpositions=range(12))
    assert model.probabilities(model.tokenizer.encode('CDRF')).min() > 0
