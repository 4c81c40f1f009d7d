"Every benchmark runs, at a tiny size; what it measures is for `make bench`."
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
from benchmarks.__main__ import BENCHMARKS  # noqa: E402


def bench(*words, folder=ROOT):
    "What a benchmark prints."
    env = {**os.environ, 'MELODYNB_SIZE': 'tiny', 'OMP_NUM_THREADS': '1'}
    command = [sys.executable, '-m', *words]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-6000:]
    return done.stdout


@pytest.mark.parametrize('name', BENCHMARKS)
def test_it_runs(name):
    printed = bench(f'benchmarks.{name}')
    assert re.search(r'^\(\d+ cores, load', printed, re.M) and re.search(r'^  \S.*\d', printed, re.M)


def test_this_revision_against_the_last_commit():
    if not (ROOT/'.git').exists(): pytest.skip('no git checkout, so no other revision')
    printed = bench('benchmarks.against', 'HEAD', 'letters of tunes', 'import the package')
    rows = re.findall(r'^  (letters of tunes|import the package) +[\d.e-]+ +[\d.e-]+ +([\d.]+) +', printed, re.M)
    assert len(rows) == 2 and all(float(ratio) > 0 for _, ratio in rows)


def test_an_unknown_name_is_refused():
    for words in ('benchmarks', 'violin'), ('benchmarks.usual', 'violin'), ('benchmarks.against', 'no-such-revision'):
        done = subprocess.run([sys.executable, '-m', *words], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode and re.search('violin|no-such-revision', done.stderr)
