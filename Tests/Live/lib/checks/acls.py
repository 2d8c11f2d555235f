"""Access control lists and authentication."""
import struct

from kazoo.exceptions import AuthFailedError, BadVersionError, InvalidACLError, NoAuthError
from kazoo.security import ACL, CREATOR_ALL_ACL, Id, OPEN_ACL_UNSAFE, READ_ACL_UNSAFE, make_acl, make_digest_acl

import wire
from checks import check, equal, expect, raises

WHO_AM_I = 107
# Lets clients.py remove what a check has locked.
JOE = make_digest_acl("joe", "secret", all=True)


@check
def open_by_default(visit):
    """a node made without an ACL is open to the world"""
    visit.client.create(visit.path("a"))
    acls, stat = visit.client.get_acls(visit.path("a"))
    equal((acls, stat.aversion), (OPEN_ACL_UNSAFE, 0))


@check
def read_only_world(visit):
    """a node that the world may read is not written, and its ACL stays"""
    visit.client.create(visit.path("a"), b"data", acl=READ_ACL_UNSAFE)
    equal(visit.client.get(visit.path("a"))[0], b"data")
    for attempt in (lambda: visit.client.set(visit.path("a"), b""), lambda: visit.client.create(visit.path("a/b")),
                    lambda: visit.client.set_acls(visit.path("a"), OPEN_ACL_UNSAFE)):
        with raises(NoAuthError):
            attempt()


@check
def each_permission_counts_alone(visit):
    """read, write, create, delete and admin are five separate rights"""
    def only(**rights):
        path = visit.path("only-" + "-".join(rights))
        visit.client.create(path, acl=[make_acl("world", "anyone", **rights), JOE])
        return path

    read, write, create, delete, admin = (only(**{name: True}) for name in ("read", "write", "create", "delete", "admin"))
    visit.client.get(read)
    visit.client.set(write, b"")
    visit.client.create(create + "/child")
    with raises(NoAuthError):
        visit.client.delete(create + "/child")
    with raises(NoAuthError):
        visit.client.create(delete + "/child")
    with raises(NoAuthError):
        visit.client.get(admin)
    visit.client.set_acls(admin, OPEN_ACL_UNSAFE)
    visit.client.get(admin)
    for path in (write, create, delete):
        with raises(NoAuthError):
            visit.client.get(path)


@check
def delete_asks_the_parent(visit):
    """the right to delete is the parent's"""
    visit.client.create(visit.path("p"), acl=[make_acl("world", "anyone", read=True, create=True, admin=True)])
    visit.client.create(visit.path("p/a"))
    with raises(NoAuthError):
        visit.client.delete(visit.path("p/a"))
    visit.client.set_acls(visit.path("p"), OPEN_ACL_UNSAFE)
    visit.client.delete(visit.path("p/a"))


@check
def digest_user(visit):
    """a node of a digest user is for clients that know the password"""
    visit.client.add_auth("digest", "joe:secret")
    visit.client.create(visit.path("a"), b"private", acl=CREATOR_ALL_ACL)
    stranger, friend, liar = visit.connect(), visit.connect(), visit.connect()
    liar.add_auth("digest", "joe:guess")
    friend.add_auth("digest", "joe:secret")
    for client in (stranger, liar):
        with raises(NoAuthError):
            client.get(visit.path("a"))
        with raises(NoAuthError):
            client.set(visit.path("a"), b"")
    equal(friend.get(visit.path("a"))[0], b"private")


@check
def digest_in_the_acl(visit):
    """the digest scheme stores user:base64(sha1(user:password))"""
    visit.client.add_auth("digest", "joe:secret")
    visit.client.create(visit.path("a"), acl=CREATOR_ALL_ACL)
    acls, _ = visit.client.get_acls(visit.path("a"))
    equal(acls, [ACL(31, Id("digest", "joe:oesAybBun9icKJjQSTRN8OBueSc="))])
    equal(acls, [make_digest_acl("joe", "secret", all=True)])


@check
def acl_hides_digests(visit):
    """without the admin right the digests of an ACL are not shown"""
    visit.client.create(visit.path("a"), acl=[
        make_digest_acl("joe", "secret", all=True), make_acl("world", "anyone", read=True)])
    acls, _ = visit.client.get_acls(visit.path("a"))
    equal(sorted(acl.id.id for acl in acls), ["anyone", "joe:x"])


@check
def two_users_on_one_client(visit):
    """a client may authenticate as several users"""
    visit.client.add_auth("digest", "joe:secret")
    visit.client.add_auth("digest", "ann:word")
    visit.client.create(visit.path("a"), acl=CREATOR_ALL_ACL)
    acls, _ = visit.client.get_acls(visit.path("a"))
    equal(sorted(acl.id.id.split(":")[0] for acl in acls), ["ann", "joe"])


@check
def acl_version(visit):
    """set_acls takes a version and raises it by one"""
    visit.client.create(visit.path("a"))
    equal(visit.client.set_acls(visit.path("a"), OPEN_ACL_UNSAFE, version=0).aversion, 1)
    with raises(BadVersionError):
        visit.client.set_acls(visit.path("a"), OPEN_ACL_UNSAFE, version=0)
    equal(visit.client.exists(visit.path("a")).version, 0)


@check
def invalid_acls(visit):
    """ACLs of unknown schemes, of nobody, or of `auth` without authentication are invalid"""
    for acl in ([make_acl("nonsense", "x", all=True)], CREATOR_ALL_ACL, [make_acl("world", "someone", all=True)],
                [make_acl("ip", "300.1.1.1", all=True)], [make_acl("digest", "nocolon", all=True)]):
        with raises(InvalidACLError):
            visit.client.create(visit.path("a"), acl=acl)
    equal(visit.client.exists(visit.path("a")), None)


@check
def ip_scheme(visit):
    """the ip scheme lets an address in, or a range of them"""
    visit.client.create(visit.path("a"), acl=[make_acl("ip", "127.0.0.0/8", all=True)])
    visit.client.create(visit.path("b"), acl=[make_acl("ip", "10.0.0.1", all=True), JOE])
    visit.client.get(visit.path("a"))
    with raises(NoAuthError):
        visit.client.get(visit.path("b"))


@check
def acl_inside_multi(visit):
    """a multi is refused whole for one change that is not allowed"""
    visit.client.create(visit.path("locked"), acl=READ_ACL_UNSAFE)
    request = visit.client.transaction()
    request.create(visit.path("a"))
    request.set_data(visit.path("locked"), b"x")
    expect(type(request.commit()[1]) is NoAuthError)
    equal(visit.client.exists(visit.path("a")), None)


@check
def exists_needs_no_ownership_of_the_missing(visit):
    """whether a missing node exists may be asked by anyone; get of an unreadable one is refused"""
    visit.client.create(visit.path("p"), acl=[make_acl("world", "anyone", admin=True, delete=True, create=True)])
    visit.client.create(visit.path("p/a"))
    equal(visit.client.exists(visit.path("p/none")), None)
    with raises(NoAuthError):
        visit.client.get_children(visit.path("p"))
    visit.client.get(visit.path("p/a"))


@check
def unknown_auth_scheme(visit):
    """authenticating by an unknown scheme fails and ends the connection"""
    other = visit.connect()
    with raises(AuthFailedError):
        other.add_auth("nonsense", "x")


@check
def who_am_i(visit):
    """whoAmI names the address and the users of the connection"""
    session = visit.wire()
    body = struct.pack(">i", 0) + wire.text("digest") + wire.buffer(b"joe:secret")
    equal(session.request(100, body, xid=-4)[0], 0)
    error, _, answer = session.request(WHO_AM_I)
    equal(error, 0)
    expect(b"ip" in answer and b"127.0.0.1" in answer and b"digest" in answer and b"joe" in answer, answer)
