"""Write the addresses of site and repository, which pyproject.toml says, wherever they stand.

Notebooks, README, menus and workflows name both: in badges, in links, in what nbdev made. After a move, change the
two lines of pyproject.toml, run `python nbs/_addresses.py`, then `make export`."""
import subprocess
import sys
from pathlib import Path

import yaml
from _links import ROOT, about

KEPT = '.png', '.xz', '.onnx', '.safetensors', '.mid', '.npz'  # files without addresses


def standing(root):
    "The addresses as the files have them now: what nbdev wrote last."
    found = yaml.safe_load((root/'nbs'/'nbdev.yml').read_text(encoding='utf-8'))['website']
    return dict(site=found['site-url'], repository=found['repo-url'])


def forms(urls):
    "The ways in which they are written: whole, and the owner and name alone, as Colab's links have it."
    owner_and_name = urls['repository'].partition('github.com/')[2]
    return urls['site'], urls['repository'], f'/github/{owner_and_name}/'


def texts(root):
    "The text files of the repository; pyproject.toml, which decides, is none of them."
    listed = subprocess.run(['git', 'ls-files'], cwd=root, capture_output=True, text=True, check=True).stdout
    paths = [root/name for name in listed.splitlines() if not name.endswith(KEPT) and name != 'pyproject.toml']
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def move(root=ROOT):
    "Write today's addresses over those that stand; the files that changed."
    pairs = list(zip(forms(standing(root)), forms(about(root))))
    changed = []
    for path in texts(root):
        before = path.read_bytes()
        after = before
        for old, new in pairs: after = after.replace(old.encode(), new.encode())
        if after != before:
            path.write_bytes(after)
            changed.append(path.relative_to(root).as_posix())
    return changed


if __name__ == '__main__': print(*move(Path(sys.argv[1]) if sys.argv[1:] else ROOT), sep='\n')
