#!/bin/sh
# Seen with verovio 6.4.1 and symusic 0.6.0 (Python 3.11, Linux).
#
# A tempo of MusicXML holds from where it stands. verovio puts each at the beginning of its bar: of two in one bar the last
# is played from the first beat, and the first is never heard. One at the beginning of the next bar comes when it should.
#
# Output seen:
#   60, in the middle of the bar 120: 120 from beat 0
#   60, in the next bar 120: 60 from beat 0, 120 from beat 4
set -e
unset PYTHONPATH
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv env && env/bin/python -m pip install -q verovio==6.4.1 symusic==0.6.0
cat > look.py <<'PY'
import base64
import symusic
import verovio
def tempo(speed):
    mark = f'<metronome><beat-unit>quarter</beat-unit><per-minute>{speed}</per-minute></metronome>'
    return f'<direction><direction-type>{mark}</direction-type><sound tempo="{speed}"/></direction>'
HALF = '<note><pitch><step>C</step><octave>4</octave></pitch><duration>2</duration><type>half</type></note>'
TIME = '<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>'
BARS = {'60, in the middle of the bar 120': [TIME + tempo(60) + HALF + tempo(120) + HALF, HALF*2],
        '60, in the next bar 120': [TIME + tempo(60) + HALF*2, tempo(120) + HALF*2]}
for name, bars in BARS.items():
    engine = verovio.toolkit()
    engine.setInputFrom('xml')
    engine.loadData(f"""<?xml version="1.0" encoding="UTF-8"?>
<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>a</part-name></score-part></part-list><part id="P1">
<measure number="1">{bars[0]}</measure><measure number="2">{bars[1]}</measure></part></score-partwise>""")
    score = symusic.Score.from_midi(base64.b64decode(engine.renderToMIDI()))
    print(f'{name}:', ', '.join(f'{t.qpm:.0f} from beat {t.time/score.ticks_per_quarter:.0f}' for t in score.tempos))
PY
env/bin/python look.py | tee seen
cat > described <<'TXT'
60, in the middle of the bar 120: 120 from beat 0
60, in the next bar 120: 60 from beat 0, 120 from beat 4
TXT
cmp described seen || { echo 'no longer as described'; exit 1; }
