"""Run the experiments of notebook 41 and write the record that the package carries.

    python data/build_remi_studies.py [NAME ...] [--into PATH] [--seeds 0 1 2] [--size gpu]

A run that the record holds already is not done again, so an interrupted command goes on where it stopped.
"""
from argparse import ArgumentParser
from importlib.resources import files
from pathlib import Path

from melodynb.remi_studies import STUDIES, record_studies
from melodynb.score import MelodyError


RECORD = Path(str(files('melodynb')/'data/remi_studies.json'))
USAGE = '%(prog)s [NAME ...] [--into PATH] [--seeds SEED ...] [--size SIZE]'


def say(line): print(line, flush=True)


def main(arguments=None):
    parser = ArgumentParser(description=__doc__.splitlines()[0], usage=USAGE)
    parser.add_argument('names', nargs='*', metavar='NAME', help=f'all, or some of {", ".join(STUDIES)}')
    parser.add_argument('--into', type=Path, default=RECORD, metavar='PATH', help='the record, a JSON file')
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2], metavar='SEED')
    parser.add_argument('--size', choices=('tiny', 'cpu', 'gpu'), default='gpu')
    chosen = parser.parse_args(arguments)
    names = None if chosen.names in ([], ['all']) else chosen.names
    try: record_studies(chosen.into, names, chosen.seeds, chosen.size, log=say)
    except MelodyError as error: parser.exit(1, f'{error}\n')


if __name__ == '__main__': main()
