"""Certificates made by openssl, good ones and bad ones, in a directory of a run's own."""
import shutil
import subprocess
from pathlib import Path

PASSWORD = "canary-password"
# A certificate's first and last moment, as `openssl ca` takes them.
LONG_AGO, PAST, FUTURE, FAR = "20000101000000Z", "20010101000000Z", "20480101000000Z", "20490101000000Z"

CONFIGURATION = """
[ca]
default_ca = this
[this]
database = {folder}/index
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = optional
organizationName = optional
countryName = optional
organizationalUnitName = optional
"""


def available():
    return shutil.which("openssl") is not None


def openssl(*words, stdin=None):
    done = subprocess.run(["openssl", *map(str, words)], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        raise RuntimeError("openssl %s: %s" % (words[0], done.stderr.decode(errors="replace")[-400:]))
    return done.stdout


class Authority:
    """A certificate authority; what it makes lies in its folder as NAME.key, NAME.crt and NAME.pem (both)."""

    def __init__(self, folder, name="Test CA"):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        (self.folder / "index").write_text("")
        (self.folder / "serial").write_text("1000\n")
        self.configuration = self.folder / "ca.cnf"
        self.configuration.write_text(CONFIGURATION.format(folder=self.folder))
        self.key, self.certificate = self.folder / "ca.key", self.folder / "ca.crt"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
                "-subj", "/O=Aviary/CN=" + name, "-keyout", self.key, "-out", self.certificate)

    def make(self, name, subject, extensions="", start=LONG_AGO, end=FAR, rsa=False):
        """A key and a certificate; returns the path of NAME.pem."""
        key, request = self.folder / (name + ".key"), self.folder / (name + ".csr")
        certificate, both = self.folder / (name + ".crt"), self.folder / (name + ".pem")
        kind = ["rsa:2048"] if rsa else ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        openssl("req", "-newkey", *kind, "-nodes", "-utf8", "-subj", subject, "-keyout", key, "-out", request)
        # The authority's key stands in it: two authorities may have one name.
        extension_file = self.folder / (name + ".ext")
        extension_file.write_text("authorityKeyIdentifier=keyid\n" + extensions)
        openssl("ca", "-batch", "-notext", "-utf8", "-config", self.configuration, "-keyfile", self.key, "-cert",
                self.certificate, "-in", request, "-out", certificate, "-startdate", start, "-enddate", end,
                "-preserveDN", "-extfile", extension_file)
        both.write_bytes(certificate.read_bytes() + key.read_bytes())
        return both

    def server(self, name="server", **more):
        return self.make(name, "/CN=localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1\n", **more)


def self_signed(folder, name="alone"):
    """A certificate that nobody vouches for; returns the path of NAME.pem."""
    key, certificate, both = (Path(folder) / (name + end) for end in (".key", ".crt", ".pem"))
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
            "-subj", "/CN=alone", "-keyout", key, "-out", certificate)
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    return both


def pkcs12(pem, path, chain=None, password=PASSWORD):
    """The key and certificates of a PEM file as PKCS#12."""
    extra = ["-certfile", chain] if chain else []
    openssl("pkcs12", "-export", "-in", pem, "-inkey", pem, *extra, "-out", path, "-passout", "pass:" + password)
    return path
