"""A TCP proxy on loopback that can be cut, for connections that are lost without anybody's will."""
import select
import socket
import threading


class Proxy:
    """Passes bytes between clients and a server; `cut` ends all connections and refuses new ones."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.pairs, self.lock = [], threading.Lock()
        self.is_cut = self.is_closed = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def cut(self):
        with self.lock:
            self.is_cut = True
            for pair in self.pairs:
                self._close(pair)
            self.pairs = []

    def mend(self):
        with self.lock:
            self.is_cut = False

    def close(self):
        self.cut()
        self.is_closed = True
        self.thread.join()
        self.listener.close()

    @staticmethod
    def _close(pair):
        for end in pair:
            end.close()

    def _run(self):
        while not self.is_closed:
            with self.lock:
                ends = [end for pair in self.pairs for end in pair]
            try:
                ready, _, _ = select.select([self.listener, *ends], [], [], 0.02)
            except (OSError, ValueError):
                continue
            with self.lock:
                if self.listener in ready:
                    self._accept()
                for pair in list(self.pairs):
                    for source, sink in (pair, pair[::-1]):
                        if source in ready and pair in self.pairs and not self._pass_on(source, sink):
                            self.pairs.remove(pair)
                            self._close(pair)

    def _accept(self):
        client, _ = self.listener.accept()
        if self.is_cut:
            client.close()
            return
        try:
            self.pairs.append((client, socket.create_connection(("127.0.0.1", self.target), 5)))
        except OSError:
            client.close()

    @staticmethod
    def _pass_on(source, sink):
        try:
            part = source.recv(65536)
            sink.sendall(part)
        except OSError:
            return False
        return bool(part)
