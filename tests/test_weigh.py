"""Only signs that a cause may reach are looked at, and it comes to what looking at all does."""

from math import exp, log

import numpy as np
import pytest
from foreign_site import site
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.cascade import absence
from models.cascade import again as again_
from models.cascade import candidates as among
from models.cascade import gains as gains_
from models.cascade import weigh as w
from models.cascade.candidates import candidates, may_be
from models.cascade.cascade import reasoner
from models.cascade.explain import choose, most, owned, split, total, worths
from models.cascade.far import Far
from models.cascade.groups import shares
from models.cascade.physics import FAULTS, WAVES, Wave, at_rest
from models.cascade.physics.waves import LONG
from models.cascade.reach import LEAST, clean, search
from models.cascade.says import Says
from models.cascade.signs import ECHO_S, INDEPENDENT, SPANS, TYPICAL, Signs
from models.cascade.ways import LATE, LATE_S
from models.site import build
from schemas.cascade import Fault

REASONER = reasoner(build([site()])[0])
TABLES, REACHED = REASONER.tables, REASONER.reached
CHANCE, AFTER_S, PARENT = REACHED.chance.T, REACHED.after_s.T, REACHED.parent.T


@st.composite
def a_burst(draw):
    """Return signs anywhere, some of them of one asset, at any time in the last ten minutes."""
    places = st.integers(0, len(REASONER.graph) - 1)
    rows = draw(st.lists(st.tuples(places, st.sampled_from(Says)), min_size=1, unique=True))
    n = len(rows)
    says = np.array([row[1] for row in rows], np.int64)
    return Signs(
        np.array([row[0] for row in rows], np.int64),
        says,
        np.zeros(n, np.int64),
        np.array(draw(st.lists(st.floats(-600.0, 0.0), min_size=n, max_size=n))),
        np.full(n, 15.0),
        np.array(draw(st.lists(st.floats(5.0, 30.0), min_size=n, max_size=n))),
        np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n))),
        np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n))),
        shares(says, np.zeros(n, np.bool_), np.zeros(n, np.bool_)),
    )


def all_wait_late():
    """Return signs of everybody who waits: the first is 400 s before all others."""
    n = len(REASONER.graph)
    says, no = np.full(n, int(Says.WAIT)), np.zeros(n, np.bool_)
    onset_s = np.full(n, -100.0)
    onset_s[0] = -500.0
    share = shares(says, no, no)
    return Signs(
        *(np.arange(n), says, np.zeros(n, np.int64), onset_s, np.full(n, 15.0)),
        *(np.full(n, 25.0), no, no, share),
    )


def weighed(signs, found, far=None):
    n = found.asset.size
    gain = np.zeros((n, signs.asset.size), np.float32)
    weights = w.Weights(gain, np.zeros(n), np.zeros(n), np.zeros(n))
    w.weigh(REASONER.site, TABLES, signs, found, 0.0, REACHED, weights, far or Far())
    return weights


def plainly(signs, roots, fault):
    """Return gains, own gain, onset, what speaks against a cause, and belief: by all signs."""
    ways = [likeliest(int(a), int(s)) for a, s in zip(signs.asset, signs.says, strict=True)]
    is_own = np.isin(signs.asset, roots)
    kind = REASONER.site.kinds[roots[0]]
    onset_s = began(signs, ways, is_own, (fault, kind))
    believed = belief(signs, roots, (fault, kind), onset_s)

    def by(again_s):
        return [
            gain(signs, i, ways[i], (fault, kind, (onset_s, again_s), believed, bool(is_own[i])))
            for i in range(signs.asset.size)
        ]

    gains, changed = by(worse(signs, is_own, (fault, kind), onset_s)), 0.0
    if TABLES.starts[fault, gains_.CHANGE] > 0.0:
        better = by(again(signs, ways, is_own, onset_s))
        if sum(better) - sum(np.float32(one) for one in gains) > again_.CHANGES + again_.TRIFLE:
            gains, changed = better, again_.CHANGES
    own, rows = 0.0, np.flatnonzero(is_own)
    if not TABLES.starts[fault].any():  # a sensor: the best reading counts
        kept = rows[np.argmax(np.float32([gains[i] for i in rows]))] if rows.size else -1
        gains = [0.0 if is_own[i] and i != kept else one for i, one in enumerate(gains)]
        own = float(np.float32(gains[kept])) if rows.size else 0.0
    else:
        for i in rows:
            is_apart = signs.apart[i] and signs.says[i] != Says.OTHER
            apart = TABLES.apart[fault] if is_apart else 0.0
            own += gains[i] * max(TABLES.keys[kind, fault, signs.says[i]], apart)
    dates = is_own & (TABLES.own[kind, fault, signs.says] >= w.PROXIMAL)
    own_s = min(signs.onset_s[dates] - signs.slack_s[dates], default=-np.inf)
    own = 0.0 if own_s > onset_s + w.HIDES_S else own
    is_mute = own == 0.0 and TABLES.starts[fault, w.OUTAGE] > 0.0
    early = TABLES.early[fault, signs.says[rows]] > 0.0
    others, against = np.flatnonzero(~is_own), changed
    if not (rows.size and early.all()):
        cap = absence.SPEAK if is_mute else absence.MISSED
        against += missed(signs, (ways, others, gains), onset_s, cap)
    if not TABLES.starts[fault].any() and echoed(signs, rows):
        against += w.ECHOED
    against += price(signs, ways, others, gains)
    if own == 0.0 and TABLES.keys[kind, fault].any():
        against += w.MUTE if np.isin(roots, signs.asset).any() else w.QUIET
    return gains, own, onset_s, against, believed


def hardly(signs, found):
    """Say which candidates are hardly believed by those who would bear marks of them: (c,)."""
    believed = np.ones(found.fault.size)
    for c in np.flatnonzero(TABLES.marked[found.fault]).tolist():
        root, fault = found.asset[c : c + 1], int(found.fault[c])
        search(REASONER.site, at_rest(TABLES), root, (fault, LEAST), REACHED)
        believed[c] = plainly(signs, root, fault)[-1]
        clean(REACHED)
    return believed <= w.HARDLY


def echoed(signs, rows):
    """Say whether a neighbour says the same at about the same time."""
    start, to = REASONER.site.start, REASONER.site.to
    alike = (
        (signs.says[i] == signs.says[j], abs(signs.onset_s[i] - signs.onset_s[j]) <= ECHO_S)
        for i in rows
        for asset in to[start[signs.asset[i]] : start[signs.asset[i] + 1]]
        for j in np.flatnonzero(signs.asset == asset)
    )
    return any(all(one) for one in alike)


def likeliest(asset, says):
    """Return the wave that explains such a sign best, its chance, the last step's, and times."""
    came, shows = CHANCE[asset], TABLES.shows[:, says]
    chances = came * shows * ((came >= LEAST) | (shows >= TYPICAL))
    wave = int(np.argmax(chances))
    chance, took_s, _ = hop(asset * WAVES + wave)
    after_s = float(AFTER_S[asset, wave])
    shown = chance * shows[wave] if chances[wave] > 0.0 else 0.0
    return wave, float(chances[wave]), shown, after_s, took_s


def hop(state):
    """Return chance and time of the last step to a state, and the state before; -1: none."""
    asset, wave = divmod(state, WAVES)
    chance, after_s = float(CHANCE[asset, wave]), float(AFTER_S[asset, wave])
    before = int(PARENT[asset, wave]) if chance > 0.0 else -1
    if before < 0:
        return chance, after_s, before
    at = divmod(before, WAVES)
    return chance / float(CHANCE[at]), after_s - float(AFTER_S[at]), before


def price(signs, ways, others, gains):
    """Return what all steps but the last cost, each once; too dear a wave explains nothing."""
    for wave in {ways[i][0] for i in others}:
        of_it = [i for i in others if ways[i][0] == wave and gains[i] > 0.0]
        if sum(np.float32(gains[i]) for i in of_it) <= steps(signs, ways, of_it):
            for i in of_it:
                gains[i] = 0.0
    return steps(signs, ways, [i for i in others if gains[i] > 0.0])


def steps(signs, ways, rows):
    """Return what the steps to these signs cost, but for the last of each."""
    passed = set()
    for i in rows:
        *_, state = hop(int(signs.asset[i]) * WAVES + ways[i][0])
        while state >= 0:
            passed.add(state)
            *_, state = hop(state)
    alike = {}
    for state in passed:
        chance, took_s, _ = hop(state)
        asset, wave = divmod(state, WAVES)
        of_it = alike.setdefault((wave, REASONER.site.kinds[asset]), [])
        of_it.append(log(1.0 + took_s / LATE_S) - log(chance))
    return sum(sum(of_it) * min(INDEPENDENT / len(of_it), 1.0) ** 0.5 for of_it in alike.values())


def began(signs, ways, is_own, of):
    fault, kind = of
    shows = TABLES.own[kind, fault, signs.says] >= w.PROXIMAL
    own_s = min(signs.onset_s[is_own & shows], default=np.inf)
    dates = [
        i
        for i, way in enumerate(ways)
        if way[1] >= w.PROXIMAL and signs.weight[i] >= w.DATES and not is_own[i]
    ]
    is_warm = {i for i in dates if ways[i][0] == w.CHANGE and signs.says[i] in w.WARMTH}
    told_s = min(signs.onset_s[sorted(set(dates) - is_warm)], default=np.inf)
    told_s = told_s if told_s < np.inf else min(signs.onset_s[dates], default=np.inf)
    return min(min(own_s, told_s + w.EARLY_S) if own_s < np.inf else told_s, 0.0)


def worse(signs, is_own, of, onset_s):
    """Return when the cause showed the most of its own that came later; infinite: nothing."""
    fault, kind = of
    keys = (TABLES.keys[kind, fault, signs.says] > 0.0) & (signs.says != Says.WAIT)
    later = np.flatnonzero(is_own & keys & (signs.onset_s > onset_s) & (signs.weight > 0.0))
    return signs.onset_s[later[np.argmax(signs.weight[later])]] if later.size else np.inf


def again(signs, ways, is_own, onset_s):
    """Return when most comes together of what is too late for a job's first change."""
    late = {}
    for i, (wave, chance, _, after_s, _) in enumerate(ways):
        came_s = signs.onset_s[i] - onset_s
        most_s = 3.0 * after_s + again_.LATE * (LATE_S + after_s) + signs.slack_s[i]
        if not is_own[i] and wave == gains_.CHANGE and chance > 0.0 and came_s > most_s:
            late.setdefault(min(int(came_s / again_.SPAN_S), SPANS - 1), []).append(i)
    pairs = [late.get(k, []) + late.get(k + 1, []) for k in range(SPANS - 1)]
    most = max(pairs, key=lambda some: sum(signs.weight[i] * signs.share[i] for i in some))
    return min(signs.onset_s[i] for i in most) if len(most) > 1 else np.inf


def belief(signs, roots, of, onset_s):
    fault, kind = of
    keys = TABLES.keys[kind, fault, signs.says] > 0.0
    if TABLES.starts[fault, w.OUTAGE] > 0.0 and (keys & (signs.asset == roots[0])).any():
        return 1.0
    least = 1.0
    for wave in range(WAVES):
        if TABLES.starts[fault, wave] == 0.0 or not TABLES.marks[wave].any():
            continue
        many = float((CHANCE[:, wave] >= absence.EXPECTED).sum())
        marked = np.flatnonzero(TABLES.marks[wave, signs.says] > 0.0)
        assets = signs.asset[marked]
        first = [i for k, i in enumerate(marked) if k == 0 or assets[k - 1] != assets[k]]
        last_s = onset_s + 2.0 * AFTER_S[signs.asset, wave] + w.HIDES_S
        in_time = signs.onset_s - signs.slack_s <= last_s
        comes = CHANCE[signs.asset, wave] >= absence.EXPECTED
        bear = float(sum(comes[i] and in_time[i] for i in first))
        least = min(least, (bear / max(many * TABLES.share[wave], 1.0)) ** w.DOUBT)
    is_quiet = least == 0.0 and not np.isin(roots, signs.asset).any() and TABLES.marked[fault]
    return 0.0 if is_quiet else max(least, w.FAINT)


def gain(signs, i, way, cause):
    (wave, _, chance, after_s, took_s), (fault, kind, times, believed, is_own) = way, cause
    onset_s, again_s = times
    says, marks = signs.says[i], TABLES.marks[wave]
    is_mark = TABLES.starts[fault, wave] > 0.0 and (marks[says] > 0.0 or not marks.any())
    chance *= believed if not is_mark or wave == gains_.CHANGE else 1.0
    chance *= TABLES.waits[fault] if says == Says.WAIT else 1.0
    chance *= gains_.ALIKE ** (2 if wave == gains_.CHANGE else 1) if signs.apart[i] else 1.0
    is_warm = says in {Says.HOT, Says.COLD, Says.FASTER, Says.SLOWER}
    if wave == gains_.CHANGE and is_warm and signs.onset_s[i] < onset_s - w.EARLY_S:
        chance = 0.0
    if is_own and TABLES.own[kind, fault, says] >= chance:
        chance, after_s, took_s = TABLES.own[kind, fault, says], 0.0, 0.0
    if chance <= 0.0:
        return 0.0
    fits = timely(signs.onset_s[i] - onset_s - after_s, after_s, took_s, signs.slack_s[i])
    if not is_own and signs.onset_s[i] >= onset_s:
        fits = max(fits, again_.AGAIN if wave == gains_.CHANGE else 0.0)
        late_s = signs.onset_s[i] - again_s - after_s
        fits = max(fits, timely(late_s, after_s, took_s, signs.slack_s[i]))
    odds = signs.weight[i] + log(chance * fits)
    away = gains_.ELSEWHERE if signs.strongest[i] and not is_own else 0.0
    early = signs.onset_s[i] + signs.slack_s[i] < onset_s
    rest = 1.0 - signs.share[i]
    away -= rest * log(fits) if early else 0.0
    is_long = not early and not is_own and Wave(wave) in LONG
    away += signs.share[i] * rest * max(log(fits), -gains_.FORGIVEN) if is_long else 0.0
    return max(odds * signs.share[i] - away, 0.0) if odds >= gains_.SURE else 0.0


def timely(late_s, after_s, took_s, slack_s):
    if -late_s - after_s - slack_s > 0.0:
        return exp((late_s + after_s + slack_s) / w.EARLY_S)
    too_late_s = max(late_s - slack_s - 2.0 * after_s, 0.0)
    return max(exp(-too_late_s / (LATE_S + after_s)), LATE) * LATE_S / (LATE_S + took_s)


def missed(signs, explained, onset_s, cap):
    (ways, others, gains), against = explained, 0.0
    shows, kinds = np.isin(np.arange(len(REASONER.graph)), signs.asset), REASONER.site.kinds
    after_s = absence.LATEST * AFTER_S + absence.SETTLED_S
    late = -onset_s > after_s
    told = np.zeros(WAVES)
    for i in others:
        told[ways[i][0]] += np.float32(gains[i])
    for wave, kind in {(ways[i][0], kinds[signs.asset[i]]) for i in others if gains[i] > 0.0}:
        alike = [i for i in others if (ways[i][0], kinds[signs.asset[i]]) == (wave, kind)]
        first_s = min(signs.onset_s[i] for i in alike if gains[i] > 0.0)
        late[kinds == kind, wave] = -first_s > absence.FOLLOWS_S
    comes = late & (CHANCE >= LEAST) & (PARENT >= 0)
    due = comes & (CHANCE >= absence.LIKELY)
    for wave in np.flatnonzero(comes.any(0) & (TABLES.best >= absence.VISIBLE)):
        many = float(due[:, wave].sum())
        short = max(1.0 - (due[:, wave] & shows).sum() / max(many, 1.0) / absence.VISIBLE, 0.0)
        against = max(against, short * short * min(many, cap))
        against = max(against, min(naming(comes[:, wave], shows), told[wave]))
    return against


def naming(due, shows):
    most = 0.0
    for kind in np.unique(REASONER.site.kinds[due]):
        alike = due & (REASONER.site.kinds == kind)
        many, show = float(alike.sum()), float((alike & shows).sum())
        if 0.0 < show < many:
            cost = -show * log(show / many) - (many - show) * log(1.0 - show / many)
            most = max(most, cost * min(INDEPENDENT / show, 1.0) ** 0.5)
    return most


def test_bits_tell_which_steps_can_be_at_all():
    for bits, chance in ((TABLES.goes, TABLES.chance), (TABLES.turned, TABLES.turns)):
        can = (bits[:, np.newaxis, :] >> np.arange(chance.shape[1])[:, np.newaxis]) & 1
        assert np.array_equal(can == 1, chance > 0.0)


@given(signs=a_burst())
@example(all_wait_late())
@settings(max_examples=60, deadline=None)
def test_what_is_not_looked_at_would_have_told_nothing(signs):
    found = candidates(REASONER.graph, REASONER.site, TABLES, signs)
    weights = weighed(signs, found)
    ends = np.stack([found.asset, found.other], 1)
    least = w.followed(REASONER.site, TABLES, signs, ends, found.fault)
    rests = hardly(signs, found)

    for c, fault in enumerate(found.fault.tolist()):
        ends = [int(found.asset[c]), int(found.other[c])]
        roots = np.array([end for end in ends if end >= 0], np.int64)
        tables = at_rest(TABLES) if rests[c] else TABLES
        search(REASONER.site, tables, roots, (fault, least[c]), REACHED)
        gains, own, onset_s, against, _ = plainly(signs, roots, fault)
        clean(REACHED)
        assert weights.gain[c] == pytest.approx(np.float32(gains), rel=1e-6)
        assert weights.own[c] == pytest.approx(own, rel=1e-6)
        assert weights.onset_s[c] == pytest.approx(onset_s)
        assert weights.against[c] == pytest.approx(against)


def test_where_nothing_gets_slower_nobody_waits():
    for name, fault in (("CT-4", Fault.COOLING), ("XFMR-9", Fault.POWER)):
        root = np.array([REASONER.graph.place(name)])
        for tables, waits in ((TABLES, True), (at_rest(TABLES), False)):
            search(REASONER.site, tables, root, (FAULTS.index(fault), LEAST), REACHED)
            reached = (REACHED.chance > 0.0).any(axis=1)
            clean(REACHED)
            assert reached[Wave.SLOW] == reached[Wave.WAITING] == waits
            assert reached[Wave.HEAT]


def explains(asset, fault, rows):
    """Say which signs a fault of an asset explains. `rows`: (s,) names and what they say."""
    n, no = len(rows), np.zeros(len(rows), np.bool_)
    says = np.array([row[1] for row in rows], np.int64)
    signs = Signs(
        np.array([REASONER.graph.place(row[0]) for row in rows], np.int64),
        *(says, np.zeros(n, np.int64), np.full(n, -10.0), np.full(n, 15.0), np.full(n, 20.0)),
        *(no, no, shares(says, no, no)),
    )
    cause = REASONER.graph.place(asset), -1, FAULTS.index(fault), 10.0
    found = w.Candidates(*(np.array([one]) for one in cause))
    return (weighed(signs, found).gain[0] > 0.0).tolist()


@pytest.mark.parametrize("hot", [0, 3])
def test_nobody_waits_for_a_tower_while_nothing_is_hot(hot):
    ports = [f"LEAF7/{i}" for i in range(3)]
    rows = [(name, Says.WAIT) for name in ports]
    rows += [(f"dgx-{host}", Says.HOT) for host in "bcd"[:hot]]

    assert explains("CT-4", Fault.COOLING, rows) == [hot > 0] * len(rows)


@pytest.mark.parametrize("silent", [0, 1])
def test_an_outage_cuts_a_link_where_anybody_is_silent_and_nobody_waits_for_so_few(silent):
    rows = [("LEAF7/3", Says.WAIT), ("LEAF7/0", Says.DOWN), *[("dgx-a", Says.SILENCE)] * silent]

    assert explains("R1", Fault.POWER, rows) == [False, silent > 0, True][: len(rows)]


@given(signs=a_burst())
@example(all_wait_late())
@settings(max_examples=60, deadline=None)
def test_a_candidate_that_is_dropped_would_have_been_worth_nothing(signs):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(among, "may_be", lambda *told: told[3].cost > 0.0)
        every = candidates(REASONER.graph, REASONER.site, TABLES, signs)
    weights = weighed(signs, every)

    dropped = ~may_be(REASONER.site, TABLES, signs, every)
    worth = weights.gain.sum(1) - every.cost - weights.against
    assert (worth[dropped] <= 0.0).all()


@given(signs=a_burst())
@settings(max_examples=30, deadline=None)
def test_weights_of_a_cause_do_not_depend_on_who_was_weighed_before(signs):
    found = candidates(REASONER.graph, REASONER.site, TABLES, signs)
    both, back = weighed(signs, found), weighed(signs, w.Candidates(*(one[::-1] for one in found)))

    for one, other in zip(both, back, strict=True):
        assert np.array_equal(one, other[::-1])


@given(before=a_burst(), signs=a_burst())
@settings(max_examples=60, deadline=None)
def test_a_search_that_was_kept_for_other_signs_weighs_to_the_bit_as_a_new_one(before, signs):
    found, far = candidates(REASONER.graph, REASONER.site, TABLES, signs), Far(least=1)
    for _ in range(2):
        weighed(before, found, far)
    again, anew = weighed(signs, found, far), weighed(signs, found)

    spreads = TABLES.starts[found.fault].any(axis=1)
    rests = hardly(before, found) & hardly(signs, found)
    assert len(far.kept) == np.count_nonzero(spreads & ~rests)
    for one, other in zip(again, anew, strict=True):
        assert np.array_equal(one, other)
    assert REACHED.chance.max() == 0.0
    assert REACHED.size.max() == 0


@given(rows=st.integers(1, 6), signs=st.integers(1, 20), seed=st.integers(0, 99))
def test_each_sign_is_explained_by_one_cause(rows, signs, seed):
    rng = np.random.default_rng(seed)
    gain = rng.integers(0, 4, (rows, signs)).astype(np.float32)
    chosen = rng.permutation(rows)[: rng.integers(1, rows + 1)].tolist()

    found = [owned(gain, [one for one in chosen if one != c], c).tolist() for c in chosen]

    told = sorted(i for one in found for i in one)
    assert told == np.flatnonzero(most(gain, chosen)).tolist()
    for c, some in zip(chosen, found, strict=True):
        assert (gain[c, some] == most(gain, chosen)[some]).all()


@given(rows=st.integers(1, 40), signs=st.integers(1, 5000), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_causes_are_worth_the_same_however_many_are_held_against_others_at_once(rows, signs, seed):
    rng = np.random.default_rng(seed)
    gain, price = rng.random((rows, signs), np.float32), rng.random(rows)
    whole = np.maximum(gain - most(gain, [0]), 0.0).sum(1) - price

    assert np.array_equal(worths(gain, price, [0]), whole)


@st.composite
def sets_of_gains(draw):
    """Return what a few candidates gain of a few signs, and what each costs."""
    many, signs = draw(st.integers(2, 6)), draw(st.integers(1, 8))
    row = st.lists(st.floats(0.0, 20.0, width=16), min_size=signs, max_size=signs)
    gain = np.array(draw(st.lists(row, min_size=many, max_size=many)), np.float32)
    price = np.array(draw(st.lists(st.floats(1.0, 30.0), min_size=many, max_size=many)))
    return gain, price


@given(sets_of_gains())
@example((np.float32([[0, 0, 0, 5], [0, 4, 1, 20], [0, 7, 0, 0]]), np.array([1.0, 19.0, 1.0])))
def test_two_causes_take_the_place_of_one_only_where_that_is_likelier(drawn):
    gain, price = drawn
    chosen = choose(gain, price)
    apart = split(gain, price, chosen)

    assert total(gain, price, apart) >= total(gain, price, chosen)
    assert len(set(apart)) == len(apart)


def test_greed_does_not_keep_one_cause_for_what_two_explain_better():
    gain = np.array([[9.0, 9.0, 9.0, 9.0], [12.0, 12.0, 0.0, 0.0], [0.0, 0.0, 12.0, 12.0]])
    price = np.array([10.0, 10.0, 11.0])

    assert choose(gain.astype(np.float32), price) == [0]
    assert sorted(split(gain.astype(np.float32), price, [0])) == [1, 2]
