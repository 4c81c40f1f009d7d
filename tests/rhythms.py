"Random rhythms of every kind that music writes, from a seed: what notation is tested with."
import random
from fractions import Fraction

from melodynb.score import Change, Note, Score, Track

METERS = ((4, 4), (3, 4), (2, 4), (2, 2), (3, 8), (6, 8), (9, 8), (12, 8), (5, 8), (7, 8), (5, 4), (6, 4))
KEYS = ('C major', 'G minor', 'D dorian', 'F# minor', 'Eb major', 'B mixolydian', 'Gb major', 'E phrygian')
UNITS = [Fraction(4, 2**power) for power in range(1, 7)]  # a half to a 64th, in quarter notes
TUPLETS = (3, 2), (3, 2), (5, 4), (6, 4), (7, 4), (3, 4)


def plain(rng):
    "One to three notes of one value, dotted or not."
    unit = rng.choice(UNITS)
    dotted = unit > UNITS[-1] and rng.random() < .25
    return [unit*Fraction(3, 2) if dotted else unit]*rng.randint(1, 3)


def tuplet(rng):
    "A tuplet whose notes may be halves, doubles or dotted ones of its unit."
    actual, normal = rng.choice(TUPLETS)
    unit = rng.choice(UNITS[1:])
    step = unit*normal/actual
    factors = [1, 1, 1, 2] + ([Fraction(1, 2), Fraction(3, 2)] if unit > UNITS[-1] else [])
    lengths, left = [], Fraction(actual)
    while left:
        lengths.append(min(left, Fraction(rng.choice(factors))))
        left -= lengths[-1]
    return [length*step for length in lengths]


def even(meter):
    "A pulse of a compound meter in two or in four."
    return [Fraction(3, 4)]*2, [Fraction(3, 8)]*4


def bar(rng, meter):
    "Lengths that fill a bar; each kind may begin anywhere in it."
    left, lengths = Fraction(4*meter[0], meter[1]), []
    compound = meter[1] == 8 and meter[0] % 3 == 0
    while left:
        at_pulse = compound and left % Fraction(3, 2) == 0
        group = plain(rng) if rng.random() < .6 else tuplet(rng)
        if at_pulse and rng.random() < .2: group = rng.choice(even(meter))
        if sum(group) > left: group = [min(left, rng.choice(UNITS))]
        lengths += group
        left -= sum(group)
    return lengths


def line(rng, meters, low, high):
    "Notes through bars: some neighbours are tied, some silent, pitches wander."
    lengths = [length for meter in meters for length in bar(rng, meter)]
    notes, place, pitch, tied = [], Fraction(0), rng.randint(low + 5, high - 5), False
    for length in lengths:
        if tied and notes: notes[-1] = notes[-1]._replace(duration=float(place + length - Fraction(notes[-1].start)))
        elif rng.random() < .85:
            pitch = min(high, max(low, pitch + rng.choice((-3, -2, -1, -1, 0, 1, 1, 2, 4))))
            notes.append(Note(pitch, float(place), float(length), rng.randint(1, 127)))
        place += length
        tied = bool(notes) and rng.random() < .12 and abs(notes[-1].end - place) < 1e-6
    return notes


def score(seed):
    "A piece of one to four tracks, with every field and change that a score can have."
    rng = random.Random(seed)
    first = rng.choice(METERS)
    meters = [first]*rng.randint(1, 4)
    changes, end = [], sum(Fraction(4*beats, unit) for beats, unit in meters)
    if rng.random() < .3:
        meters += [rng.choice(METERS)]*2
        changes.append(Change(float(end), 'meter', meters[-1]))
        if rng.random() < .5: changes.append(Change(float(end), 'key', rng.choice(KEYS)))
    if rng.random() < .3: changes.append(Change(float(end/2), 'bpm', round(rng.uniform(30, 240), 2)))
    tracks = []
    for k in range(rng.choice((1, 1, 1, 2, 4))):
        notes = line(rng, meters, *rng.choice(((60, 84), (36, 60), (48, 72))))
        if notes: tracks.append(Track(notes, rng.randrange(128), f'Part {k + 1}'*rng.randint(0, 1)))
    if rng.random() < .15: tracks.append(drums(rng, meters))
    if not tracks: tracks = [Track([Note(60, 0, 1)])]
    bpm = round(rng.uniform(30, 240), rng.randint(0, 2))
    return Score(tracks, bpm, first, rng.choice(KEYS), f'Piece {seed}', changes)


def drums(rng, meters):
    "Hits on the units of the meters, one or two at once."
    notes, place = [], Fraction(0)
    for beats, unit in meters:
        for _ in range(beats):
            length = Fraction(4, unit)
            struck = rng.sample((36, 38, 42, 46, 49), rng.randint(1, 2))
            notes += [Note(pitch, float(place), float(length)) for pitch in struck]
            place += length
    return Track(notes, 0, 'Drums', drums=True)


def chords(seed):
    "A piano that holds notes of many lengths against each other: up to six at once, on a grid of sixteenths."
    rng = random.Random(seed)
    notes, place = set(), 0
    while place < 32:
        for pitch in rng.sample(range(36, 85), rng.randint(1, 4)):
            notes.add((pitch, place/4, rng.choice((1, 1, 2, 3, 4, 6, 8))/4))
        place += rng.choice((1, 2, 2, 4))
    free = {}
    kept = []
    for pitch, start, length in sorted(notes, key=lambda note: note[1]):
        if free.get(pitch, 0) <= start:
            kept.append(Note(pitch, start, length))
            free[pitch] = start + length
    return Score([Track(kept)], key='C major', title=f'Chords {seed}')
