"The addresses of site and repository: one place says them, every other follows."
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def addresses(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT/'nbs'))
    return import_module('_addresses')


def test_every_file_has_the_addresses_of_pyproject(addresses):
    site, repository, colab = addresses.forms(addresses.about())
    assert addresses.forms(addresses.standing(ROOT)) == (site, repository, colab)
    owners = re.compile(rb'github\.com/([\w.-]+/melodynb)\b|https://([\w.-]+\.github\.io)'
                        rb'|research\.google\.com/github/([\w.-]+/[\w.-]+)/')
    ours = {repository.partition('github.com/')[2], site.split('/')[2], colab.removeprefix('/github/').strip('/')}
    found = {}
    for path in addresses.texts(ROOT):
        if path.name == Path(__file__).name: continue
        for groups in owners.findall(path.read_bytes()): found.setdefault(next(filter(None, groups)).decode(), path)
    assert set(found) == ours, {one: path for one, path in found.items() if one not in ours}


def test_a_move_reaches_every_file(addresses, tmp_path):
    subprocess.run(['git', 'clone', '-q', '--shared', str(ROOT), str(tmp_path/'copy')], check=True)
    copy = tmp_path/'copy'
    about = (copy/'pyproject.toml').read_text(encoding='utf-8')
    site, repository, _ = addresses.forms(addresses.standing(copy))
    about = about.replace(site, 'https://music.example/notes').replace(repository, 'https://github.com/elsewhere/notes')
    (copy/'pyproject.toml').write_text(about, encoding='utf-8')
    changed = addresses.move(copy)
    assert {'README.md', '_quarto.yml', 'nbs/nbdev.yml', 'nbs/00_score.ipynb', 'nbs/how_to/own_midi.ipynb'} <= set(changed)
    old = re.compile(rb'melodynb\.github\.io|melodynb/melodynb/blob')
    left = [path for path in addresses.texts(copy) if old.search(path.read_bytes())]
    assert {path.name for path in left if path.parts[-2] != 'tests'} <= {'_modidx.py'}  # `make export` writes that
    again = subprocess.run([sys.executable, ROOT/'nbs'/'_addresses.py', copy], capture_output=True, text=True, check=True)
    assert again.stdout.strip() == ''  # nbdev.yml says the new ones by now
