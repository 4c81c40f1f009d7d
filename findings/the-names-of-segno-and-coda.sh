#!/bin/sh
# Seen with partitura 1.9.0, verovio 6.4.1, muspy 0.5.0 and symusic 0.6.0 (Python 3.11, Linux).
#
# <sound segno="..."> and <sound dalsegno="..."> of MusicXML carry a name, any name, that ties the jump to its sign; signs
# and codas are named apart, so that a piece may have a segno "1" and a coda "1".
#
# partitura knows the signs by one name only: a jump to a segno called "segno" is made, one to a segno called "1" is passed
# over without a word. verovio makes the jump to both, but where a segno and a coda have the same name it confuses them: it
# goes back to the segno a second time. muspy plays all three as written.
#
# Output seen:
#   D.S. al Fine, segno "segno": partitura 60 62 64 62, verovio 60 62 64 62, muspy 60 62 64 62
#   D.S. al Fine, segno "1": partitura 60 62 64, verovio 60 62 64 62, muspy 60 62 64 62
#   D.S. al Coda, both "1": partitura 60 62 64 65, verovio 60 62 64 62 62 64 65, muspy 60 62 64 62 65
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q partitura==1.9.0 verovio==6.4.1 muspy==0.5.0 symusic==0.6.0 "setuptools<81"
cat > look.py <<'PY'
import base64
import warnings
warnings.simplefilter('ignore')
import muspy
import partitura
import symusic
import verovio
TIME = '<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>'
def note(step): return f'<note><pitch><step>{step}</step><octave>4</octave></pitch><duration>4</duration><type>whole</type></note>'
def sound(mark, how): return f'<direction><direction-type>{mark}</direction-type><sound {how}/></direction>'
def words(text): return f'<words>{text}</words>'
def to_fine(name):
    return [TIME + note('C'), sound('<segno/>', f'segno="{name}"') + note('D') + sound(words('Fine'), 'fine="yes"'),
            note('E') + sound(words('D.S. al Fine'), f'dalsegno="{name}"')]
TO_CODA = [TIME + note('C'), sound('<segno/>', 'segno="1"') + note('D') + sound(words('To Coda'), 'tocoda="1"'),
           note('E') + sound(words('D.S. al Coda'), 'dalsegno="1"'), sound('<coda/>', 'coda="1"') + note('F')]
def by_partitura(): return partitura.score.unfold_part_maximal(partitura.load_musicxml('tune.musicxml')).note_array()['pitch']
def by_muspy(): return [note.pitch for note in muspy.read_musicxml('tune.musicxml').tracks[0].notes]
def by_verovio():
    engine = verovio.toolkit()
    engine.loadFile('tune.musicxml')
    return [note.pitch for note in symusic.Score.from_midi(base64.b64decode(engine.renderToMIDI())).tracks[0].notes]
PIECES = {'D.S. al Fine, segno "segno"': to_fine('segno'), 'D.S. al Fine, segno "1"': to_fine('1'), 'D.S. al Coda, both "1"': TO_CODA}
for name, bars in PIECES.items():
    measures = ''.join(f'<measure number="{n}">{bar}</measure>' for n, bar in enumerate(bars, 1))
    with open('tune.musicxml', 'w') as file:
        file.write(f"""<?xml version="1.0" encoding="UTF-8"?>
<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>a</part-name></score-part></part-list>
<part id="P1">{measures}</part></score-partwise>""")
    readers = dict(partitura=by_partitura, verovio=by_verovio, muspy=by_muspy)
    print(f'{name}:', ', '.join(f'{reader} {" ".join(map(str, read()))}' for reader, read in readers.items()))
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
D.S. al Fine, segno "segno": partitura 60 62 64 62, verovio 60 62 64 62, muspy 60 62 64 62
D.S. al Fine, segno "1": partitura 60 62 64, verovio 60 62 64 62, muspy 60 62 64 62
D.S. al Coda, both "1": partitura 60 62 64 65, verovio 60 62 64 62 62 64 65, muspy 60 62 64 62 65
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
