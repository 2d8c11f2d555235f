"""Multi: all or nothing; sync; order of requests."""
from kazoo.exceptions import BadVersionError, NodeExistsError, NoNodeError, RolledBackError, RuntimeInconsistency

from checks import check, equal, expect


@check
def multi_succeeds(visit):
    """a multi does all its changes at one zxid and answers each"""
    visit.client.create(visit.path("a"), b"old")
    visit.client.create(visit.path("gone"))
    request = visit.client.transaction()
    request.create(visit.path("b"), b"new")
    request.set_data(visit.path("a"), b"changed", version=0)
    request.check(visit.path("a"), version=1)
    request.delete(visit.path("gone"))
    answers = request.commit()
    equal(answers[0], visit.path("b"))
    equal((answers[1].version, answers[2], answers[3]), (1, True, True))
    equal(visit.client.get(visit.path("a"))[0], b"changed")
    equal(visit.client.exists(visit.path("a")).mzxid, visit.client.exists(visit.path("b")).czxid)
    equal(visit.client.exists(visit.path("gone")), None)


@check
def multi_fails_whole(visit):
    """a multi whose third change fails changes nothing and says which failed"""
    visit.client.create(visit.path("a"), b"old")
    request = visit.client.transaction()
    request.create(visit.path("b"))
    request.set_data(visit.path("a"), b"changed")
    request.check(visit.path("a"), version=7)
    request.create(visit.path("c"))
    kinds = [type(answer) for answer in request.commit()]
    equal(kinds, [RolledBackError, RolledBackError, BadVersionError, RuntimeInconsistency])
    equal(visit.client.get(visit.path("a"))[0], b"old")
    equal(visit.client.get_children(visit.root), ["a"])


@check
def multi_sees_itself(visit):
    """later changes of a multi see the earlier ones"""
    request = visit.client.transaction()
    request.create(visit.path("a"))
    request.create(visit.path("a/b"), b"1")
    request.set_data(visit.path("a/b"), b"2", version=0)
    request.delete(visit.path("a/b"), version=1)
    request.create(visit.path("a/c"))
    answers = request.commit()
    expect(not [answer for answer in answers if isinstance(answer, Exception)], answers)
    equal(visit.client.get_children(visit.path("a")), ["c"])


@check
def multi_refusals(visit):
    """a multi names the refusal of each kind of change"""
    visit.client.create(visit.path("a"))
    for prepare, kind in ((lambda r: r.create(visit.path("a")), NodeExistsError),
                          (lambda r: r.delete(visit.path("none")), NoNodeError),
                          (lambda r: r.set_data(visit.path("none"), b""), NoNodeError),
                          (lambda r: r.check(visit.path("none"), 0), NoNodeError)):
        request = visit.client.transaction()
        prepare(request)
        equal([type(answer) for answer in request.commit()], [kind])


@check
def multi_sequential(visit):
    """sequential creates in a multi get numbers in order"""
    request = visit.client.transaction()
    request.create(visit.path("s-"), sequence=True)
    request.create(visit.path("s-"), sequence=True)
    equal(request.commit(), [visit.path("s-0000000000"), visit.path("s-0000000001")])


@check
def multi_ephemeral(visit):
    """an ephemeral node made in a multi goes with its session"""
    other = visit.connect()
    request = other.transaction()
    request.create(visit.path("e"), ephemeral=True)
    request.commit()
    equal(visit.client.exists(visit.path("e")).ephemeralOwner, other.client_id[0])
    other.stop()
    equal(visit.client.exists(visit.path("e")), None)


@check
def empty_multi(visit):
    """a multi of nothing succeeds"""
    equal(visit.client.transaction().commit(), [])


@check
def sync_then_read(visit):
    """after sync a client sees what another was told is done"""
    other = visit.connect()
    for number in range(20):
        path = visit.path("n%d" % number)
        visit.client.create(path)
        equal(other.sync(path), path)
        expect(other.exists(path), path)


@check
def requests_stay_in_order(visit):
    """a client's requests take effect in the order in which it sent them"""
    visit.client.create(visit.path("a"))
    pending = []
    for number in range(500):
        pending.append(visit.client.set_async(visit.path("a"), b"%d" % number, number))
        pending.append(visit.client.get_async(visit.path("a")))
    for number in range(500):
        equal(pending[2 * number].get(timeout=30).version, number + 1)
        equal(pending[2 * number + 1].get(timeout=30)[0], b"%d" % number)
