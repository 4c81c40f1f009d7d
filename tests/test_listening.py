"Listening tests: what is planted comes out, sure or not; what is no good is refused in a sentence."
import json
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from melodynb.listening import ListeningTest, agreement, listened, listening_test, loudness, pretend
from melodynb.score import Change, MelodyError, Note, Score, Track


def tune(number, **fields):
    notes = [Note(55 + (5*k + number*(k + 3)) % 24, k/2, .5, 20 + 9*number) for k in range(12)]
    return Score([Track(notes, program=number)], title=f'Secret {number}', **fields)


@pytest.fixture(scope='module')
def exam(tmp_path_factory):
    groups = {'people': [tune(n) for n in range(4)], 'mine': [tune(n) for n in range(4, 8)]}
    return listening_test(groups, tmp_path_factory.mktemp('exam'), seconds=4)


def answers(exam, name, **changes):
    "A file as the page writes it: 6 for people, 3 for the others, and every guess right."
    group = {code: piece['group'] for code, piece in exam.key['pieces'].items()}
    rated = {code: dict(liking=6 if side == 'people' else 3, maker=1 if side == 'people' else -2, heard=4.)
             for code, side in group.items()}
    given = dict(format='melodynb answers 1', test=exam.key['test'], listener=name, answers=rated)
    return {**given, **changes}


def write(folder, name, content):
    path = folder/f'{name}.json'
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_the_rates_are_those_that_were_planted(exam, tmp_path):
    for name in 'abc': write(tmp_path, name, answers(exam, name))
    found = listened(tmp_path, exam)
    people, mine = found.rows
    assert people['liking'] == (6, 6, 6) and mine['liking'] == (3, 3, 3) and mine['minus people'] == (-3, -3, -3)
    assert people['called a person'] == (1, 1, 1) and mine['called a person'] == (0, 0, 0)
    assert found.right == (1, 1, 1) and found.agree == {'liking': 1, 'maker': 1} and found.power['mine'] == (0, 0)
    assert 'a median of 4 s heard' in found.sentence() and 'power' not in repr(found)


def test_who_does_not_know_is_a_coin_and_known_pieces_are_no_guess(exam, tmp_path):
    rated = answers(exam, 'a')['answers']
    first, *others = rated
    unsure = {code: {**rated[code], 'maker': 0} for code in rated}
    write(tmp_path, 'a', answers(exam, 'a', answers=unsure))
    write(tmp_path, 'b', answers(exam, 'b', answers={**unsure, first: {**rated[first], 'known': True}}))
    found = listened(tmp_path, exam)
    assert found.right == (.5, .5, .5) and found.known == 1 and '1 guess about known pieces' in found.sentence()


def test_intervals_redraw_listeners_and_pieces(exam, tmp_path):
    "Against a plain loop over whole rows and columns (Owen 2007)."
    pretend(exam, tmp_path, {'people': 5, 'mine': 4}, {'people': .7, 'mine': .4}, listeners=9)
    found = listened(tmp_path, exam)
    values = found.liking[:, found.group == 'people']
    rng = np.random.default_rng(1)
    draws = [values[rng.integers(9, size=9)][:, rng.integers(4, size=4)].mean() for _ in range(4000)]
    low, high = np.quantile(draws, [.025, .975])
    _, found_low, found_high = found.rows[0]['liking']
    assert abs(found_low - low) < .06 and abs(found_high - high) < .06
    alone = np.std(values.mean(1))/3 # over listeners only: too narrow by far
    assert found_high - found_low > 3*alone


def test_more_pieces_buy_more_than_more_listeners(tmp_path):
    "The power that a panel reports, for the same number of answers: 40 x 4 a side against 10 x 16."
    least = {4: [], 16: []}
    for seed in range(8):
        for listeners, pieces in ((40, 4), (10, 16)):
            codes = {f'{side}{k}': dict(group=side, piece=side) for side in ('people', 'mine') for k in range(pieces)}
            key = dict(format='melodynb listening 1', test='x', people=['people'], pieces=codes)
            test, folder = ListeningTest(tmp_path, key), tmp_path/f'{pieces}-{seed}'
            pretend(test, folder, {'people': 4, 'mine': 4}, {'people': .5, 'mine': .5}, listeners=listeners, seed=seed)
            least[pieces].append(listened(folder, test).power['mine'][0])
    assert np.mean(least[16]) < .8*np.mean(least[4])


def test_a_page_plays_all_alike(tmp_path):
    "Force, instrument, title and, if asked, tempo of a score leave no trace; nor does its group."
    one = [tune(n) for n in range(6)]
    plain = [Score([Track([note._replace(velocity=80) for note in score.notes])], bpm=99) for score in one]
    keys = [listening_test({'people': some[:3], 'mine': some[3:]}, tmp_path/name, seconds=4, bpm=99).key
            for name, some in (('one', one), ('plain', plain))]
    assert keys[0]['test'] == keys[1]['test']
    quick = [tune(n, bpm=60, changes=[Change(1, 'bpm', 200)]) for n in range(6)]
    key = listening_test({'people': quick[:3], 'mine': quick[3:]}, tmp_path/'quick', seconds=4, bpm=99).key
    assert key['test'] == keys[0]['test']


def test_the_loudness_is_that_of_the_standard():
    "Twice the amplitude is 6.02 dB more; low bass counts less, treble more."
    t = np.arange(48000)/48000
    def level(hz, amplitude=.1): return loudness(amplitude*np.sin(2*np.pi*hz*t), 48000)
    assert abs(level(1000, .2) - level(1000) - 6.02) < .01
    assert level(30) < level(1000) - 5 and 2.5 < level(5000) - level(500) < 4.5


def test_agreement_is_nothing_by_chance_and_less_than_nothing_in_strife():
    values = np.random.default_rng(0).integers(1, 8, (30, 200)).astype(float)
    assert abs(agreement(values)) < .01
    assert agreement(np.array([[1., 7, 1, 7], [7, 1, 7, 1]])) < -.5
    assert np.isnan(agreement(np.full((3, 3), 4.)))


def test_who_stops_early_counts_as_far_as_he_came(exam, tmp_path):
    "Also where a whole group was heard by nobody: no warning, no figure."
    codes = [code for code, piece in exam.key['pieces'].items() if piece['group'] == 'people']
    for name in 'ab': write(tmp_path, name, answers(exam, name, answers={codes[0]: dict(liking=5)}))
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        found = listened(tmp_path, exam)
        shown = repr(found) + repr(found.by_piece) + repr(found.by_listener) + found._repr_html_()
        found.figure()
    assert found.rows[0]['liking'] == (5, 5, 5) and found.rows[1]['liking'] == 'not asked' and 'not asked' in shown


@pytest.mark.parametrize('name,content,said', [
    ('torn', '{"format": "melodynb answers 1", "te', 'torn.json is torn'),
    ('list', '[1, 2]', 'holds no answers and no key'),
    ('deep', '[' * 150_000, 'deep.json is torn'),
    ('bytes', '\x00\x01', 'bytes.json is torn'),
    ('large', ' ' * 250_000, 'more than 200,000 bytes'),
    ('format', dict(format='other'), 'no file of answers'),
    ('foreign', dict(test='abc'), "answers the test 'abc'"),
    ('eight', dict(answers={'CODE': dict(liking=8)}), 'it was changed'),
    ('true', dict(answers={'CODE': dict(liking=True)}), 'it was changed'),
    ('nan', dict(answers={'CODE': dict(liking=3, heard=float('nan'))}), 'it was changed'),
    ('unknown', dict(answers={'zz': dict(liking=3)}), 'it was changed'),
    ('maker', dict(answers={'CODE': dict(liking=3, maker='person')}), 'it was changed'),
    ('who', dict(listener='<b>\n'), 'it was changed'),
    ('none', dict(answers={}), 'holds no answers yet')])
def test_a_bad_file_is_left_out_in_a_sentence(exam, tmp_path, name, content, said):
    for who in 'ab': write(tmp_path, who, answers(exam, who))
    if isinstance(content, dict):
        text = json.dumps(answers(exam, 'c', **content)).replace('CODE', next(iter(exam.key['pieces'])))
        content = text
    write(tmp_path, name, content)
    found = listened(tmp_path, exam)
    assert len(found.listeners) == 2 and list(found.skipped) == [f'{name}.json']
    assert said in found.skipped[f'{name}.json'] and said in repr(found) and '1 file left out' in found._repr_html_()


def test_a_listener_counts_once_and_the_fuller_file_stays(exam, tmp_path):
    whole = answers(exam, 'a')
    early = {**whole, 'answers': dict([*whole['answers'].items()][:2])}
    for order in ('12', '21'):
        folder = tmp_path/order
        folder.mkdir()
        for name, content in zip(order, (whole, early)): write(folder, name, content)
        write(folder, 'b', answers(exam, 'b'))
        found = listened(folder, exam)
        assert list(found.skipped) == [f'{order[1]}.json'] and not np.isnan(found.liking).any()


HEAD = '{"format": "melodynb listening 1", "test": "x", '


@pytest.mark.parametrize('key', [
    '{', '[]', '{}', HEAD + '"pieces": {"a": 3}, "people": []}', HEAD + '"pieces": {}, "people": []}',
    HEAD + '"pieces": {"a": {"group": "g", "piece": "p"}}, "people": ["h"]}',
    HEAD + '"pieces": {"a": {"group": "g", "piece": "p"}}, "people": [["g"]]}'])
def test_a_key_that_is_none_is_refused(exam, tmp_path, key):
    write(tmp_path, 'a', answers(exam, 'a'))
    write(tmp_path, 'key', key)
    with pytest.raises(MelodyError, match='give the key.json that listening_test wrote'): listened(tmp_path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.dictionaries(st.sampled_from(['format', 'test', 'listener', 'answers', 'seed']), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3))))
def test_whatever_a_file_holds_the_others_count(exam, tmp_path, changes):
    for who in 'ab': write(tmp_path, who, answers(exam, who))
    write(tmp_path, 'c', answers(exam, 'c', **changes))
    found = listened(tmp_path, exam)
    assert len(found.listeners) + len(found.skipped) == 3


@pytest.mark.parametrize('there', ['listen.html', 'key.json'])
def test_a_page_and_a_key_of_two_tests_never_lie_together(tmp_path, there):
    (tmp_path/there).write_text('of last week')
    groups = {'people': [tune(n) for n in range(3)], 'mine': [tune(n) for n in range(3, 6)]}
    with pytest.raises(FileExistsError, match=there): listening_test(groups, tmp_path, seconds=3)
    assert [path.name for path in tmp_path.iterdir()] == [there]
    exam = listening_test(groups, tmp_path, seconds=3, exist_ok=True)
    assert exam.key['test'] in exam.page.read_text() and exam.key['test'] in (tmp_path/'key.json').read_text()


def test_what_nobody_hears_is_refused(tmp_path):
    inaudible = [Score([Track([Note(0, 0, .01)], program=0)])]*3
    groups = {'people': [tune(n) for n in range(3)], 'mine': inaudible}
    with pytest.raises(MelodyError, match='nobody hears it|sounds like'): listening_test(groups, tmp_path, seconds=3)
    with pytest.raises(MelodyError, match='name each group by a text'): listening_test({**groups, 3: inaudible}, tmp_path)


def test_two_a_side_is_no_test(tmp_path):
    with pytest.raises(MelodyError, match="'mine' has 2 pieces: give 3 or more a side"):
        listening_test({'people': [tune(n) for n in range(3)], 'mine': [tune(4), tune(5)]}, tmp_path/'no')
    assert not (tmp_path/'no').exists()


def test_what_the_page_plays_is_equally_loud_and_not_clipped(tmp_path):
    "Thick chords and thin lines, decoded from the page itself; MP3 moves a level by a tenth or two."
    import base64
    import io
    import soundfile
    thick = [Score([Track([Note(36 + step, k, 1) for k in range(6) for step in range(n, 40, 4)])]) for n in range(3)]
    exam = listening_test({'people': [tune(n) for n in range(3)], 'thick': thick}, tmp_path, seconds=4)
    source = exam.page.read_text(encoding='utf-8')
    pieces = json.loads(source.partition('id="test">')[2].partition('</script>')[0])['pieces']
    waves = [soundfile.read(io.BytesIO(base64.b64decode(one['sound'].partition(',')[2]))) for one in pieces]
    levels = [loudness(wave, rate) for wave, rate in waves]
    assert max(levels) - min(levels) < .5 and abs(np.mean(levels) - exam.key['loudness']) < .5
    assert max(np.abs(wave).max() for wave, _ in waves) < 1 and all(len(wave) < 5.5*rate for wave, rate in waves)
