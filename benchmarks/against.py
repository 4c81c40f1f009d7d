"""The package as it stands here against another revision of it: `python -m benchmarks.against a6baf1f`.

The other revision's package goes into a folder of its own, and the jobs of `benchmarks/usual.py` run with both in turns,
each time in a new process. Printed is the time of this one as a share of the other's: 1.05 is five per cent slower.
"""
import argparse
import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from statistics import median

from benchmarks.timing import sized, table

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT/'build'/'revisions'


def git(*words):
    "What git answers, as bytes; its own words where it refuses."
    done = subprocess.run(['git', *words], cwd=ROOT, capture_output=True)
    if done.returncode: sys.exit(f'git {" ".join(words)}: {done.stderr.decode(errors="replace").strip()}')
    return done.stdout


def built(revision):
    "The folder with the package of a revision, unpacked if it is not there yet; its commit."
    commit = git('rev-parse', '--verify', f'{revision}^{{commit}}').decode().strip()
    folder = BUILT/commit
    if not folder.exists():
        folder.mkdir(parents=True)
        with tarfile.open(fileobj=io.BytesIO(git('archive', commit, 'melodynb'))) as archive:
            archive.extractall(folder)
    return folder, commit


def times(folder, names, rounds):
    "Seconds of every job with the package in this folder."
    env = {**os.environ, 'PYTHONPATH': os.pathsep.join([str(folder), str(ROOT)]), 'OMP_NUM_THREADS': '1'}
    command = [sys.executable, '-m', 'benchmarks.usual', '--json', '--rounds', str(rounds), *names]
    done = subprocess.run(command, cwd=BUILT, env=env, capture_output=True, text=True)
    if done.returncode: sys.exit(f'the jobs stopped with the package in {folder}:\n{done.stderr[-4000:]}')
    return json.loads(done.stdout.splitlines()[-1])


def ratios(here, there):
    "For each job: the median of both, the median of the ratios of a turn, and the lowest and highest of them."
    for name in here[0]:
        pairs = [(ours[name], theirs[name]) for ours, theirs in zip(here, there)]
        each = sorted(ours/theirs for ours, theirs in pairs)
        ours, theirs = (median(column) for column in zip(*pairs))
        yield name, ours, theirs, f'{median(each):.2f}', f'{each[0]:.2f} to {each[-1]:.2f}'


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument('revision', help='a commit, a tag or a branch')
    ask.add_argument('names', nargs='*', metavar='JOB', help='only these jobs of benchmarks.usual')
    ask.add_argument('--turns', type=int, default=sized(5, 1), help='new processes of each')
    ask.add_argument('--rounds', type=int, default=sized(3, 1), help='timed calls in a process, of which the fastest counts')
    asked = ask.parse_args()
    folder, commit = built(asked.revision)
    here, there = [], []
    for turn in range(asked.turns):
        print(f'turn {turn + 1} of {asked.turns}', file=sys.stderr)
        here.append(times(ROOT, asked.names, asked.rounds))
        there.append(times(folder, asked.names, asked.rounds))
    table(f'This package against {commit[:7]}, {asked.turns} turns; seconds of the processor, one thread',
          ('', 'here', commit[:7], 'ratio', 'of a turn'), list(ratios(here, there)))


if __name__ == '__main__': main()
