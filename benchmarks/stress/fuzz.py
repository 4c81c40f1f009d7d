"""Damaged files for every reader: a hundred thousand inputs by chance, seeded, and none may cost more than a sentence.

`python -m benchmarks.stress.fuzz` makes valid inputs, harms three in five of them in up to four places, and reads
all. An input passes if it is read, or refused with a `MelodyError`, in two seconds of processor time and 500 MB.
What was tried is kept in `build/fuzz`, so the same command goes on where it stopped; `--inputs`, `--seed` and
names of readers choose. `--branches` counts the branches that were taken, where the package `coverage` is installed.

A failure is told by its kind and its place in this package. An input that harms software from elsewhere is not
kept: the bound that is missing goes in front of it, and a test lowers the limit."""
import argparse
import contextlib
import json
import multiprocessing
import os
import random
import signal
import sys
import time
import traceback
import warnings
from pathlib import Path

from benchmarks.stress.readers import READERS
from benchmarks.timing import sized, table
from melodynb.files import write_file
from melodynb.score import MelodyError

ROOT = Path(__file__).resolve().parents[2]
SECONDS, BYTES = 2, 500_000_000  # of one input
PATIENCE = 120                   # seconds until a process that says nothing is ended
TURNS = 20                       # in which the readers are fed


class TooSlow(BaseException):
    "Not to be caught by a reader."


def limited(run):
    "What a function gives, or the kind of its end, and its seconds of the processor."
    def ring(*_): raise TooSlow
    signal.signal(signal.SIGPROF, ring)
    start = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        run()
        end = 'accepted', ''
    except MelodyError as error: end = told_well(str(error))
    except (Exception, TooSlow) as error: end = type(error).__name__, place_of(error)
    finally: signal.setitimer(signal.ITIMER_PROF, 0)
    return *end, time.process_time() - start


def told_well(sentence):
    "A refusal is one line, and no page."
    right = '\n' not in sentence.strip() and 0 < len(sentence) < 1200
    if right: return 'refused', ''
    return 'not a sentence', f'{len(sentence)} characters, {sentence.count(chr(10))} breaks'


def place_of(error):
    "The last line of this package that an error came through."
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if '/melodynb/' in frame.filename]
    return f'{Path(frames[-1].filename).name}:{frames[-1].lineno}' if frames else 'elsewhere'


def memory():
    "The most that this process ever held, bytes."
    import resource
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss*(1 if sys.platform == 'darwin' else 1024)


def tried(name, seed, number):
    "One input: how it ended, where, seconds, and how much more memory than before."
    rng, reader = random.Random(f'{seed} {name} {number}'), READERS[name]
    made = reader.make(rng)
    for _ in range(rng.choice([0, 0, 1, 2, 4])): made = reader.harm(made, rng)
    before = memory()
    end, place, seconds = limited(lambda: reader.read(made, rng))
    return end, place, seconds, memory() - before


def work(name, seed, numbers, answers, branches):
    "In a process of its own: say how each input ended."
    warnings.simplefilter('ignore')
    with contextlib.suppress(ImportError):
        import torch
        torch.set_num_threads(1)
    sys.stderr = open(os.devnull, 'w')  # what libraries chat
    with counted(name, branches):
        for number in numbers: answers.send((number, tried(name, seed, number)))
    answers.send(None)


@contextlib.contextmanager
def counted(name, branches):
    "Counts branches, if asked to."
    if not branches:
        yield
        return
    import coverage
    count = coverage.Coverage(branch=True, include=['*/melodynb/*'], data_file=str(branches/name), data_suffix=True)
    count.start()
    try: yield
    finally:
        count.stop()
        count.save()


def empty(): return dict(done=0, accepted=0, refused=0, slowest=0., most=0, failures=[])


def note(state, end, place, seconds, bytes):
    "Add how one input ended."
    state['done'] += 1
    state['slowest'] = max(state['slowest'], round(seconds, 3))
    state['most'] = max(state['most'], bytes)
    if end in ('accepted', 'refused'): state[end] += 1
    if end not in ('accepted', 'refused') or seconds > SECONDS or bytes > BYTES:
        why = end if end not in ('accepted', 'refused') else f'{seconds:.1f} s, {bytes/1e6:.0f} MB'
        state['failures'].append([why, place])


def go_on(name, seed, most, state, keep, branches=None):
    "Feed one reader until it has had so many inputs; a process that dies or says nothing costs one input."
    context = multiprocessing.get_context('fork' if 'fork' in multiprocessing.get_all_start_methods() else 'spawn')
    while state['done'] < most:
        ours, theirs = context.Pipe(False)
        numbers = range(state['done'], min(most, state['done'] + 500))
        process = context.Process(target=work, args=(name, seed, numbers, theirs, branches))
        process.start()
        theirs.close()
        try:
            while ours.poll(PATIENCE):
                answer = ours.recv()
                if answer is None: break
                note(state, *answer[1])
            else: note(state, 'hung', 'elsewhere', 0, 0)
        except EOFError: note(state, 'died', 'elsewhere', 0, 0)
        if process.is_alive() and state['done'] < numbers.stop: process.kill()
        process.join()
        keep()


def prepared(name):
    "Import and make what a reader needs once, so that no process does it again, nor has it counted."
    rng = random.Random(0)
    for number in range(12):
        made = READERS[name].make(random.Random(number))
        with contextlib.suppress(MelodyError): READERS[name].read(made, rng)


def feed(names, seed, inputs, states, keep, branches):
    "Feed the readers in turns, each its share, so that a run that is stopped has asked them all."
    total = sum(reader.share for reader in READERS.values())
    for name in names: prepared(name)
    for turn in range(1, TURNS + 1):
        for name in names:
            most = -(-inputs*READERS[name].share*turn//(total*TURNS))
            go_on(name, seed, most, states.setdefault(name, empty()), keep, branches)
        print(f'{sum(state["done"] for state in states.values()):,} inputs', file=sys.stderr, flush=True)


def report(states):
    rows = [(name, state['done'], f'{state["accepted"]/max(1, state["done"]):.0%}', len(state['failures']), state['slowest'],
             f'{state["most"]/1e6:.0f}') for name, state in states.items()]
    table('Damaged files', ('', 'inputs', 'accepted', 'failures', 'slowest, s', 'most memory more, MB'), rows)
    print(f'{sum(state["done"] for state in states.values()):,} inputs')
    for name, state in states.items():
        for failure in sorted({tuple(failure) for failure in state['failures']}): print(name, *failure)


def told_branches(folder):
    "How many of the branches were taken, in the functions that the readers enter."
    import coverage
    count = coverage.Coverage(branch=True, include=['*/melodynb/*'], data_file=str(folder/'all'))
    count.combine([str(path) for path in folder.iterdir() if path.suffix != '.json'])
    count.json_report(outfile=str(folder/'all.json'))
    found = json.loads((folder/'all.json').read_text())['files']
    rows = [(Path(name).stem, *taken(file['functions'])) for name, file in sorted(found.items())]
    rows = [row for row in rows if row[2]]
    whole = [sum(row[place] for row in rows) for place in (1, 2, 3)]
    rows.append(('all', *whole))
    table('Branches', ('', 'functions entered', 'branches', 'taken', ''), [(*row, f'{row[3]/row[2]:.0%}') for row in rows])


def taken(functions):
    "Of one module: functions that were entered, their branches, and those that were taken."
    entered = [about['summary'] for name, about in functions.items() if name and about['summary']['covered_lines']]
    return len(entered), *(sum(one[key] for one in entered) for key in ('num_branches', 'covered_branches'))


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument('names', nargs='*', metavar='READER', help=f'only these: {", ".join(READERS)}')
    ask.add_argument('--inputs', type=int, default=sized(100_000, 140), help='in all, if every reader is asked')
    ask.add_argument('--seed', type=int, default=0)
    ask.add_argument('--branches', action='store_true')
    asked = ask.parse_args()
    if unknown := sorted({*asked.names} - READERS.keys()): ask.error(f'no reader is called {", ".join(unknown)}')
    folder = ROOT/'build'/'fuzz'
    folder.mkdir(parents=True, exist_ok=True)
    path, branches = folder/f'{asked.seed}.json', folder/'branches' if asked.branches else None
    if branches: branches.mkdir(exist_ok=True)
    states = json.loads(path.read_text()) if path.exists() and not asked.branches else {}

    def keep():
        if not branches: write_file(path, json.dumps(states, indent=1).encode(), exist_ok=True)
    feed(asked.names or [*READERS], asked.seed, asked.inputs, states, keep, branches)
    report(states)
    if branches: told_branches(branches)
    sys.exit(any(state['failures'] for state in states.values()))


if __name__ == '__main__': main()
