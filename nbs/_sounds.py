"""Players on pages of ours: one style sheet and one script for all; sound stays in a file until it is asked for.

A player in a notebook brings everything along, since its output may stand alone. A page of the site holds many."""
import base64
import re
from hashlib import sha1

from melodynb.display import Player

STILL = re.compile(r'src="data:audio/mpeg;base64,([\w+/=]+)"')  # the sound for where no script runs
FILES = 'player.css', 'player.js'


def lightened(texts, up, root):
    "Texts of one page, `up` from the folder `root` of the site: what its players share is written and named once."
    style, script = Player.shared()
    if not any(script in text for text in texts): return texts
    write_shared(root, style, script)
    found = [keep_sounds(text.replace(style, '').replace(script, ''), up, root) for text in texts]
    first = next(place for place, text in enumerate(texts) if script in text)
    css, js = (f'{up}/{name}' if up != '.' else name for name in FILES)
    head = f'<link rel="stylesheet" href="{css}"><script src="{js}" defer></script>'
    found[first] = found[first].replace('<div class="melodynb', f'{head}<div class="melodynb', 1)
    return found


def write_shared(root, style, script):
    "The two files that all players of the site share."
    for name, tag in zip(FILES, (style, script)):
        (root/name).write_text(re.sub(r'^<\w+>|</\w+>$', '', tag), encoding='utf-8')


def keep_sounds(text, up, root):
    "A text whose players name their sound as a file, which is there once for each distinct piece."
    def kept(found):
        data = base64.b64decode(found[1])
        name = f'sounds/{sha1(data).hexdigest()[:16]}.mp3'
        (root/'sounds').mkdir(exist_ok=True)
        (root/name).write_bytes(data)
        return f'src="{name if up == "." else f"{up}/{name}"}"'
    return STILL.sub(kept, text)
