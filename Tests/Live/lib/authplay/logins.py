"""Who clients may say they are: auth requests, SASL, and what is asked before."""
import hashlib
import re
import struct

import wire
from authplay import AUTH, SASL, WHO_AM_I, auth_body, create_body, entry_list
from wire import buffer, text

# What sasl() may change of a client's answer, and how the plays call it.
SASL_ANSWERS = {
    "right": {}, "wrong password": {"password": b"x"}, "unknown user": {"user": b"eve"}, "super": {"user": b"super", "password": b"adminsecret"},
    "accents in UTF-8": {"user": "josé".encode(), "password": "pÄss".encode()},
    "another identity": {"authzid": b"admin"}, "another realm": {"realm": b"other"}, "no realm": {"realm": b"", "shows_realm": False},
    "capital service": {"uri": b"ZOOKEEPER/zk-sasl-md5"}, "another service": {"uri": b"zookeeper/other"},
    "another host": {"uri": b"zookeeper/x/zk-sasl-md5"}, "auth-int": {"qop": b"auth-int"}, "no charset": {"charset": b""},
    "another charset": {"charset": b"charset=latin1,"}, "another nonce": {"nonce": b"zz"}, "twice a name": {"behind": b',username="bob"'},
    "unknown word": {"behind": b",foo=bar"}, "comma at the end": {"behind": b","}, "word at the end": {"behind": b" x"},
    "too long": {"behind": b',a="' + b"x" * 4096 + b'"'}, "maxbuf": {"behind": b",maxbuf=100"}, "blanks": {"behind": b' , foo = "bar" '},
    "no value": {"behind": b",foo="}, "open quotation": {"behind": b',foo="bar'}, "many commas": {"behind": b",,,foo=1,,"},
}


def md5(data):
    return hashlib.md5(data).digest()


def digits(data):
    return hashlib.md5(data).hexdigest().encode()


def sasl_answer(challenge, user=b"bob", password=b"bobsecret", realm=b"zk-sasl-md5", shows_realm=True, nonce=None, cnonce=b"abcdef",
                uri=b"zookeeper/zk-sasl-md5", qop=b"auth", authzid=None, charset=b"charset=utf-8,", behind=b""):
    """A client's answer to a DIGEST-MD5 challenge, and what a server that knows the password says to it."""
    nonce = nonce or re.search(rb'nonce="([^"]*)"', challenge).group(1)
    tail = b":" + authzid if authzid else b""
    first = digits(md5(user + b":" + realm + b":" + password) + b":" + nonce + b":" + cnonce + tail)

    def proof(direction):
        return digits(first + b":" + nonce + b":00000001:" + cnonce + b":" + qop + b":" + digits(direction + b":" + uri))

    shown_realm = b'realm="' + realm + b'",' if shows_realm else b""
    shown_authzid = b'authzid="' + authzid + b'",' if authzid else b""
    answer = (charset + b'username="' + user + b'",' + shown_realm + b'nonce="' + nonce + b'",nc=00000001,cnonce="' + cnonce
              + b'",digest-uri="' + uri + b'",qop=' + qop + b"," + shown_authzid + b"response=" + proof(b"AUTHENTICATE") + behind)
    return answer, b"rspauth=" + proof(b"")


def token(body):
    length = struct.unpack(">i", body[:4])[0]
    return None if length < 0 else body[4:4 + length]


def sasl(person, **how):
    """Logs in; returns what happened: (error, `confirmed`, or what else came, names)."""
    try:
        error, zxid, body = person.request(SASL, buffer(b""))
        challenge = token(body)
        if challenge is None:
            return error, zxid, "no challenge"
        answer, confirmation = sasl_answer(challenge, **how)
        error, zxid, body = person.request(SASL, buffer(answer))
    except wire.Ended:
        return "ended"
    came = token(body)
    return error, zxid, "confirmed" if came == confirmation else came, person.names()


def sasl_logins(play):
    for label, how in SASL_ANSWERS.items():
        play.note("sasl: " + label, sasl(play.person(), **how))


def sasl_conversations(play):
    """Messages in the wrong number, and none at all."""
    person = play.person()
    error, _, body = person.request(SASL, buffer(b"x"))
    play.note("sasl: challenge", (error, re.sub(rb'nonce="[A-Za-z0-9+/]{40}"', b"nonce", token(body) or b"null")))
    person = play.person()
    person.request(SASL, buffer(b""))
    play.note("sasl: an empty answer", (person.ask(SASL, buffer(b"")), person.is_open()))
    person = play.person()
    sasl(person)
    play.note("sasl: a third message", (person.ask(SASL, buffer(b"")), person.is_open()))
    for label, body in (("null", struct.pack(">i", -1)), ("cut", b"\0\0"), ("longer than the frame", struct.pack(">i", 1 << 30))):
        play.note("sasl: token " + label, play.person().ask(SASL, body))


def no_sasl(play):
    person = play.person()
    error, zxid, body = person.request(SASL, buffer(b""))
    play.note("sasl: not configured", (error, zxid, body, person.names()))


def logins(play):
    """auth requests of every scheme, and their names."""
    for scheme, data in (("ip", b"zz"), ("sasl", b"x"), ("x509", b""), ("world", b"anyone"), ("super", b""), ("auth", b""), ("", b""),
                         ("digest", b""), ("digest", b":"), ("digest", b"nocolon"), ("digest", b"a:b:c"), ("digest", b"\xff\xfe:x"),
                         ("digest", "josé:ä".encode()), ("ensemble", b"birds"), ("ensemble", b"fish"), ("ensemble", b""), ("key", b"1"), ("Digest", b"a:b")):
        person = play.person()
        play.note("auth: %s %r" % (scheme, data), (person.login(scheme, data), person.names()))
    for label, body in (("cut", b"\0\0"), ("null data", struct.pack(">i", 0) + text("digest") + struct.pack(">i", -1)),
                        ("null scheme", struct.pack(">ii", 0, -1) + buffer(b"a:b"))):
        person = play.person()
        play.note("auth: " + label, (person.ask(AUTH, body, xid=-4), person.is_open()))
    person = play.person()
    play.note("auth: another xid", (person.request(AUTH, auth_body("digest", b"joe:secret"), xid=77)[:2], person.names()))
    person = play.person()
    for number in range(10):
        play.note("whoAmI: %d users" % number, (person.login("digest", b"user%d:x" % number), person.names()))
    person = play.person()
    play.note("whoAmI: superuser", (person.login("digest", b"super:test"), person.names()))
    person = play.person()
    play.note("whoAmI: SASL superuser", sasl(person, user=b"root", password=b"rootsecret"))


def order_of_auth(play):
    """In which order `auth` is replaced by identities."""
    person = play.person()
    for number in range(9):
        person.login("digest", b"user%d:x" % number)
        path = "/auth-order-%d" % number
        play.note("auth in a list: %d created" % number, person.ask(1, create_body(path, (31, "auth", ""), (1, "auth", "x"), (31, "auth", ""))))
        error, _, body = person.request(6, text(path))
        play.note("auth in a list: %d" % number, (error, body[:-68]))


# Each operation in a form that needs nothing to be there; the last is unknown.
FIRST_REQUESTS = [(1, create_body("/first")), (2, text("/none") + struct.pack(">i", -1)), (3, text("/") + b"\0"), (4, text("/") + b"\0"),
                  (5, text("/none") + buffer(b"") + struct.pack(">i", -1)), (6, text("/")), (7, text("/none") + entry_list((31, "world", "anyone")) + struct.pack(">i", -1)),
                  (8, text("/") + b"\0"), (9, text("/")), (11, b""), (12, text("/") + b"\0"), (13, text("/") + struct.pack(">i", -1)), (14, b""), (15, create_body("/first2")),
                  (16, b""), (17, text("/") + struct.pack(">i", 3)), (18, text("/") + struct.pack(">i", 3)), (19, create_body("/c", flags=4)), (20, text("/c")),
                  (21, create_body("/t", flags=5) + struct.pack(">q", 1000)), (22, b""), (101, struct.pack(">qiii", 0, 0, 0, 0)), (103, text("/")), (104, text("/")),
                  (105, struct.pack(">qiiiii", 0, 0, 0, 0, 0, 0)), (106, text("/") + struct.pack(">i", 0)), (WHO_AM_I, b""), (-11, b""), (999, b"")]


def enforced(play):
    """Before a proof nothing is answered, and the connection ends; after it everything is."""
    for operation, body in FIRST_REQUESTS:
        person = play.person()
        play.note("enforced: %d first" % operation, (person.ask(operation, body), person.is_open()))
    for scheme, data in (("ip", b""), ("digest", b"joe:secret"), ("nonsense", b"")):
        person = play.person()
        play.note("enforced: behind %s" % scheme, (person.login(scheme, data), person.ask(3, text("/") + b"\0"), person.is_open()))
    play.note("enforced: behind sasl", sasl(play.person()))
    play.note("enforced: behind wrong sasl", sasl(play.person(), password=b"x"))


def lenient(play):
    """allowSaslFailedClients: whoever fails goes on as nobody."""
    person = play.person()
    play.note("lenient: wrong password", sasl(person, password=b"x"))
    play.note("lenient: again", (person.ask(SASL, buffer(b"")), person.names()))
    person = play.person()
    play.note("lenient: too long", (person.ask(SASL, buffer(b"x" * 4097)), person.names()))
    play.note("lenient: right", sasl(play.person()))
    person = play.person()
    play.note("lenient: digest", (person.login("digest", b"joe:secret"), person.ask(1, create_body("/lenient", (31, "auth", "")))))
    play.note("lenient: list", person.request(6, text("/lenient"))[2][:-68])
