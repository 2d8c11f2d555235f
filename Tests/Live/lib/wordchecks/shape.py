"""Answers to four letter words, less what the clock, the machine and the port decide."""
import re


def keys(answer, divider):
    """What stands before the divider, line by line."""
    return [line.split(divider, 1)[0] for line in answer.splitlines()]


def plain(answer):
    """Session identifiers, addresses and dates replaced by their kind."""
    answer = re.sub(r"0x[0-9a-f]{9,}", "SID", answer)
    answer = re.sub(r"/127\.0\.0\.1:\d+", "ADDRESS", answer)
    return re.sub(r"\w{3} \w{3} \d\d \d\d:\d\d:\d\d \S+ \d{4}", "DATE", answer)


def server(answer):
    """srvr and stat: every line, without version, latencies and counts of packets."""
    lines = [re.sub(r"^(Zookeeper version|Latency [a-z/]+|Received|Sent): .*", r"\1:", line)
             for line in plain(answer).splitlines()]
    # Java's connections come in no order.
    clients = sorted(connection(line) for line in lines if line.startswith(" "))
    return [line for line in lines if not line.startswith(" ")] + clients


def connection(line):
    """A line of cons: the clock's values left out."""
    line = re.sub(r"(est|lresp|llat|minlat|avglat|maxlat)=\d+", r"\1=", line)
    # Whether Java's selector waits for this socket at the moment is its own affair.
    return re.sub(r"\[[0-9a-f]\]", "[]", line)


def connections(answer):
    return sorted(connection(line) for line in plain(answer).splitlines())


def dump(answer):
    """Everything but the moments and how many sets they make; Apache keeps sets that are empty, too."""
    lines = re.sub(r"Sets \(\d+\)", "Sets ()", plain(answer)).splitlines()
    # The connection that asks stands in a set of its own or with another.
    return sorted(line for line in lines if not re.match(r"\d+ expire at DATE:$", line))


def watches(answer):
    return sorted(plain(answer).splitlines())


def digests(answer):
    return keys(answer, ":")


def measures(answer):
    pairs = (line.split("\t", 1) for line in answer.splitlines() if "\t" in line)
    return {name.removeprefix("zk_"): value for name, value in pairs}


# How each word's whole answer is compared.
WHOLE = {
    "srvr": server,
    "stat": server,
    "cons": connections,
    "conf": lambda answer: keys(answer, "="),
    "envi": lambda answer: keys(answer, "="),
    "dirs": lambda answer: keys(answer, ":"),
    "dump": dump,
    "hash": digests,
}
