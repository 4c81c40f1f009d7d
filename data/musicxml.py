"""Reads the notes of a MusicXML file, plain or compressed: parts, meters and keys, every time an exact fraction.

Ties are joined, grace notes left out, repeats not played. The notation: https://www.w3.org/2021/06/musicxml40/
"""
import xml.etree.ElementTree as ElementTree
import zipfile
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

STEPS = dict(C=0, D=2, E=4, F=5, G=7, A=9, B=11) # semitones above C


@dataclass(frozen=True)
class Sound:
    "One note of a part; times in quarter notes."
    start: Fraction
    length: Fraction
    pitch: int # MIDI number


@dataclass
class Sheet:
    "What a file holds; times in quarter notes, of the first part where parts could differ."
    parts: dict[str, list[Sound]] = field(default_factory=dict)
    meters: dict[Fraction, str] = field(default_factory=dict)
    keys: dict[Fraction, tuple[int, str]] = field(default_factory=dict) # sharps and mode ('' where none is named)
    measures: list[Fraction] = field(default_factory=list)              # where each begins, and where the last ends


def read_root(path: Path) -> ElementTree.Element:
    "The XML tree of a file; a compressed one names its score in META-INF/container.xml."
    if path.suffix != '.mxl': return ElementTree.parse(path).getroot()
    with zipfile.ZipFile(path) as archive:
        container = ElementTree.fromstring(archive.read('META-INF/container.xml'))
        return ElementTree.fromstring(archive.read(next(container.iter('rootfile')).get('full-path')))


def read_pitch(pitch: ElementTree.Element) -> int: # MIDI number
    step, octave, alter = (pitch.findtext(tag) for tag in ('step', 'octave', 'alter'))
    return 12*(int(octave) + 1) + STEPS[step] + int(alter or 0)


class PartReader:
    "Reads one part from its first measure to its last."

    def __init__(self, sheet: Sheet):
        self.sheet, self.sounds, self.open = sheet, [], {} # open: pitch to the index of a note whose tie goes on
        self.time = self.onset = Fraction(0)
        self.divisions = 1

    def read(self, part: ElementTree.Element) -> list[Sound]:
        measures = []
        for measure in part.iter('measure'):
            measures.append(self.time)
            for element in measure:
                if hasattr(self, f'read_{element.tag}'): getattr(self, f'read_{element.tag}')(element)
        self.sheet.measures = self.sheet.measures or measures + [self.time]
        return self.sounds

    def length(self, element) -> Fraction: return Fraction(element.findtext('duration') or 0)/self.divisions

    def read_backup(self, element): self.time -= self.length(element)

    def read_forward(self, element): self.time += self.length(element)

    def read_attributes(self, element):
        self.divisions = int(element.findtext('divisions') or self.divisions)
        beats, unit = (element.findtext(f'time/{tag}') for tag in ('beats', 'beat-type'))
        if beats: self.sheet.meters.setdefault(self.time, f'{beats}/{unit}')
        fifths = element.findtext('key/fifths')
        if fifths: self.sheet.keys.setdefault(self.time, (int(fifths), element.findtext('key/mode') or ''))

    def read_note(self, element):
        if element.find('grace') is not None: return
        if element.find('chord') is None: self.onset, self.time = self.time, self.time + self.length(element)
        if (pitch := element.find('pitch')) is not None: self.sound(element, read_pitch(pitch))

    def sound(self, element, pitch: int):
        "A new note, or the longer end of one that is tied over."
        ties, index = {tie.get('type') for tie in element.findall('tie')}, self.open.pop(pitch, None)
        tied = 'stop' in ties and index is not None and self.sounds[index].start + self.sounds[index].length == self.onset
        if tied: self.sounds[index] = replace(self.sounds[index], length=self.sounds[index].length + self.length(element))
        else:
            index = len(self.sounds)
            self.sounds.append(Sound(self.onset, self.length(element), pitch))
        if 'start' in ties: self.open[pitch] = index


def read_sheet(path: Path) -> Sheet:
    "Parts by name, as in the file."
    root, sheet = read_root(Path(path)), Sheet()
    names = {part.get('id'): part.findtext('part-name') or '' for part in root.iter('score-part')}
    for part in root.findall('part'): sheet.parts[names[part.get('id')]] = PartReader(sheet).read(part)
    return sheet
