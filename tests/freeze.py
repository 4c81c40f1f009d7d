"Print what is installed here as lines for constraints.txt: exact versions, without melodynb and local labels."
from importlib.metadata import distributions

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

OLDEST = '3.10'
LEFT_OUT = {'melodynb', 'pip'}


def line(distribution):
    "One exact version; a release that the oldest Python cannot use is asked for from the next one on."
    name, version = canonicalize_name(distribution.metadata['Name']), distribution.version.partition('+')[0]
    everywhere = SpecifierSet(distribution.metadata.get('Requires-Python') or '').contains(f'{OLDEST}.99')
    return f'{name}=={version}' + ('' if everywhere else '; python_version > "3.10"')


lines = {line(d) for d in distributions() if canonicalize_name(d.metadata['Name']) not in LEFT_OUT}
print('# The versions that the tests pass with, written by `make constraints`.', *sorted(lines), sep='\n')
