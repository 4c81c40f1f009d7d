"Every benchmark runs, at a tiny size; what it measures is for `make bench`."
import re
import shlex
import sys
from pathlib import Path

import pytest

import forked

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
from benchmarks.__main__ import BENCHMARKS  # noqa: E402


def bench(name, *words):
    "What a benchmark prints."
    failed, printed = forked.run(forked.module, f'benchmarks.{name}', *words)
    assert not failed, printed[-6000:]
    return printed


@pytest.mark.parametrize('name', BENCHMARKS)
def test_it_runs(name):
    printed = bench(name)
    assert re.search(r'^\(\d+ cores, load', printed, re.M) and re.search(r'^  \S.*\d', printed, re.M)


def test_this_revision_against_the_last_commit():
    if not (ROOT/'.git').exists(): pytest.skip('no git checkout, so no other revision')
    printed = bench('against', 'HEAD', 'letters of tunes', 'import the package')
    rows = re.findall(r'^  (letters of tunes|import the package) +[\d.e-]+ +[\d.e-]+ +([\d.]+) +', printed, re.M)
    assert len(rows) == 2 and all(float(ratio) > 0 for _, ratio in rows)


@pytest.mark.parametrize('name, word', [('__main__', 'violin'), ('usual', 'violin'), ('against', 'no-such-revision')])
def test_an_unknown_name_is_refused(name, word):
    status, printed = forked.run(forked.module, f'benchmarks.{name}', word)
    assert status and word in printed


def test_what_is_killed_is_looked_at():
    printed = bench('stress.kills', 'one file', '--times', '1')
    assert re.search(r'^  one file +1 +1 ', printed, re.M)


def test_ids_by_chance_decode_and_pieces_by_chance_are_whole():
    assert re.search(r'^[\d,]+ tokens, 0 failures$', bench('stress.tokens'), re.M)


def test_what_is_promised_names_tests_and_commands_that_are_there():
    from benchmarks.stress.kills import WRITERS
    text = (ROOT/'RELIABILITY.md').read_text(encoding='utf-8')
    named = re.findall(r'tests/test_\w+\.py', text)
    assert len(named) > 10 and all((ROOT/name).exists() for name in named)
    writers = [name for line in re.findall(r'stress\.kills ([^`]+)`', text) for name in shlex.split(line)]
    assert len(writers) > 4 and {*writers} <= WRITERS.keys()
