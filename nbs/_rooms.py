"""The rooms of the library, floor by floor, and who may ask whom: `python nbs/_rooms.py`, a part of `make export`.

An import goes to a lower floor, or to a room further left on the same floor; a test holds this. The picture, `rooms.svg`,
is made from the imports that are there. An arrow that others already imply is left out. `--check` writes nothing and
fails where the picture is not in step."""
import ast
import sys
from html import escape
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIBRARY = HERE.parent/'melodynb'
PICTURE = HERE/'rooms.svg'
FLOORS = {  # from the ground up
    'what music is': ['midi_bytes', 'files', 'score'],
    'read it, hear it, see it': ['audio', 'rhythm', 'staves', 'notation', 'display', 'musicxml', 'abc_notation',
                                 'reading', 'lieder', 'alignment', 'corpus'],
    'music as numbers': ['tokenizers', 'token_file', 'text', 'remi'],
    'measured': ['figures', 'ngrams', 'recall', 'copies', 'form', 'whole_listener', 'listener', 'metrics'],
    'models': ['models', 'train', 'sample', 'four_bits', 'pretrained', 'compose'],
    'four attempts, one writer': ['char_gpt', 'lora_gpt2', 'language_models', 'bart', 'remi_studies', 'remi_transformer',
                                  'bar_transformer', 'form_studies', 'own_music', 'infill', 'company', 'recipe', 'editing',
                                  'duet'],
    'side by side': ['compare'],
    'for people': ['studio', 'listening', 'preflight', 'verdicts', 'questions', 'exercises', 'workshop', 'marking', 'fold',
                   'cli'],
}
PLACES = {room: (floor, place) for floor, rooms in enumerate(FLOORS.values()) for place, room in enumerate(rooms)}
WIDTH, HEIGHT, GAP, STEP, LEFT = 118, 34, 12, 84, 176  # pixels: a room, between rooms, from floor to floor, of the names


def imported(tree):
    "Full names of all that some code imports, anywhere in it."
    for node in ast.walk(tree):
        if isinstance(node, ast.Import): yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            module = '.'.join(filter(None, ['melodynb' if node.level else '', node.module]))
            yield module
            yield from (f'{module}.{alias.name}' for alias in node.names)


def asked(room, library=LIBRARY):
    "The rooms that a room imports from."
    names = imported(ast.parse((library/f'{room}.py').read_text(encoding='utf-8')))
    return {name.split('.')[1] for name in names if name.startswith('melodynb.')} & PLACES.keys() - {room}


def below(room, arrows):
    "All rooms that a room can reach."
    found, ahead = set(), [room]
    while ahead:
        new = arrows[ahead.pop()] - found
        found |= new
        ahead += new
    return found


def implied(room, arrows):
    "The rooms that one of the rooms asked would lead to anyway."
    return set().union(*(below(other, arrows) for other in arrows[room]))


def corner(room):
    "Left and upper edge of a room, in pixels."
    floor, place = PLACES[room]
    return LEFT + place*(WIDTH + GAP), (len(FLOORS) - 1 - floor)*STEP + GAP


def box(room, summary):
    "One room as SVG; its summary shows under the pointer."
    x, y = corner(room)
    return (f'<g><title>{escape(summary)}</title>'
            f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="4" fill="#fff" stroke="#444"/>'
            f'<text x="{x + WIDTH//2}" y="{y + 22}" text-anchor="middle">{room}</text></g>')


def arrow(room, other):
    "One import as SVG: from the bottom of a room to the top of a lower one, or under two rooms of one floor."
    (x, y), (to_x, to_y) = corner(room), corner(other)
    x, to_x, y = x + WIDTH//2, to_x + WIDTH//2, y + HEIGHT
    if PLACES[room][0] == PLACES[other][0]: path = f'M{x} {y} C{x} {y + 20} {to_x} {y + 20} {to_x} {y}'
    else: path = f'M{x} {y} C{x} {y + 30} {to_x} {to_y - 30} {to_x} {to_y}'
    return f'<path d="{path}" fill="none" stroke="#0072b2" stroke-opacity=".45"/>'


def summary(room, library=LIBRARY):
    "The opening sentence of a module."
    return ast.get_docstring(ast.parse((library/f'{room}.py').read_text(encoding='utf-8'))).split('\n')[0]


def picture():
    "All floors, as one SVG."
    arrows = {room: asked(room) for room in PLACES}
    width = LEFT + max(map(len, FLOORS.values()))*(WIDTH + GAP)
    height = len(FLOORS)*STEP
    parts = [f'<text x="8" y="{(len(FLOORS) - 1 - floor)*STEP + GAP + 22}" fill="#444">{name}</text>'
             for floor, name in enumerate(FLOORS)]
    for room in PLACES: parts += [arrow(room, other) for other in sorted(arrows[room] - implied(room, arrows))]
    parts += [box(room, summary(room)) for room in PLACES]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
            f'font-family="sans-serif" font-size="13"><title>The rooms of melodynb and their imports</title>'
            f'<rect width="{width}" height="{height}" fill="#fff"/>\n' + '\n'.join(parts) + '\n</svg>\n')


def main():
    text = picture()
    same = PICTURE.exists() and PICTURE.read_text(encoding='utf-8') == text
    if '--check' in sys.argv: sys.exit(None if same else 'run `make export`: rooms.svg would change')
    if not same: PICTURE.write_text(text, encoding='utf-8')


if __name__ == '__main__': main()
