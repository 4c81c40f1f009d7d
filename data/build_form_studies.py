"""Run the experiments of notebook 42a and write what they gave, a JSON file.

    python data/build_form_studies.py [ARM ...] --into PATH [--seeds 0 1 2] [--size gpu]

A run that the record holds already is not done again, so an interrupted command goes on where it stopped.
"""
from argparse import ArgumentParser
from pathlib import Path

from melodynb.form_studies import ARMS, record_studies
from melodynb.score import MelodyError


def main(arguments=None):
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('arms', nargs='*', metavar='ARM', help=f'all, or some of {", ".join(ARMS)}')
    parser.add_argument('--into', type=Path, required=True, metavar='PATH', help='the record, a JSON file')
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2], metavar='SEED')
    parser.add_argument('--size', choices=('tiny', 'cpu', 'gpu'), default='gpu')
    chosen = parser.parse_args(arguments)
    try: record_studies(chosen.into, chosen.arms or None, chosen.seeds, chosen.size)
    except MelodyError as error: parser.exit(1, f'{error}\n')


if __name__ == '__main__': main()
