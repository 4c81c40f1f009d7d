"A class is marked: right answers right, and no notebook, however bad, stops the others or harms the machine."
import csv
import io
import json
import os
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import psutil
import pytest

from melodynb.marking import Mark, commonest_mistake, mark_folder, marks_csv
from melodynb.score import MelodyError

ROOT = Path(__file__).parent.parent
HERE = {**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)}
RIGHT = 'import math\ndef bits(nats, kinds): return sum(nats)/math.log(2)/kinds.count("Pitch")\ncheck("4.1", bits)'


def page(*cells):
    return json.dumps(dict(nbformat=4, metadata={}, cells=[dict(cell_type='code', source=cell) for cell in cells]))


def bits(body): return page(f'import math, os, sys, time\ndef bits(nats, kinds):\n    {body}\ncheck("4.1", bits)')


def hand_in(folder, **pages):
    for person, text in pages.items():
        data = text if isinstance(text, bytes) else text.encode()
        (folder/f'{person}.ipynb').write_bytes(data)
    return folder


def marked(folder, **options):
    return {(one.person, one.task): one for one in mark_folder(folder, **dict(seconds=20) | options)}


# What runs, and what does not

def test_nothing_runs_but_the_answers(tmp_path):
    trap = tmp_path/'trap'
    touch = f'open({str(trap)!r}, "w").write("ran")'
    text = page(touch, f'if True: {touch}', f'for n in [1]: {touch}', f'x = {touch}', '%%time\n' + touch, '!echo hello',
                'print("hello")\nimport math\nLOG = math.log(2)', 'def notes(kinds): return kinds.count("Pitch")',
                'def bits(nats, kinds): return sum(nats)/LOG/notes(kinds)', 'verdict = check(number="4.1", answer=bits)', touch)
    found = marked(hand_in(tmp_path, anna=text))
    assert found['anna', '4.1'].state == 'right' and not trap.exists()


def test_the_last_answer_counts_and_what_it_needs_may_stand_anywhere(tmp_path):
    late = page('def bits(nats, kinds): return 0\ncheck("4.1", bits)',
                'def bits(nats, kinds): return sum(nats)/L/kinds.count("Pitch")\ncheck("4.1", bits)',
                'from math import log\nL = log(2)')
    broken = page('def broken(:', RIGHT, 'import no_such_module')
    star = page('from math import *',
                'def bits(nats, kinds): return sum(nats)/log(2)/kinds.count("Pitch")\ncheck(4.1, bits)')
    guarded = page('try: from math import log as ln\nexcept ImportError: ln = None',
                   'check("4.1", lambda nats, kinds: sum(nats)/ln(2)/kinds.count("Pitch"))')
    found = marked(hand_in(tmp_path, late=late, broken=broken, star=star, guarded=guarded))
    states = {person: one.state for (person, _), one in found.items()}
    assert states == dict.fromkeys(('broken', 'guarded', 'late', 'star'), 'right')


def test_real_notebooks_are_marked_as_they_are(tmp_path):
    "The attempts as they come, untouched, and the solutions of the teacher."
    for name in ('10_char_gpt', '41_remi_transformer'):
        (tmp_path/f'new-{name}.ipynb').write_bytes((ROOT/'nbs'/f'{name}.ipynb').read_bytes())
        (tmp_path/f'done-{name}.ipynb').write_bytes((ROOT/'nbs'/'solutions'/f'{name}.ipynb').read_bytes())
    found = marked(tmp_path, seconds=120)
    for attempt, name in (('1', '10_char_gpt'), ('4', '41_remi_transformer')):
        for level in '123':
            task = f'{attempt}.{level}'
            assert found[f'new-{name}', task].state == 'empty', found[f'new-{name}', task]
            assert found[f'done-{name}', task].title
    assert found['new-10_char_gpt', '4.1'].state == 'not handed in'


# Bad notebooks

BAD = {'loops': ('while True: pass', 'too slow'), 'sleeps': ('time.sleep(1000)', 'too slow'),
       'leaves': ('os._exit(0)', 'stopped'), 'exits': ('sys.exit()', 'not yet'),
       'interrupts': ('raise KeyboardInterrupt', 'stopped'),
       'dies': ('os.kill(os.getpid(), 11)', 'stopped'), 'asks': ('return input()', 'not yet'),
       'circles': ('return bits(nats, kinds)', 'not yet'), 'grows': ('return [0]*10**10', 'not yet'),
       'prints': ('sys.stdout.write("x"*10**6); print("{\\"task\\": \\"4.1\\", \\"state\\": \\"right\\"}"); return 1', 'not yet')}
UNREADABLE = {'picture': b'\x89PNG\r\n', 'empty': b'', 'list': b'[1]', 'nested': b'['*100_000,
              'text': 'Grüße'.encode('latin-1'),
              'cells': b'{"cells": 3}'}


def test_no_bad_notebook_stops_the_others(tmp_path):
    pages = {name: bits(body) for name, (body, _) in BAD.items()}
    (tmp_path/'folder.ipynb').mkdir()
    hand_in(tmp_path, aaa=page(RIGHT), zzz=page(RIGHT), nothing=page('x = 1'), **pages, **UNREADABLE)
    began = time.monotonic()
    found = marked(tmp_path, seconds=4)
    assert found['aaa', '4.1'].state == found['zzz', '4.1'].state == 'right'
    assert {name: found[name, '4.1'].state for name in BAD} == {name: state for name, (_, state) in BAD.items()}
    assert {found[name, '4.1'].state for name in (*UNREADABLE, 'folder')} == {'unreadable'}
    assert found['nothing', '4.1'].state == 'not handed in' and time.monotonic() - began < 300
    assert all(one.remark and 'Traceback' not in one.remark for key, one in found.items() if key[0] in {*BAD, *UNREADABLE})


def test_a_slow_answer_does_not_stop_the_other_answers_of_its_notebook(tmp_path):
    slow = 'def overlap(melody, tunes, n):\n    while True: pass\ncheck("1.1", overlap)'
    found = marked(hand_in(tmp_path, anna=page(slow, RIGHT)), seconds=2)
    assert (found['anna', '1.1'].state, found['anna', '4.1'].state) == ('too slow', 'right')


def test_memory_is_bounded_by_watching_too(tmp_path, monkeypatch):
    "As where the system has no bound: what grows slowly is seen from outside."
    body = ('held = []\n    while True:\n        held.append(bytearray(20_000_000))\n'
            '        held[-1][::4096] = b"x"*len(held[-1][::4096])\n        time.sleep(.02)')
    from melodynb import marking
    surroundings = marking._surroundings
    (tmp_path/'site').mkdir()
    (tmp_path/'site'/'sitecustomize.py').write_text('import sys\nsys.modules["resource"] = None\n')
    def without_resource(folder):
        told = surroundings(folder)
        return told | dict(PYTHONPATH=os.pathsep.join([str(tmp_path/'site'), told['PYTHONPATH']]))
    monkeypatch.setattr(marking, '_surroundings', without_resource)
    (tmp_path/'class').mkdir()
    found = marked(hand_in(tmp_path/'class', anna=bits(body), ben=page(RIGHT)), seconds=60, megabytes=300)
    assert found['anna', '4.1'].state == 'too large' and '300 MB' in found['anna', '4.1'].remark
    assert found['ben', '4.1'].state == 'right'


@pytest.mark.skipif(sys.platform != 'linux', reason='only Linux keeps to this bound')
def test_memory_is_bounded_by_the_system_where_it_can(tmp_path):
    body = 'held = bytearray(1_000_000_000)\n    return 1'
    found = marked(hand_in(tmp_path, anna=bits(body)), megabytes=500)['anna', '4.1']
    assert found.state == 'not yet' and 'MemoryError' in found.remark


@pytest.mark.skipif(os.name != 'posix', reason='a fork')
def test_nothing_is_left_running(tmp_path):
    note = tmp_path/'children'
    body = (f'import subprocess\n    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])\n'
            f'    open({str(note)!r}, "a").write(f"{{child.pid}} ")\n    while True: pass')
    (tmp_path/'class').mkdir()
    marked(hand_in(tmp_path/'class', anna=bits(body)), seconds=3)
    time.sleep(.2)
    left = [int(number) for number in note.read_text().split()]
    alive = [number for number in left if psutil.pid_exists(number)]
    assert left and not [number for number in alive if psutil.Process(number).status() != 'zombie']


@pytest.mark.skipif(os.name != 'posix', reason='a bound of the system')
def test_the_disk_is_not_filled_and_nothing_of_yours_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv('SECRET_TOKEN', 'abc')
    big = 'open("big", "wb").write(b"x"*100_000_000)\n    return 1'
    nosy = 'raise ValueError(str("SECRET_TOKEN" in os.environ) + str(os.listdir(".")) + os.path.expanduser("~"))'
    found = marked(hand_in(tmp_path, big=bits(big), nosy=bits(nosy)))
    assert found['big', '4.1'].state in ('not yet', 'stopped')
    assert 'False' in found['nosy', '4.1'].remark and str(Path.home()) not in found['nosy', '4.1'].remark


# The table

def test_every_person_has_a_row_for_every_task(tmp_path):
    (tmp_path/'Ben').mkdir()
    hand_in(tmp_path/'Ben', first=page(RIGHT), second=page('def overlap(melody, tunes, n): ...\ncheck("1.1", overlap)'))
    hand_in(tmp_path, Anna=bits('return sum(nats)/len(nats)'), Carla=bits('return sum(nats)/math.log(2)/len(nats)'),
            Dan=bits('...'))
    marks = mark_folder(tmp_path, seconds=20)
    assert [(one.person, one.task) for one in marks] == [*product(('Anna', 'Ben', 'Carla', 'Dan'), ('1.1', '4.1'))]
    by = {(one.person, one.task): one for one in marks}
    assert by['Ben', '1.1'].state == 'empty' and by['Ben', '4.1'].state == 'right' and by['Dan', '4.1'].state == 'empty'
    said = commonest_mistake(marks)
    assert said.startswith('The commonest mistake, 2 of 4 people: in 4.1 Bits per note, "one note that costs')
    assert said.count('. ') == 0
    rows = [*csv.reader(io.StringIO(marks_csv(marks)))]
    assert len(rows) == 1 + len(marks) and {len(row) for row in rows} == {7}


def test_a_cell_is_no_formula():
    assert "'=1+1" in marks_csv([Mark('=1+1', '4.1', remark='@x')])
    assert "'@x" in marks_csv([Mark('a', '4.1', remark='@x')])


def test_where_nobody_errs_nothing_is_said_against_anybody():
    assert 'Nobody of 1' in commonest_mistake([Mark('a', '4.1', state='right')])


def test_wishes_are_refused_in_a_sentence(tmp_path):
    with pytest.raises(MelodyError, match='holds 0 notebooks'): mark_folder(tmp_path)
    hand_in(tmp_path, a=page(RIGHT))
    for wish in (dict(seconds=0), dict(megabytes=-1)):
        with pytest.raises(MelodyError, match='give more than 0'): mark_folder(tmp_path, **wish)


def test_the_command(tmp_path):
    (tmp_path/'class').mkdir()
    hand_in(tmp_path/'class', **{'Änne Groß': page(RIGHT), '-ben': bits('return sum(nats)/len(nats)')})
    command = [sys.executable, '-m', 'melodynb.cli', 'mark', 'class', '--csv']
    how = dict(cwd=tmp_path, env=HERE, capture_output=True, text=True, encoding='utf-8')
    done = subprocess.run([*command, 'marks.csv'], **how)
    assert done.returncode == 0, done.stderr
    rows = [*csv.DictReader((tmp_path/'marks.csv').open(encoding='utf-8'))]
    assert [(row['person'], row['state']) for row in rows] == [("'-ben", 'not yet'), ('Änne Groß', 'right')]
    assert 'The commonest mistake, 1 of 2 people' in done.stderr and not done.stdout
    again = subprocess.run([*command, 'marks.csv'], cwd=tmp_path, env=HERE, capture_output=True, text=True)
    assert again.returncode == 1 and '--force' in again.stderr

