"""Reads tune books in ABC notation: one melody line a tune, every length an exact fraction.

It reads what printed tune books hold. Grace notes, ornaments, chord symbols, fingerings and words are left out,
a chord gives its top note, and nothing is repeated: `one_line` takes the second ending where there are two.
The notation: https://abcnotation.com/wiki/abc:standard:v2.1
"""
import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import chain, pairwise

from melodynb.score import key_fifths

STEPS = dict(C=0, D=2, E=4, F=5, G=7, A=9, B=11)             # semitones above C
ALTERATIONS = {'^^': 2, '^': 1, '=': 0, '_': -1, '__': -2}   # semitones
MODES = {
    '': 'major', 'maj': 'major', 'ion': 'major', 'm': 'minor', 'min': 'minor', 'aeo': 'minor',
    'mix': 'mixolydian', 'dor': 'dorian', 'phr': 'phrygian', 'lyd': 'lydian', 'loc': 'locrian',
}
METERS = {'C': '4/4', 'C|': '2/2'}
TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3} # so many notes in the time of so many; others go by the meter
COMPOUND = '3/8', '6/8', '9/8', '12/8', '6/4', '9/4'

LENGTH = r'\d*(?:/+\d*)*'
TOKEN = re.compile(rf'''
    "[^"]*" | ![^!|\s]+! | \{{[^}}]*\}}                      # annotations, decorations, grace notes
  | (?P<inline>\[(?P<letter>[A-Za-z]):(?P<value>[^\]]*)\])
  | (?P<chord>\[(?P<inside>[^\]|]*[A-Ga-g][^\]|]*)\](?P<chord_length>{LENGTH}))
  | (?P<tuplet>\((?P<notes>\d)(?::(?P<time>\d?))?(?::(?P<count>\d?))?)
  | (?P<bar>(?P<sign>[:|]*\|[:|\]]*|::+|\[\||\])(?:\s*\[?(?P<ending>[1-9])(?![\d/])[\d,.-]*)?)
  | (?P<new_ending>\[(?P<number>[1-9])[\d,.-]*)
  | (?P<note>(?P<accidental>\^\^|__|[\^_=])?
      (?P<name>[A-Ga-g])(?P<octaves>[,']*)(?P<length>{LENGTH}))
  | (?P<rest>[xz](?P<rest_length>{LENGTH}))
  | (?P<bars_rest>[XZ](?P<bars>\d*))
  | (?P<broken>>+|<+)
  | (?P<tie>-)
  | .''', re.X | re.S)


@dataclass(frozen=True)
class Event:
    "A note as written, or a rest."
    pitch: int | None    # MIDI number, None for a rest
    length: Fraction     # quarter notes
    tied: bool = False   # goes on sounding from the event before


@dataclass(frozen=True)
class BarLine:
    "A bar line, a repeat sign or the beginning of an ending."
    position: int        # how many events stand before it
    sign: str            # as written: '|', ':|', ...; '' where only an ending begins
    ending: str = ''     # '1' or '2' where an ending begins

    @property
    def ends_part(self) -> bool: return '||' in self.sign or ':' in self.sign or ']' in self.sign


@dataclass
class Tune:
    "A tune as the book has it: its text fields, its events in written order, its bar lines."
    fields: dict[str, list[str]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    bars: list[BarLine] = field(default_factory=list)
    changes: list[tuple[int, str, str]] = field(default_factory=list) # events before it, 'meter' or 'key', value

    def first(self, letter: str) -> str:
        "What a field says where it first stands, without its comment; '' if it is not there."
        return self.fields.get(letter, [''])[0].split('%')[0].strip()


def read_length(text: str) -> Fraction:
    "'3', '/', '3/2', '//' as a multiple of the unit length."
    whole = re.match(r'\d*', text)[0]
    value = Fraction(int(whole or 1))
    for slashes, below in re.findall(r'(/+)(\d*)', text):
        value /= int(below) if below else 2**len(slashes)
    return value


def read_key(text: str) -> tuple[str, dict[str, int]]:
    "'Am', 'D Mix', 'Dmix=c' as a key such as 'A minor' with what its signature adds to each letter."
    tonic, mode, more = re.match(r'([A-G][#b]?)\s*([A-Za-z]*)([^%]*)', text).groups()
    key = f'{tonic} {MODES.get(mode.lower()[:3], "major")}'
    fifths = key_fifths(key)
    sharps = dict.fromkeys('FCGDAEB'[:max(fifths, 0)], 1)
    flats = dict.fromkeys('BEADGCF'[:max(-fifths, 0)], -1)
    signature = sharps | flats
    for sign, name in re.findall(r'(\^\^|__|[\^_=])([A-Ga-g])', more): signature[name.upper()] = ALTERATIONS[sign]
    return key, signature


def read_meter(text: str) -> str:
    "'6/8', 'C', 'C|' as '6/8', '4/4', '2/2'."
    text = text.split('%')[0].replace(' ', '')
    return METERS.get(text, text)


def usual_unit(meter: str) -> Fraction: # of a whole note
    "The unit length of a tune that does not state one."
    return Fraction(1, 16) if Fraction(meter) < Fraction(3, 4) else Fraction(1, 8)


class TuneReader:
    "Reads one tune token by token, keeping what a token says about those that follow it."

    def __init__(self):
        self.tune = Tune()
        self.in_body = False       # whether the music has begun
        self.meter = '4/4'
        self.unit = None           # of lengths, as a part of a whole note
        self.signature = {}        # letter to semitones
        self.accidentals = {}      # (letter, octave) to semitones, until the bar line
        self.broken = Fraction(1)  # the next note's share of a broken rhythm
        self.tie = None            # pitch of the note that is tied to the next one
        self.tuplet = Fraction(1)  # what a note of the tuplet lasts, as a part of its written length
        self.tuplet_left = 0       # notes of it to come

    def read(self, lines: list[str]) -> Tune:
        for line in lines:
            found = re.match(r'([A-Za-z]):(?![|:\]])(.*)', line)
            if found: self.read_field(found[1], found[2].strip())
            elif self.in_body and not line.startswith('%'): self.read_music(re.sub(r'(?<!\\)%.*', '', line))
        return self.tune

    def read_field(self, letter: str, value: str):
        self.tune.fields.setdefault(letter, []).append(value)
        if letter == 'L': self.unit = Fraction(value)
        if letter == 'M':
            self.meter = read_meter(value)
            self.change('meter', self.meter)
        if letter == 'K':
            key, self.signature = read_key(value)
            self.change('key', key)
            self.in_body = True
            self.unit = self.unit or usual_unit(self.meter)

    def change(self, what: str, value: str):
        if self.in_body: self.tune.changes.append((len(self.tune.events), what, value))

    def read_music(self, line: str):
        for token in TOKEN.finditer(line):
            if token.lastgroup: getattr(self, f'read_{token.lastgroup}')(token)

    def read_inline(self, token): self.read_field(token['letter'], token['value'].strip())

    def read_bar(self, token):
        self.accidentals = {}
        self.broken = Fraction(1)
        self.tune.bars.append(BarLine(len(self.tune.events), token['sign'], token['ending'] or ''))

    def read_new_ending(self, token): self.tune.bars.append(BarLine(len(self.tune.events), '', token['number']))

    def read_tie(self, token):
        if self.tune.events: self.tie = self.tune.events[-1].pitch

    def read_broken(self, token):
        if not self.tune.events: return
        short = Fraction(1, 2**len(token[0]))
        before, self.broken = (2 - short, short) if token[0][0] == '>' else (short, 2 - short)
        last = self.tune.events[-1]
        self.tune.events[-1] = replace(last, length=last.length*before)

    def read_tuplet(self, token):
        notes = int(token['notes'])
        if notes < 2: return
        usual = TUPLETS.get(notes, 3 if self.meter in COMPOUND else 2)
        self.tuplet = Fraction(int(token['time'] or usual), notes)
        self.tuplet_left = int(token['count'] or notes)

    def read_rest(self, token): self.add(None, read_length(token['rest_length']))

    def read_bars_rest(self, token): self.add(None, int(token['bars'] or 1)*Fraction(self.meter)/self.unit)

    def read_note(self, token): self.add(self.pitch(token), read_length(token['length']))

    def read_chord(self, token):
        notes = [inner for inner in TOKEN.finditer(token['inside']) if inner.lastgroup == 'note']
        top = max(notes, key=self.pitch)
        self.add(self.pitch(top), read_length(notes[0]['length'])*read_length(token['chord_length']))
        if token['inside'].startswith('-', top.end()): self.read_tie(token)

    def pitch(self, token) -> int: # MIDI number
        "What a note's letter sounds here: by its accidental, one earlier in the bar, or the signature."
        letter = token['name'].upper()
        octave = (5 if token['name'].islower() else 4) + token['octaves'].count("'") - token['octaves'].count(',')
        place = self.place(letter, octave)
        if token['accidental']: self.accidentals[place] = ALTERATIONS[token['accidental']]
        return 12*(octave + 1) + STEPS[letter] + self.accidentals.get(place, self.signature.get(letter, 0))

    def place(self, letter: str, octave: int) -> tuple:
        "Where an accidental holds until the bar line: in its own octave."
        return letter, octave

    def add(self, pitch: int | None, units: Fraction):
        "The next event, after what stands before it has changed its length."
        length = 4*self.unit*units*self.broken
        if self.tuplet_left:
            length *= self.tuplet
            self.tuplet_left -= 1
        tied = pitch is not None and pitch == self.tie
        self.tune.events.append(Event(pitch, length, tied))
        self.broken = Fraction(1)
        self.tie = None


def mended(text: str) -> str:
    "One kind of line end; what mail programs wrote for '=', ' ' and a line's end undone; chords in today's brackets."
    text = text.replace('\r\n', '\n').replace('\r', '\n')
    if re.search('=3D|=20', text): text = text.replace('=\n', '').replace('=20', ' ').replace('=3D', '=')
    def bracketed(line): return re.sub(r'\+([^+|]*[A-Ga-g][^+|]*)\+', r'[\1]', line[0])
    return re.sub(r'^(?![A-Za-z]:).*', bracketed, text, flags=re.M)


def split_book(text: str) -> list[str]:
    "The text of every tune of a book; each begins with its `X:` line."
    return [mended(tune) for tune in re.split(r'^(?=X:)', text, flags=re.M)[1:]]


def read_book(text: str) -> list[Tune]:
    return [TuneReader().read(tune.split('\n')) for tune in split_book(text)]


def first_endings(tune: Tune, longest: int = 40) -> list[range]:
    "The events of first endings that a second ending follows."
    found = []
    for one, two in pairwise(bar for bar in tune.bars if bar.ending):
        events = range(one.position, two.position)
        if one.ending == '1' and two.ending != '1' and 0 < len(events) <= longest: found.append(events)
    return found


@dataclass
class Line:
    "A tune straight through; times in quarter notes."
    events: list[tuple[int | None, Fraction]]   # pitch or None for a rest, and length; one after another
    bars: list[tuple[Fraction, bool]]           # where a written bar line stands, and whether a part ends there
    changes: list[tuple[Fraction, str, str]]    # time, 'meter' or 'key', value


def one_line(tune: Tune) -> Line:
    "First endings left out, ties and neighbouring rests joined, no rest at the end."
    skipped = set(chain.from_iterable(first_endings(tune)))
    events, times = [], [Fraction(0)]
    for position, event in enumerate(tune.events):
        length = Fraction(0) if position in skipped else event.length
        times.append(times[-1] + length)
        joined = events and events[-1][0] == event.pitch and (event.tied or event.pitch is None)
        if joined: events[-1] = event.pitch, events[-1][1] + length
        elif length: events.append((event.pitch, length))
    while events and events[-1][0] is None: events.pop()
    bars = {}
    for bar in tune.bars:
        time = times[bar.position]
        bars[time] = bars.get(time, False) or bar.ends_part
    changes = [(times[position], what, value) for position, what, value in tune.changes]
    return Line(events, sorted(bars.items()), changes)
