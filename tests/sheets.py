"A small reader of MusicXML that knows nothing of the package: what a page says, in exact numbers."
from dataclasses import dataclass, field
from fractions import Fraction
from xml.etree import ElementTree

STEPS = dict(C=0, D=2, E=4, F=5, G=7, A=9, B=11)
NAMES = '128th 64th 32nd 16th eighth quarter half whole breve'.split()
VALUES = {name: Fraction(2)**power for power, name in enumerate(NAMES, start=-5)}  # quarter notes


@dataclass
class Part:
    name: str
    notes: list = field(default_factory=list)     # (start, end, pitch, velocity or None, program, is it a drum)
    measures: list = field(default_factory=list)  # where each begins, and the last ends


@dataclass
class Page:
    title: str
    parts: list
    meters: dict = field(default_factory=dict)  # start: (beats, unit)
    keys: dict = field(default_factory=dict)    # start: (sharps, mode or '')
    tempos: dict = field(default_factory=dict)  # start: (what is printed, what is played), quarter notes a minute


def number(element, path, default=0):
    return int(round(float(element.findtext(path) or default)))


def written(note):
    "How long the signs of a note say that it is."
    value = VALUES[note.findtext('type')]
    value *= 2 - Fraction(1, 2**len(note.findall('dot')))
    bend = note.find('time-modification')
    if bend is None: return value
    return value*number(bend, 'normal-notes')/number(bend, 'actual-notes')


def pitch_of(note, sounds):
    pitch = note.find('pitch')
    if pitch is not None:
        return 12*(number(pitch, 'octave') + 1) + STEPS[pitch.findtext('step')] + number(pitch, 'alter')
    return number(sounds[note.find('instrument').get('id')], 'midi-unpitched') - 1


class Reader:
    "Reads one part; what a program counted in coarse ticks may be one of them off its signs, which hold."
    def __init__(self, page, part, listed, tick):
        self.page, self.part, self.tick = page, part, tick
        self.sounds = {sound.get('id'): sound for sound in listed.iter('midi-instrument')}
        self.divisions, self.now, self.onset, self.open = 1, Fraction(0), Fraction(0), {}

    def length(self, element): return Fraction(number(element, 'duration'), self.divisions)

    def read_attributes(self, element):
        self.divisions = number(element, 'divisions', self.divisions)
        if element.find('time') is not None:
            self.page.meters[self.now] = number(element, 'time/beats'), number(element, 'time/beat-type')
        if element.find('key') is not None:
            self.page.keys[self.now] = number(element, 'key/fifths'), element.findtext('key/mode') or ''

    def read_backup(self, element):
        self.now -= self.length(element)
        start = self.part.measures[-1]
        if self.tick and abs(self.now - start) < Fraction(1, 8): self.now = start

    def read_forward(self, element): self.now += self.length(element)

    def read_direction(self, element):
        mark = element.find('direction-type/metronome')
        if mark is None: return
        assert element.get('placement') == 'above'
        unit = VALUES[mark.findtext('beat-unit')]*(Fraction(3, 2) if mark.find('beat-unit-dot') is not None else 1)
        printed = float(mark.findtext('per-minute'))*float(unit)
        self.page.tempos[self.now] = printed, float(element.find('sound').get('tempo'))

    def read_note(self, note):
        length = self.length(note)
        if note.find('type') is not None:
            assert abs(written(note) - length) <= self.tick, ElementTree.tostring(note)
            length = written(note)
        if note.find('chord') is None:
            self.onset = self.now
            self.now += length
        if note.find('rest') is not None: return
        pitch, ties = pitch_of(note, self.sounds), {tie.get('type') for tie in note.findall('tie')}
        assert ties == {tied.get('type') for tied in note.findall('notations/tied')}
        here = pitch, note.findtext('voice')
        if 'stop' in ties: self.lengthen(here, length)
        else: self.begin(here, note, pitch, length)
        if 'start' not in ties: del self.open[here]

    def begin(self, here, note, pitch, length):
        assert here not in self.open, 'a tie that nothing ends'
        instrument = note.find('instrument')
        sound = self.sounds[instrument.get('id')] if instrument is not None else next(iter(self.sounds.values()))
        dynamics = note.get('dynamics')
        velocity = None if dynamics is None else round(float(dynamics)*.9)
        program, drum = number(sound, 'midi-program', 1) - 1, number(sound, 'midi-channel') == 10
        self.part.notes.append([self.onset, self.onset + length, pitch, velocity, program, drum])
        self.open[here] = self.part.notes[-1]

    def lengthen(self, here, length):
        assert abs(self.open[here][1] - self.onset) <= self.tick, 'a tie across a gap'
        self.open[here][1] = self.onset + length

    def read(self, element):
        end = Fraction(0)
        for measure in element.findall('measure'):
            self.part.measures.append(end)
            self.now = end
            for child in measure:
                getattr(self, f'read_{child.tag}', lambda _: None)(child)
                end = max(end, self.now)
        self.part.measures.append(end)
        assert not self.open, 'a tie that nothing ends'


def read(data, tick=Fraction(0)):
    "All that a page says; an `AssertionError` where it contradicts itself by more than a tick, in quarter notes."
    root = ElementTree.fromstring(data)
    page = Page(root.findtext('work/work-title') or root.findtext('movement-title') or '', [])
    listed = {each.get('id'): each for each in root.iter('score-part')}
    for element in root.findall('part'):
        page.parts.append(Part(listed[element.get('id')].findtext('part-name') or ''))
        Reader(page, page.parts[-1], listed[element.get('id')], tick).read(element)
    assert all(part.measures == page.parts[0].measures for part in page.parts), 'parts of different length'
    return page
