"Ten right answers and ten wrong ones for each of the twelve exercises: `right[number]`, `wrong[number]`, by name."
import math
from collections import Counter
from itertools import accumulate, chain, compress

import numpy as np
import torch
from torch.nn.functional import cross_entropy, nll_loss

from melodynb.corpus import augment, families
from melodynb.remi import RemiGrammar

right, wrong = {}, {}


def answers(table, number):
    "Everything that a function gives is put into a table, by name."
    def registered(make):
        table[number] = make()
        return make
    return registered


# 1.1 The honest overlap

def runs(text, n): return [text[at:at + n] for at in range(len(text) - n + 1)]


def known(tunes, n): return set(chain.from_iterable(runs(tune, n) for tune in tunes))


@answers(right, '1.1')
def honest_overlaps():
    def with_counter(melody, tunes, n):
        counts = Counter(runs(melody, n))
        return sum(many for run, many in counts.items() if run in known(tunes, n))/counts.total()
    def in_a_loop(melody, tunes, n):
        found = 0
        for at in range(len(melody) - n + 1):
            for tune in tunes:
                if melody[at:at + n] in tune:
                    found += 1
                    break
        return found/(len(melody) - n + 1)
    def with_arrays(melody, tunes, n): return np.isin(runs(melody, n), list(known(tunes, n))).mean()
    def by_letters(melody, tunes, n):
        own = list(zip(*(melody[i:] for i in range(n))))
        stock = {run for tune in tunes for run in zip(*(tune[i:] for i in range(n)))}
        return len([run for run in own if run in stock])/len(own)
    return dict(
        with_set=lambda melody, tunes, n: sum(run in known(tunes, n) for run in runs(melody, n))/len(runs(melody, n)),
        with_any=lambda melody, tunes, n: np.mean([any(run in tune for tune in tunes) for run in runs(melody, n)]),
        glued_by_a_line=lambda melody, tunes, n: np.mean([run in '\n'.join(tunes) for run in runs(melody, n)]),
        as_tensor=lambda melody, tunes, n:
            torch.tensor([run in known(tunes, n) for run in runs(melody, n)]).float().mean(),
        one_less_the_unknown=lambda melody, tunes, n:
            1 - np.mean([run not in known(tunes, n) for run in runs(melody, n)]),
        with_filter=lambda melody, tunes, n:
            len([*filter(known(tunes, n).__contains__, runs(melody, n))])/(len(melody) - n + 1),
        with_counter=with_counter, in_a_loop=in_a_loop, with_arrays=with_arrays, by_letters=by_letters)


@answers(wrong, '1.1')
def dishonest_overlaps():
    def hits(melody, tunes, n): return sum(run in known(tunes, n) for run in runs(melody, n))
    def others(melody, tunes, n): return np.mean([run in runs(melody, n) for run in known(tunes, n)])
    return dict(
        out_of_the_training_runs=lambda m, t, n: hits(m, t, n)/sum(len(tune) - n + 1 for tune in t),
        out_of_letters=lambda m, t, n: hits(m, t, n)/len(m),
        different_runs=lambda m, t, n: len(known(t, n) & set(runs(m, n)))/len(set(runs(m, n))),
        glued=lambda m, t, n: np.mean([run in ''.join(t) for run in runs(m, n)]),
        a_count=hits, percent=lambda m, t, n: 100*hits(m, t, n)/len(runs(m, n)),
        rounded=lambda m, t, n: round(hits(m, t, n)/len(runs(m, n)), 2),
        without_the_last=lambda m, t, n: np.mean([run in known(t, n) for run in runs(m, n)[:-1]]),
        the_other_way_round=others, first_tune_only=lambda m, t, n: np.mean([run in t[0] for run in runs(m, n)]))


# 1.2 First split, then transpose

def parted(tunes, is_held, copy=augment):
    "Families on two sides, the training side copied."
    numbers = families(tunes)
    train = [tune for tune, number in zip(tunes, numbers) if not is_held(number)]
    return copy(train), [tune for tune, number in zip(tunes, numbers) if is_held(number)]


def keys_up(tunes): return [tune.transpose(steps) for steps in range(12) for tune in tunes]


@answers(right, '1.2')
def honest_splits():
    def largest_first(tunes):
        sizes = Counter(families(tunes))
        held = {number for number, _ in sizes.most_common()[-len(tunes)//10:]}
        return parted(tunes, held.__contains__)
    def drawn(tunes):
        numbers = sorted(set(families(tunes)))
        held = set(np.random.default_rng(3).permutation(numbers)[:len(numbers)//8].tolist())
        return parted(tunes, held.__contains__)
    def by_count(tunes):
        numbers, held, count = families(tunes), set(), 0
        for number, size in Counter(numbers).items():
            if count < len(tunes)/10: held, count = held | {number}, count + size
        return parted(tunes, held.__contains__)
    def shuffled(tunes):
        train, held = parted(tunes, lambda number: number % 7 == 2)
        return [train[i] for i in np.random.default_rng(0).permutation(len(train))], held
    return dict(
        every_sixth=lambda tunes: parted(tunes, lambda number: number % 6 == 0),
        every_tenth=lambda tunes: parted(tunes, lambda number: number % 10 == 3),
        as_tuples=lambda tunes: tuple(map(tuple, parted(tunes, lambda number: number % 8 == 1))),
        by_hand=lambda tunes: parted(tunes, lambda number: number % 9 == 4, keys_up),
        downwards=lambda tunes: parted(tunes, lambda number: number % 9 == 4, lambda part: [
            tune.transpose(-steps) for tune in part for steps in range(12)]),
        as_a_dealt_pair=lambda tunes: [*parted(tunes, lambda number: number % 5 == 0)],
        largest_first=largest_first, drawn=drawn, by_count=by_count, shuffled=shuffled)


@answers(wrong, '1.2')
def leaking_splits():
    def copied_first(tunes):
        copies = augment(tunes)
        return copies[::2], copies[1::2][:len(tunes)//5]
    def at_random(tunes):
        order = np.random.default_rng(0).permutation(len(tunes))
        return augment([tunes[i] for i in order[16:]]), [tunes[i] for i in order[:16]]
    def exam_in_all_keys(tunes):
        train, held = parted(tunes, lambda number: number % 6 == 0)
        return train, augment(held)
    def turned_round(tunes): return parted(tunes, lambda number: number % 6 == 0)[::-1]
    return dict(
        copied_first=copied_first, by_place=lambda tunes: (augment(tunes[16:]), tunes[:16]), at_random=at_random,
        in_one_key=lambda tunes: parted(tunes, lambda number: number % 6 == 0, list),
        exam_in_all_keys=exam_in_all_keys, turned_round=turned_round,
        no_exam=lambda tunes: (augment(tunes), []), one_list=lambda tunes: augment(tunes),
        most_is_exam=lambda tunes: parted(tunes, lambda number: number % 6 != 0),
        six_keys=lambda tunes: parted(tunes, lambda number: number % 6 == 0, lambda part: keys_up(part)[:6*len(part)]))


# 1.3 A measure that noise cannot win

def steps(text):
    pitches = ['CcDdEFfGgAaB'.index(letter) for letter in text]
    return [(after - before) % 12 for before, after in zip(pitches, pitches[1:])]


def pairs(text): return list(zip(steps(text), steps(text)[1:]))


def triples(text): return list(zip(steps(text), steps(text)[1:], steps(text)[2:]))


def shares(texts, of):
    counts = Counter(chain.from_iterable(map(of, texts)))
    total = sum(counts.values())
    return {item: count/total for item, count in counts.items()}


def compared(of, how):
    "A measure that compares what a melody has with what the tunes have."
    taught = {}
    def measure(melody, tunes):
        key = len(tunes), tunes[0]
        if key not in taught: taught[key] = shares(tunes, of)
        return how(shares([melody], of), taught[key])
    return measure


def common(own, other): return sum(min(share, other.get(item, 0)) for item, share in own.items())


def cosine(own, other):
    size = math.sqrt(sum(share**2 for share in own.values())*sum(share**2 for share in other.values()))
    return sum(share*other.get(item, 0) for item, share in own.items())/size


def apart(own, other): return -sum(abs(own.get(item, 0) - other.get(item, 0)) for item in {*own, *other})


def hellinger(own, other): return sum(math.sqrt(share*other.get(item, 0)) for item, share in own.items())


def jensen(own, other):
    def part(one):
        return sum(share*math.log(2*share/(own.get(item, 0) + other.get(item, 0))) for item, share in one.items())
    return -part(own) - part(other)


@answers(right, '1.3')
def measures():
    by_pairs = compared(pairs, common)
    return dict(
        pairs_in_common=by_pairs, pairs_apart=compared(pairs, apart), pairs_by_roots=compared(pairs, hellinger),
        pairs_by_entropy=compared(pairs, jensen), triples_by_roots=compared(triples, hellinger),
        triples_in_common=compared(triples, common), triples_by_entropy=compared(triples, jensen),
        in_percent=lambda melody, tunes: 100*by_pairs(melody, tunes),
        less_than_zero=lambda melody, tunes: np.float64(by_pairs(melody, tunes) - 7),
        as_tensor=lambda melody, tunes: torch.tensor(by_pairs(melody, tunes)))


@answers(wrong, '1.3')
def measures_that_noise_wins():
    def likelihood(melody, tunes):
        odds = shares(tunes, pairs)
        return np.mean([math.log(odds.get(pair, 1e-4)) for pair in pairs(melody)])
    def known_runs(melody, tunes): return np.mean([any(run in tune for tune in tunes) for run in runs(melody, 4)])
    def small_steps(melody, tunes): return -np.mean([min(step, 12 - step) for step in steps(melody)])
    return dict(
        letters=compared(list, common), letters_apart=compared(list, apart), likelihood=likelihood,
        single_steps=compared(steps, common), known_runs=known_runs, small_steps=small_steps,
        repeats=lambda melody, tunes: -len(set(pairs(melody))), variety=lambda melody, tunes: len(set(pairs(melody))),
        the_same_for_all=lambda melody, tunes: .5, nearest_letters=lambda melody, tunes: max(
            sum(one == other for one, other in zip(melody, tune)) for tune in tunes))


# 2.1 The favourite and the share

@answers(right, '2.1')
def both_shares():
    def place_by_place(odds, rests):
        favourite = drawn = 0
        for row in odds:
            favourite += rests[max(range(len(row)), key=row.__getitem__)]
            drawn += sum(chance for chance, rest in zip(row, rests) if rest)
        return favourite/len(odds), drawn/len(odds)
    def in_torch(odds, rests):
        odds, rests = torch.tensor(odds), torch.tensor(rests)
        return rests[odds.argmax(1)].double().mean(), odds[:, rests].sum(1).mean()
    def by_sorting(odds, rests): return rests[np.argsort(odds, 1)[:, -1]].mean(), 1 - odds[:, ~rests].sum(1).mean()
    def by_maximum(odds, rests):
        return np.mean(odds[:, rests].max(1) > odds[:, ~rests].max(1)), odds[:, rests].sum()/len(odds)
    return dict(
        plain=lambda odds, rests: (rests[odds.argmax(1)].mean(), odds[:, rests].sum(1).mean()),
        as_product=lambda odds, rests: (rests[odds.argmax(1)].mean(), (odds @ rests).mean()),
        as_list=lambda odds, rests: [rests[odds.argmax(1)].mean(), (odds*rests).sum(1).mean()],
        as_array=lambda odds, rests: np.array([rests[odds.argmax(1)].mean(), (odds*rests).sum(1).mean()]),
        mean_first=lambda odds, rests: (rests[odds.argmax(1)].mean(), odds.mean(0)[rests].sum()),
        with_isin=lambda odds, rests:
            (np.isin(odds.argmax(1), np.flatnonzero(rests)).mean(), odds[:, rests].sum(1).mean()),
        place_by_place=place_by_place, in_torch=in_torch, by_sorting=by_sorting, by_maximum=by_maximum)


@answers(wrong, '2.1')
def other_shares():
    def both(odds, rests): return rests[odds.argmax(1)].mean(), odds[:, rests].sum(1).mean()
    return dict(
        turned_round=lambda odds, rests: both(odds, rests)[::-1], one_number=lambda odds, rests: both(odds, rests)[0],
        majority=lambda odds, rests: ((odds[:, rests].sum(1) > .5).mean(), both(odds, rests)[1]),
        over_kinds_too=lambda odds, rests: (both(odds, rests)[0], odds[:, rests].mean()),
        a_sum=lambda odds, rests: (both(odds, rests)[0], odds[:, rests].sum()),
        percent=lambda odds, rests: [100*share for share in both(odds, rests)],
        along_the_other_way=lambda odds, rests: (rests[odds.argmax(0) % len(rests)].mean(), both(odds, rests)[1]),
        of_the_vocabulary=lambda odds, rests: (both(odds, rests)[0], rests.mean()),
        least_likely=lambda odds, rests: (rests[odds.argmin(1)].mean(), both(odds, rests)[1]),
        notes=lambda odds, rests: tuple(1 - share for share in both(odds, rests)))


# 2.2 The loss that looks ahead

def ahead(logits, ids, end):
    targets = ids[:, 1:].masked_fill((ids[:, 1:] == end) & (ids[:, :-1] == end), -100)
    return cross_entropy(logits[:, :-1].flatten(0, 1), targets.flatten())


def paid(logits, ids): return -logits.log_softmax(-1).gather(-1, ids[..., None])[..., 0]


@answers(right, '2.2')
def losses():
    def asked(ids, end): return (ids[:, 1:] != end) | (ids[:, :-1] != end)
    def row_by_row(logits, ids, end):
        found = []
        for row, words in zip(logits, ids):
            length = int((words != end).sum())
            found.append(cross_entropy(row[:length], words[1:length + 1], reduction='none'))
        return torch.cat(found).mean()
    def by_hand(logits, ids, end):
        odds = logits[:, :-1] - logits[:, :-1].logsumexp(-1, keepdim=True)
        return -odds.gather(-1, ids[:, 1:, None])[..., 0][asked(ids, end)].mean()
    def weighted(logits, ids, end):
        here = asked(ids, end).double()
        return (paid(logits[:, :-1], ids[:, 1:])*here).sum()/here.sum()
    def from_nll(logits, ids, end):
        here = asked(ids, end)
        return nll_loss(logits[:, :-1][here].log_softmax(-1), ids[:, 1:][here])
    def by_cumsum(logits, ids, end):
        return paid(logits[:, :-1], ids[:, 1:])[(ids == end).cumsum(1)[:, 1:] <= 1].mean()
    return dict(
        ignored=ahead, masked=lambda logits, ids, end: paid(logits[:, :-1], ids[:, 1:])[asked(ids, end)].mean(),
        transposed=lambda logits, ids, end: cross_entropy(
            logits[:, :-1].mT, ids[:, 1:].where(asked(ids, end), torch.tensor(-100))),
        of_one_dimension=lambda logits, ids, end: ahead(logits, ids, end)[None],
        in_thousands=lambda logits, ids, end: (ahead(logits, ids, end)*1000)/1000,
        row_by_row=row_by_row, by_hand=by_hand, weighted=weighted, from_nll=from_nll, by_cumsum=by_cumsum)


@answers(wrong, '2.2')
def other_losses():
    def cut(logits, ids): return logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten()
    def mean_of_rows(logits, ids, end):
        return torch.stack([ahead(a[None], b[None], end) for a, b in zip(logits, ids)]).mean()
    return dict(
        not_shifted=lambda logits, ids, end: cross_entropy(logits.flatten(0, 1), ids.flatten(), ignore_index=end),
        backwards=lambda logits, ids, end: cross_entropy(logits[:, 1:].flatten(0, 1), ids[:, :-1].flatten()),
        no_end=lambda logits, ids, end: cross_entropy(*cut(logits, ids), ignore_index=end),
        all_filling=lambda logits, ids, end: cross_entropy(*cut(logits, ids)),
        a_sum=lambda logits, ids, end: ahead(logits, ids, end)*27, negative=lambda *given: -ahead(*given),
        number=lambda *given: ahead(*given).item(), cut_off=lambda *given: ahead(*given).detach(),
        two_softmaxes=lambda logits, ids, end: ahead(logits.softmax(-1), ids, end), mean_of_rows=mean_of_rows)


# 2.3 Neither ban nor penalty

def debt(written, rests, share, window=None):
    recent = written[-window:] if window else written
    return share*(len(recent) + 1) - sum(bool(rests[id]) for id in recent)


@answers(right, '2.3')
def rules():
    def in_place(logits, written, rests, share):
        logits[rests] += debt(written, rests, share, 39)
        return logits
    def in_lists(logits, written, rests, share):
        owed = debt(written, rests, share, 39)
        return [logit + owed if rest else logit for logit, rest in zip(logits, rests)]
    return dict(
        whole_piece=lambda logits, written, rests, share: logits + rests*debt(written, rests, share),
        last_39=lambda logits, written, rests, share: logits + rests*debt(written, rests, share, 39),
        last_40=lambda logits, written, rests, share: logits + rests*debt(written, rests, share, 40),
        stronger=lambda logits, written, rests, share: logits + 1.5*rests*debt(written, rests, share, 39),
        weaker=lambda logits, written, rests, share: logits + .8*rests*debt(written, rests, share),
        on_the_notes=lambda logits, written, rests, share: logits - ~rests*debt(written, rests, share, 39),
        as_tensor=lambda logits, written, rests, share: torch.tensor(logits + rests*debt(written, rests, share, 39)),
        moved_as_a_whole=lambda logits, written, rests, share: 3 + logits + rests*debt(written, rests, share, 39),
        in_place=in_place, in_lists=in_lists)


@answers(wrong, '2.3')
def other_rules():
    def ban(logits, written, rests, share): return np.where(rests & (debt(written, rests, share) < 0), -np.inf, logits)
    def coin(logits, written, rests, share):
        mass = np.exp(logits[rests]).sum()/np.exp(logits).sum()
        return logits + rests*(math.log(share/(1 - share)) - math.log(mass/(1 - mass)))
    def one_rest(logits, written, rests, share):
        first = np.arange(len(rests)) == np.flatnonzero(rests)[0]
        return logits + first*debt(written, rests, share, 39)
    def only_down(logits, written, rests, share): return logits + rests*min(0, debt(written, rests, share, 39))
    return dict(
        ban=ban, coin=coin, one_rest=one_rest, only_down=only_down,
        fine=lambda logits, written, rests, share: logits - 3*rests,
        nothing=lambda logits, written, rests, share: logits,
        wrong_way=lambda logits, written, rests, share: logits - rests*debt(written, rests, share, 39),
        faint=lambda logits, written, rests, share: logits + .02*rests*debt(written, rests, share, 39),
        harsh=lambda logits, written, rests, share: logits + 40*rests*debt(written, rests, share, 39),
        rests_alone=lambda logits, written, rests, share: logits[rests])


# 3.1 Who was told?

@answers(right, '3.1')
def told_shares():
    def one_by_one(targets, labels, notes):
        music = told = 0
        for target, label in zip(targets.flatten(), labels.flatten()):
            if notes[target]: music, told = music + 1, told + (label != -100)
        return told/music
    def in_torch(targets, labels, notes):
        music = torch.tensor(notes)[torch.tensor(targets)]
        return (torch.tensor(labels) != -100)[music].double().mean()
    def by_ids(targets, labels, notes):
        music = np.isin(targets, np.flatnonzero(notes))
        return np.count_nonzero(music & (labels >= 0))/np.count_nonzero(music)
    def by_rows(targets, labels, notes):
        pairs = zip(targets, labels)
        counts = sum(np.array([(notes[row] & (told >= 0)).sum(), notes[row].sum()]) for row, told in pairs)
        return counts[0]/counts[1]
    return dict(
        plain=lambda targets, labels, notes: (notes[targets] & (labels != -100)).sum()/notes[targets].sum(),
        chosen=lambda targets, labels, notes: (labels[notes[targets]] != -100).mean(),
        the_others=lambda targets, labels, notes: 1 - (labels[notes[targets]] == -100).mean(),
        equal=lambda targets, labels, notes: (labels == targets)[notes[targets]].mean(),
        product=lambda targets, labels, notes: (notes[targets]*(labels >= 0)).sum()/notes[targets].sum(),
        weighted=lambda targets, labels, notes: np.average(labels != -100, weights=notes[targets]),
        one_by_one=one_by_one, in_torch=in_torch, by_ids=by_ids, by_rows=by_rows)


@answers(wrong, '3.1')
def other_told():
    def share(targets, labels, notes): return (labels[notes[targets]] != -100).mean()
    return dict(
        all_places=lambda targets, labels, notes: (labels != -100).mean(),
        of_labels=lambda targets, labels, notes: notes[targets][labels != -100].mean(),
        among_all=lambda targets, labels, notes: (notes[targets] & (labels != -100)).mean(),
        labels_as_words=lambda targets, labels, notes: notes[labels].sum()/notes[targets].sum(),
        any_label=lambda targets, labels, notes: (labels != -100).sum()/notes[targets].sum(),
        by_line=lambda targets, labels, notes: np.mean([share(*row, notes) for row in zip(targets, labels)]),
        not_told=lambda *given: 1 - share(*given), percent=lambda *given: 100*share(*given),
        rounded=lambda *given: round(float(share(*given)), 2),
        first_line=lambda targets, labels, notes: share(targets[:1], labels[:1], notes))


# 3.2 A line with holes

def masked(words, holes):
    source = [*words]
    for start, stop in sorted(holes)[::-1]: source[start:stop] = ['<mask>']
    return [*source, '</s>']


@answers(right, '3.2')
def infillings():
    def from_the_left(words, holes):
        source, place = [], 0
        for start, stop in sorted(holes): source, place = source + words[place:start] + ['<mask>'], stop
        return source + words[place:] + ['</s>'], ['</s>'] + words, words + ['</s>']
    def word_by_word(words, holes):
        starts, hidden = {start for start, _ in holes}, {at for start, stop in holes for at in range(start, stop)}
        source = []
        for at, word in enumerate(words):
            if at in starts: source.append('<mask>')
            if at not in hidden: source.append(word)
        return source + ['</s>'], ['</s>', *words], [*words, '</s>']
    def with_offset(words, holes):
        source, lost = list(words), 0
        for start, stop in sorted(holes):
            source[start - lost:stop - lost] = ['<mask>']
            lost += stop - start - 1
        return (*source, '</s>'), ('</s>', *words), (*words, '</s>')
    def joined(words, holes):
        parts = masked(words, holes), ['</s>', *words], [*words, '</s>']
        return [' '.join(part).split() for part in parts]
    def rolled(words, holes):
        target = [*words, '</s>']
        return masked(words, holes), target[-1:] + target[:-1], target
    def on_a_copy(words, holes):
        holes = list(holes)
        holes.sort(reverse=True)
        words = words.copy()
        target = [*words, '</s>']
        for start, stop in holes: words[start:stop] = ['<mask>']
        return [*words, '</s>'], ['</s>', *target[:-1]], target
    return dict(
        plain=lambda words, holes: (masked(words, holes), ['</s>', *words], [*words, '</s>']),
        as_lists=lambda words, holes: [masked(words, holes), ['</s>'] + words, words + ['</s>']],
        as_arrays=lambda words, holes: tuple(map(np.array, (masked(words, holes), ['</s>', *words], [*words, '</s>']))),
        as_iterators=lambda words, holes: map(iter, (masked(words, holes), ['</s>', *words], [*words, '</s>'])),
        from_the_left=from_the_left, word_by_word=word_by_word, with_offset=with_offset, joined=joined, rolled=rolled,
        on_a_copy=on_a_copy)


@answers(wrong, '3.2')
def other_infillings():
    def rest(words): return ['</s>', *words], [*words, '</s>']
    def unsorted(words, holes):
        source = [*words, '</s>']
        for start, stop in holes: source[start:stop] = ['<mask>']
        return source, *rest(words)
    def a_mask_each(words, holes):
        source = [*words, '</s>']
        for start, stop in holes: source[start:stop] = ['<mask>']*(stop - start)
        return source, *rest(words)
    def sorts(words, holes):
        holes.sort()
        return masked(words, holes), *rest(words)
    def eats(words, holes):
        told = rest(words)
        for start, stop in sorted(holes)[::-1]: words[start:stop] = ['<mask>']
        return words + ['</s>'], *told
    def merged(words, holes):
        pairs_of_words = zip(masked(words, holes), ['', *masked(words, holes)])
        source = [word for word, before in pairs_of_words if not word == before == '<mask>']
        return source, *rest(words)
    return dict(
        unsorted=unsorted, a_mask_each=a_mask_each, sorts=sorts, eats=eats, merged=merged,
        copies=lambda words, holes: (masked(words, holes), [*words, '</s>'], [*words, '</s>']),
        endless=lambda words, holes: (masked(words, holes), ['</s>', *words[:-1]], words),
        source_without_end=lambda words, holes: (masked(words, holes)[:-1], *rest(words)),
        holes_alone=lambda words, holes: (
            masked(words, holes), *rest([words[at] for hole in holes for at in range(*hole)])),
        two_lists=lambda words, holes: (masked(words, holes), [*words, '</s>']))


# 3.3 A penalty without a way out

def kind_logs(logits, kinds):
    logs = logits.log_softmax(-1)
    return torch.stack([logs[..., kinds == kind].logsumexp(-1) for kind in range(4)], -1)


@answers(right, '3.3')
def penalties():
    def masked_out(logits, targets, kinds):
        asked = targets >= 0
        same = kinds == kinds[targets[asked]][:, None]
        return -logits[asked].log_softmax(-1).masked_fill(~same, -torch.inf).logsumexp(-1).mean()
    def as_entropy(logits, targets, kinds):
        wanted = torch.where(targets == -100, -100, kinds[targets.clamp_min(0)])
        return cross_entropy(kind_logs(logits, kinds).flatten(0, 1), wanted.flatten())
    def gathered(logits, targets, kinds):
        asked = targets >= 0
        return -kind_logs(logits, kinds)[asked].gather(1, kinds[targets[asked]][:, None]).mean()
    def in_a_loop(logits, targets, kinds):
        found = [row.logsumexp(-1) - row[kinds == kinds[target]].logsumexp(-1)
                 for row, target in zip(logits.flatten(0, 1), targets.flatten()) if target >= 0]
        return sum(found)/len(found)
    def two_sums(logits, targets, kinds):
        asked = targets >= 0
        same = kinds == kinds[targets[asked]][:, None]
        return (logits[asked].logsumexp(-1) - logits[asked].where(same, torch.tensor(-torch.inf)).logsumexp(-1)).mean()
    def by_kind(logits, targets, kinds):
        asked, logs = targets >= 0, kind_logs(logits, kinds)
        wanted = kinds[targets.clamp_min(0)]
        return -sum(logs[..., kind][asked & (wanted == kind)].sum() for kind in range(4))/asked.sum()
    return dict(
        masked_out=masked_out, as_entropy=as_entropy, gathered=gathered, in_a_loop=in_a_loop, two_sums=two_sums,
        by_kind=by_kind, tenfold=lambda *given: 10*masked_out(*given),
        bits=lambda *given: masked_out(*given)/math.log(2),
        of_one_dimension=lambda *given: masked_out(*given)[None], halved=lambda *given: as_entropy(*given)/2)


@answers(wrong, '3.3')
def other_penalties():
    def own(logits, targets, kinds): return right['3.3']['masked_out'](logits, targets, kinds)
    def expected(logits, targets, kinds):
        asked = targets >= 0
        return 1 - (logits[asked].softmax(-1)*(kinds == kinds[targets[asked]][:, None])).sum(-1).mean()
    def counted(logits, targets, kinds): return (kinds[logits.argmax(-1)] == 0).float().mean()
    return dict(
        the_accounts=lambda logits, targets, kinds: -logits.softmax(-1)[..., kinds == 0].sum(-1).log().mean(),
        sign_mended=lambda logits, targets, kinds: -logits.log_softmax(-1)[..., kinds != 0].logsumexp(-1).mean(),
        text_mass=lambda logits, targets, kinds: logits.softmax(-1)[..., kinds == 0].sum(-1).mean(),
        music_everywhere=lambda logits, targets, kinds: -logits.log_softmax(-1)[..., kinds == 1].logsumexp(-1).mean(),
        every_word=lambda logits, targets, kinds: cross_entropy(logits.flatten(0, 1), targets.flatten()),
        filling_too=lambda logits, targets, kinds: own(logits, targets.clamp_min(0), kinds),
        expected=expected, counted=counted, negative=lambda *given: -own(*given),
        number=lambda *given: own(*given).item())


# 4.1 Bits per note

@answers(right, '4.1')
def bits():
    def in_a_loop(nats, kinds):
        bits = notes = 0
        for cost, kind in zip(nats, kinds): bits, notes = bits + cost/math.log(2), notes + (kind == 'Pitch')
        return bits/notes
    return dict(
        plain=lambda nats, kinds: sum(nats)/math.log(2)/kinds.count('Pitch'),
        arrays=lambda nats, kinds: np.sum(nats)/np.log(2)/np.sum(np.array(kinds) == 'Pitch'),
        factor=lambda nats, kinds: sum(nats)*math.log2(math.e)/kinds.count('Pitch'),
        counter=lambda nats, kinds: sum(nats)/math.log(2)/Counter(kinds)['Pitch'],
        mean_times=lambda nats, kinds: np.mean(nats)*len(nats)/np.log(2)/kinds.count('Pitch'),
        exact=lambda nats, kinds: math.fsum(nats)/(kinds.count('Pitch')*math.log(2)),
        tensor=lambda nats, kinds: torch.tensor(nats, dtype=torch.float64).sum()/math.log(2)/kinds.count('Pitch'),
        chosen=lambda nats, kinds: sum(nats)/math.log(2)/len([kind for kind in kinds if kind == 'Pitch']),
        accumulated=lambda nats, kinds: [*accumulate(nats)][-1]/np.log(2)/kinds.count('Pitch'), in_a_loop=in_a_loop)


@answers(wrong, '4.1')
def other_bits():
    def per(nats, kinds, kind): return sum(nats)/math.log(2)/kinds.count(kind)
    return dict(
        nats=lambda nats, kinds: sum(nats)/kinds.count('Pitch'), per_token=lambda nats, kinds: np.mean(nats)/np.log(2),
        multiplied=lambda nats, kinds: sum(nats)*math.log(2)/kinds.count('Pitch'),
        by_durations=lambda nats, kinds: per(nats, kinds, 'Duration'),
        by_positions=lambda nats, kinds: per(nats, kinds, 'Position'),
        pitches_alone=lambda nats, kinds: per([*compress(nats, [kind == 'Pitch' for kind in kinds])], kinds, 'Pitch'),
        whole_piece=lambda nats, kinds: sum(nats)/math.log(2),
        base_ten=lambda nats, kinds: sum(nats)/math.log(10)/kinds.count('Pitch'),
        rounded=lambda nats, kinds: round(per(nats, kinds, 'Pitch'), 1),
        one_less=lambda nats, kinds: per(nats[1:], kinds, 'Pitch'))


# 4.2 Ahead by how much

def fits(inputs, targets, shift):
    length = inputs.shape[1]
    asked, read = targets[:, :length - shift], inputs[:, shift:]
    return bool(((asked == read) | (asked == -100)).all())


@answers(right, '4.2')
def shifts():
    def row_by_row(inputs, targets):
        for shift in range(inputs.shape[1]):
            pairs = ((a, b) for x, y in zip(inputs.tolist(), targets.tolist()) for a, b in zip(y, x[shift:]))
            if all(a in (b, -100) for a, b in pairs): return shift
    def most_hits(inputs, targets):
        length = inputs.shape[1]
        def share(shift):
            asked, read = targets[:, :length - shift], inputs[:, shift:]
            return ((asked == read) & (asked != -100)).sum()/max(1, (asked != -100).sum())
        return max(range(8), key=lambda shift: (float(share(shift)), -shift))
    def in_torch(inputs, targets):
        inputs, targets = torch.as_tensor(inputs), torch.as_tensor(targets)
        return next(shift for shift in range(inputs.shape[1]) if fits(inputs, targets, shift))
    def while_loop(inputs, targets):
        shift = 0
        while not fits(inputs, targets, shift): shift += 1
        return shift
    return dict(
        first=lambda x, y: next(shift for shift in range(x.shape[1]) if fits(x, y, shift)),
        least=lambda x, y: min(shift for shift in range(10) if fits(x, y, shift)),
        index=lambda x, y: [fits(x, y, shift) for shift in range(12)].index(True),
        as_array=lambda x, y: np.argmax([fits(x, y, shift) for shift in range(12)]),
        as_numpy=lambda x, y: np.int64([fits(x, y, shift) for shift in range(12)].index(True)),
        up_to_six=lambda x, y: next(shift for shift in range(7) if fits(x, y, shift)),
        row_by_row=row_by_row, most_hits=most_hits, in_torch=in_torch, while_loop=while_loop)


@answers(wrong, '4.2')
def other_shifts():
    def first(x, y): return right['4.2']['first'](x, y)
    def filling_is_music(x, y):
        length = x.shape[1]
        return next((shift for shift in range(length) if bool((y[:, :length - shift] == x[:, shift:]).all())), -1)
    def any_fit(x, y):
        length = x.shape[1]
        return next((shift for shift in range(length) if bool((y[:, :length - shift] == x[:, shift:]).any())), -1)
    return dict(
        always_one=lambda x, y: 1, always_two=lambda x, y: 2, first_row=lambda x, y: first(x[:1], y[:1]),
        last_row=lambda x, y: first(x[-1:], y[-1:]), filling_is_music=filling_is_music, any_fit=any_fit,
        one_more=lambda x, y: first(x, y) + 1, behind=lambda x, y: -first(x, y),
        up_to_two=lambda x, y: min(2, first(x, y)),
        a_truth=lambda x, y: fits(x, y, 1))


# 4.3 A law of your own

SCALE = {7, 9, 11, 0, 2, 4, 6}


def lawful(ids, tokenizer, scale=SCALE, most=7, least=0, bars=8):
    "The ids that a law lets follow."
    sung = [int(tokenizer.values[id]) for id in ids if tokenizer.kinds[id] == 'Pitch']
    def keeps(id):
        if tokenizer.kinds[id] != 'Pitch': return True
        pitch = int(tokenizer.values[id])
        return pitch % 12 in scale and (not sung or least <= abs(pitch - sung[-1]) <= most)
    return [int(id) for id in np.flatnonzero(RemiGrammar(tokenizer, bars=bars).start(ids).allowed) if keeps(id)]


@answers(right, '4.3')
def laws():
    def mask(ids, tokenizer): return np.isin(np.arange(len(tokenizer)), lawful(ids, tokenizer))
    def subtracted(ids, tokenizer):
        allowed = RemiGrammar(tokenizer, bars=8).start(ids).allowed.copy()
        last = next((int(tokenizer.values[id]) for id in reversed(ids) if tokenizer.kinds[id] == 'Pitch'), None)
        for id, kind in enumerate(tokenizer.kinds):
            if kind != 'Pitch': continue
            pitch = int(tokenizer.values[id])
            if pitch % 12 not in SCALE or last is not None and abs(pitch - last) > 7: allowed[id] = False
        return allowed
    return dict(
        ids=lawful, mask=mask, subtracted=subtracted, as_set=lambda *given: set(lawful(*given)),
        as_array=lambda *given: np.array(lawful(*given)), as_tuple=lambda *given: tuple(lawful(*given)),
        as_tensor=lambda *given: torch.tensor(lawful(*given)), bools=lambda *given: mask(*given).tolist(),
        tensor_mask=lambda *given: torch.tensor(mask(*given)), turned=lambda *given: lawful(*given)[::-1])


@answers(wrong, '4.3')
def other_laws():
    def notes_only(ids, tokenizer): return [id for id in lawful(ids, tokenizer) if tokenizer.kinds[id] == 'Pitch']
    return dict(
        scale_alone=lambda ids, t: lawful(ids, t, most=127), steps_alone=lambda ids, t: lawful(ids, t, scale=range(12)),
        c_major=lambda ids, t: lawful(ids, t, scale={0, 2, 4, 5, 7, 9, 11}),
        no_repeat=lambda ids, t: lawful(ids, t, least=1),
        a_fourth=lambda ids, t: lawful(ids, t, most=5), an_octave=lambda ids, t: lawful(ids, t, most=12),
        seven_bars=lambda ids, t: lawful(ids, t, bars=7), no_grammar=lambda ids, t: [
            id for id, kind in enumerate(t.kinds) if kind != 'Pitch' or int(t.values[id]) % 12 in SCALE],
        numbers=lambda ids, t: np.isin(np.arange(len(t)), lawful(ids, t)).astype(int), notes_only=notes_only)


# The steps inside the story: three wrong answers each

def out_of_one(powers): return powers/powers.sum()

wrong_steps = {
    '1.a': (lambda chance: -np.log2(chance), lambda chance: np.log(chance), lambda chance: 1/chance - 1),
    '1.b': (lambda logits: np.exp(logits), lambda logits: out_of_one(2**logits), lambda logits: out_of_one(logits**2)),
    '2.a': (lambda width, rank: width**2, lambda width, rank: 2*width, lambda width, rank: width**2 + 2*width*rank),
    '2.b': (lambda odds, temperature: out_of_one(odds**temperature), lambda odds, temperature: odds**(1/temperature),
            lambda odds, temperature: out_of_one(np.exp(odds/temperature))),
    '3.a': (lambda outside: np.log(1 - outside), lambda outside: 1/outside, lambda outside: outside),
    '3.b': (lambda left, lengths: [length for length in lengths if left % length == 0],
            lambda left, lengths: [min(lengths)], lambda left, lengths: []),
    '4.a': (lambda row: (row[:-1], row[2:]), lambda row: (row, row[1:]), lambda row: (row[1:], row[:-1])),
    '4.b': (lambda odds, allowed: out_of_one(odds), lambda odds, allowed: np.where(allowed, odds + .5, 0),
            lambda odds, allowed: out_of_one(odds)*~allowed)}
