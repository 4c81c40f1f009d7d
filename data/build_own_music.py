"""Run the second lesson of notebook 42b from several seeds and write what was told of its rounds, a JSON file.

    python data/build_own_music.py FOLDER --into PATH [--seeds 0 1 2] [--size gpu]

FOLDER keeps the models, one a seed. A run that the record holds already is not done again, and an interrupted one goes
on after its last round.
"""
from argparse import ArgumentParser
from functools import partial
from pathlib import Path

from melodynb.own_music import OWN_RECIPES, train_own_music
from melodynb.score import MelodyError
from melodynb.train import record_runs


def run(folder, seed, size):
    told = train_own_music(folder/f'seed-{seed}', size=size, seed=seed)
    return dict(seed=seed, size=size, seconds=sum(one['seconds'] for one in told), told=told)


def main(arguments=None):
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('folder', type=Path, metavar='FOLDER', help='for the models')
    parser.add_argument('--into', type=Path, required=True, metavar='PATH', help='the record, a JSON file')
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2], metavar='SEED')
    parser.add_argument('--size', choices=OWN_RECIPES, default='gpu')
    chosen = parser.parse_args(arguments)
    wanted = [dict(seed=seed, size=chosen.size) for seed in chosen.seeds]
    try: record_runs(chosen.into, wanted, partial(run, chosen.folder), print)
    except (MelodyError, FileExistsError) as error: parser.exit(1, f'{error}\n')


if __name__ == '__main__': main()
