"""Reading MIDI, and what counting every event by itself costs: 2,000 folk tunes, or a folder of files that is named.

`python -m benchmarks.midi FOLDER` reads what `FOLDER` holds. The share of the own pass is not what a reader waits longer than
before there was one: `python -m benchmarks.against REV "reading midi"` measures that, here and there in turns.
"""
import sys
import time
from pathlib import Path

from benchmarks.timing import medians, sized, table
from melodynb.corpus import load_corpus
from melodynb.midi_bytes import MidiBytes
from melodynb.score import from_symusic, read_midi, write_midi


def files(folder):
    "What is read, as bytes."
    if folder: return [path.read_bytes() for path in sorted(Path(folder).rglob('*.mid'))]
    return [write_midi(tune) for tune in load_corpus('folk')[:sized(2000, 20)]]


def spans(data):
    "Where the tracks of a whole file stand."
    found, place = [], 8 + int.from_bytes(data[4:8], 'big')
    while place + 8 <= len(data):
        stop = place + 8 + int.from_bytes(data[place + 4:place + 8], 'big')
        if data[place:place + 4] == b'MTrk': found.append((place + 8, stop))
        place = stop
    return found


def main():
    import symusic
    data = files(*sys.argv[1:2] or [None])
    tracks = [spans(one) for one in data]
    jobs = {
        'read_midi': lambda: [read_midi(one) for one in data],
        'its own pass over the bytes': lambda: [MidiBytes(*pair) for pair in zip(data, tracks)],
        'the library alone, into scores': lambda: [from_symusic(symusic.Score.from_midi(one)) for one in data],
        'the library alone': lambda: [symusic.Score.from_midi(one) for one in data],
        'all from the own pass': lambda: [MidiBytes(*pair).to_symusic(480) for pair in zip(data, tracks)],
    }
    times = medians(jobs, rounds=3, clock=time.process_time)
    size = sum(map(len, data))
    table(f'Reading MIDI: {len(data):,} files, {size/1e6:.1f} MB', ('', 'seconds', 'ms a file', 'share'),
          [(name, spent, 1e3*spent/len(data), spent/times['read_midi']) for name, spent in times.items()])


if __name__ == '__main__': main()
