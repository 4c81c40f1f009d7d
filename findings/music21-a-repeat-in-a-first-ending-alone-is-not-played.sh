#!/bin/sh
# Seen with music21 10.5.1 (Python 3.11, Linux).
#
# Piano rags often bracket only the first ending: C [1 D :| E. The second time one leaves the bracket out and goes on with E, so
# C D C E is heard; a second bracket would say nothing new. `expandRepeats` plays C D E: the repeat is not taken at all, and no
# error or warning tells it. With a bracket over the E (C [1 D :| [2 E) it plays C D C E.
#
# Output seen:
#   one bracket:  C D E
#   two brackets: C D C E
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q music21==10.5.1
cat > look.py <<'PY'
from music21 import converter
def ending(side, number, kind): return f'<barline location="{side}"><ending number="{number}" type="{kind}"/></barline>'
REPEAT = ('<barline location="right"><bar-style>light-heavy</bar-style><ending number="1" type="stop"/>'
          '<repeat direction="backward"/></barline>')
def measure(number, step, before='', after='', head=''):
    return (f'<measure number="{number}">{head}{before}<note><pitch><step>{step}</step><octave>4</octave></pitch>'
            f'<duration>4</duration><type>whole</type></note>{after}</measure>')
def played(second):
    head = '<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>'
    brackets = (ending('left', 2, 'start'), ending('right', 2, 'stop')) if second else ('', '')
    bars = measure(1, 'C', head=head) + measure(2, 'D', ending('left', 1, 'start'), REPEAT) + measure(3, 'E', *brackets)
    page = ('<?xml version="1.0" encoding="UTF-8"?><score-partwise version="4.0"><part-list><score-part id="P1"><part-name>Piano'
            f'</part-name></score-part></part-list><part id="P1">{bars}</part></score-partwise>')
    return ' '.join(n.name for n in converter.parseData(page, format='musicxml').parts[0].expandRepeats().recurse().notes)
print('one bracket: ', played(False))
print('two brackets:', played(True))
PY
env/bin/python look.py | tee seen
printf 'one bracket:  C D E\ntwo brackets: C D C E\n' | cmp - seen || { echo 'no longer as described'; exit 1; }
