"""Apache ZooKeeper 3.9.3: where its jars are and how its programs are started."""
import os
from pathlib import Path

LIB = Path(__file__).resolve().parent
MAIN_JAR = "zookeeper-3.9.3.jar"

# A small, quick-to-start JVM for compatibility suites; benchmarks pass a real heap.
SMALL_JVM = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


def cache_home():
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def cache_folder():
    """Where get-apache puts the jars."""
    named = os.environ.get("AVIARY_APACHE")
    return Path(named) if named else cache_home() / "aviary-peers" / "apache"


def found_jars():
    """The folder that holds a whole set of jars, or None."""
    left_by_others = [] if os.environ.get("AVIARY_APACHE") else [cache_home() / "zk-peers" / "apache"]
    for folder in (cache_folder(), *left_by_others):
        if (folder / MAIN_JAR).exists() and (folder / ".complete").exists():
            return folder
    return None


# What Apache's HTTP admin server needs besides: Debian's packages libjetty9-java and libservlet-api-java.
JETTY_FOLDER = Path("/usr/share/java")
JETTY_JARS = [*("jetty9-%s.jar" % part for part in "server servlet http io util security util-ajax".split()), "servlet-api.jar"]


def jetty_jars():
    """The jars of the HTTP server that Apache's runs in, or None if they are not installed."""
    jars = [JETTY_FOLDER / name for name in JETTY_JARS]
    return jars if all(jar.exists() for jar in jars) else None


def java(main_class, *arguments, jvm=SMALL_JVM, log_level="warn", properties=None):
    """The words that run a Java class from the jars (a server, zkCli, a Curator program).

    `properties` become -D flags: for what Apache reads only as a Java system property.
    """
    folder = found_jars()
    if folder is None:
        raise SystemExit("Apache's jars are not here yet; run Tools/get-apache once")
    return ["java", *jvm, "-Dfile.encoding=UTF-8", "-Djava.awt.headless=true",
            "-Dlog4j2.configurationFile=%s" % (LIB / "log4j2.properties"), "-Dlog4j2.disable.jmx=true",
            "-Dzookeeper.jmx.log4j.disable=true", "-Daviary.loglevel=" + log_level,
            *("-D%s=%s" % pair for pair in (properties or {}).items()),
            "-cp", ":".join([str(folder / "*"), *map(str, jetty_jars() or [])]), main_class, *map(str, arguments)]


def apache_command(jvm=SMALL_JVM, log_level="warn", properties=None):
    """The words that start Apache's server; a zoo.cfg is to follow as the last one."""
    return java("org.apache.zookeeper.server.quorum.QuorumPeerMain",
                jvm=jvm, log_level=log_level, properties=properties)
