"""Sizes that two cores can carry, one thread a process, figures without a screen, unless the caller chose otherwise.

With several processes (`-n`) the tests of a file stay together, since they share what they prepared; long ones begin."""
import gc
import os

import pytest

os.environ.setdefault('MELODYNB_SIZE', 'tiny')
os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.setdefault('MPLBACKEND', 'Agg')
os.environ.setdefault('CI', '1')  # some libraries chat where it is set: nobody may hear them

ALONE = 'test_it_runs', 'test_it_runs_there', 'test_the_site_of_this_repository'  # each a process of its own, and long
QUICK = ('test_metrics', 'test_midi_bounds', 'test_music_metrics', 'test_score', 'test_text',
         'test_tokenizers')  # files of `make quick`: functions alone
FIRST = ('test_site', 'test_notebooks', 'test_studio_jupyterlab', 'test_play', 'test_lora_gpt2', 'test_cli',
         'test_train', 'test_studio', 'test_recipe', 'test_compare', 'test_evaluate', 'test_pretrained',
         'test_preflight', 'test_benchmarks', 'test_player_browser', 'test_workshop')  # files, the longest first


def group(item):
    "What must stay in one process: a file, but for the tests that share nothing."
    alone = getattr(item, 'originalname', item.name) in ALONE
    return item.nodeid.replace('@', ' ') if alone else item.path.stem


def rank(item):
    "Long files come first, and in them what runs alone."
    stem = item.path.stem
    alone = getattr(item, 'originalname', item.name) in ALONE
    return FIRST.index(stem) if stem in FIRST else len(FIRST), not alone


def pytest_collection_finish():
    "What the files of tests have imported stays: no collection of garbage need look at it again."
    gc.collect()
    gc.freeze()


def pytest_ignore_collect(collection_path, config):
    "With `-m quick` no other file is even read."
    other = collection_path.suffix == '.py' and collection_path.stem not in QUICK
    return True if other and config.option.markexpr == 'quick' else None


def pytest_collection_modifyitems(items):
    items.sort(key=rank)  # stable: the order within a file stays
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group(item)))
        if item.path.stem in QUICK: item.add_marker(pytest.mark.quick)
