#!/usr/bin/env python3
"""Hostile HTTP against the real API, over raw sockets: what smugglers, slow senders, crowds and broken
clients send. Each case says what must come back; after every case the server must still serve.
Standard library only. Needs the unit test programs built (build/asan, build/dev or build/release)."""
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOST = b"Host: localhost\r\n"
GET = b"GET /healthz HTTP/1.1\r\n" + HOST
POST = b"POST /v1/transactions HTTP/1.1\r\n" + HOST + b"Content-Type: application/jose\r\n"
DEADLINE_S = 1.0  # of the server that test_api --serve starts


def start_server():
    for preset in os.environ.get("DIRCHAIN_PRESET", "asan dev release").split():
        program = ROOT / "build" / preset / "tests" / "test_api"
        if program.exists():
            break
    else:
        print("no build of tests/test_api found")
        sys.exit(77)
    server = subprocess.Popen([program, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    return server, int(server.stdout.readline())


def dial(port):
    sock = socket.create_connection(("127.0.0.1", port), timeout=10)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def read_all(sock, limit=8 << 20):
    """Everything until the server closes; (bytes, closed in order)."""
    got = b""
    try:
        while len(got) < limit:
            part = sock.recv(65536)
            if not part:
                return got, True
            got += part
    except ConnectionResetError:
        return got, False
    except socket.timeout:
        return got, False
    return got, False


def send(sock, data):
    try:
        sock.sendall(data)
    except OSError:
        pass  # refused meanwhile: the answer tells


def statuses(text):
    """Status of each answer in a stream of them."""
    found = []
    while text:
        head, _, rest = text.partition(b"\r\n\r\n")
        found.append(int(head.split(b" ")[1]))
        length = [int(line.split(b":")[1]) for line in head.split(b"\r\n")
                  if line.lower().startswith(b"content-length:")]
        text = rest[length[0] if length else len(rest):]
    return found


def refused(name, data, status, code):
    """Refused with a problem document, and the connection closed, in order, with nothing after it."""
    return name, data, status, code


SMUGGLED = b"GET /metrics HTTP/1.1\r\n" + HOST + b"\r\n"
CASES = [
    # two readings of one stream
    refused("CL and TE", POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
            400, "http-content-length"),
    refused("TE and CL", POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + SMUGGLED,
            400, "http-content-length"),
    refused("TE alone", POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, 411, "http-length-required"),
    refused("TE obfuscated", POST + b"Transfer-Encoding: xchunked\r\n\r\n" + SMUGGLED, 411, "http-length-required"),
    refused("TE with a blank", POST + b"Transfer-Encoding : chunked\r\n\r\n" + SMUGGLED, 400, "http-header"),
    refused("TE after a tab", POST + b"\tTransfer-Encoding: chunked\r\n\r\n" + SMUGGLED, 400, "http-header"),
    refused("two lengths, equal", POST + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd" + SMUGGLED,
            400, "http-content-length"),
    refused("two lengths, different", POST + b"Content-Length: 0\r\nContent-Length: 40\r\n\r\n" + SMUGGLED,
            400, "http-content-length"),
    refused("two lengths in one line", POST + b"Content-Length: 0, 40\r\n\r\n" + SMUGGLED, 400, "http-content-length"),
    refused("length with a plus", POST + b"Content-Length: +4\r\n\r\nabcd", 400, "http-content-length"),
    refused("length with a minus", POST + b"Content-Length: -1\r\n\r\n", 400, "http-content-length"),
    refused("length in hexadecimal", POST + b"Content-Length: 0x4\r\n\r\nabcd", 400, "http-content-length"),
    refused("length that overflows", POST + b"Content-Length: 18446744073709551617\r\n\r\nx", 413, "too-large"),
    refused("length with a blank before the colon", POST + b"Content-Length : 4\r\n\r\nabcd" + SMUGGLED,
            400, "http-header"),
    refused("bare LF", b"GET /healthz HTTP/1.1\nHost: localhost\n\n", 400, "http-line-ending"),
    refused("bare LF in one line", GET + b"X: a\nContent-Length: 40\r\n\r\n" + SMUGGLED, 400, "http-line-ending"),
    refused("bare CR", GET + b"X: a\rContent-Length: 40\r\n\r\n" + SMUGGLED, 400, "http-line-ending"),
    refused("folded line", GET + b"X: a\r\n b\r\n\r\n", 400, "http-header"),
    refused("NUL in a value", GET + b"X: a\0b\r\n\r\n", 400, "http-header"),
    refused("NUL in a name", GET + b"X\0Y: a\r\n\r\n", 400, "http-header"),
    refused("NUL in the path", b"GET /healthz\0/x HTTP/1.1\r\n" + HOST + b"\r\n", 400, "http-request-line"),
    refused("two hosts", GET + b"Host: other\r\n\r\n", 400, "http-host"),
    refused("no host", b"GET /healthz HTTP/1.1\r\n\r\n", 400, "http-host"),
    refused("host of two", b"GET /healthz HTTP/1.1\r\nHost: a, b\r\n\r\n", 400, "http-host"),
    refused("absolute target", b"GET http://other/healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400, "http-request-line"),
    refused("HTTP/0.9", b"GET /healthz\r\n\r\n", 400, "http-request-line"),
    refused("HTTP/1.0", b"GET /healthz HTTP/1.0\r\n\r\n", 505, "http-version"),
    refused("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "http-request-line"),
    refused("TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(30) + b"\n", 400, "http-line-ending"),
    # paths
    refused("climbing", b"GET /%2e%2e%2fetc/passwd HTTP/1.1\r\n" + HOST + b"\r\n", 400, "http-path"),
    refused("climbing plainly", b"GET /../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n", 400, "http-path"),
    refused("climbing in the state", b"GET /v1/state/member/../params HTTP/1.1\r\n" + HOST + b"\r\n", 400, "http-path"),
    refused("climbing, encoded twice", b"GET /%252e%252e%252fetc HTTP/1.1\r\n" + HOST + b"\r\n", 404, "not-found"),
    refused("backslashes", b"GET /..%5c..%5cetc HTTP/1.1\r\n" + HOST + b"\r\n", 400, "http-path"),
    refused("overlong dot", b"GET /%c0%ae%c0%ae/ HTTP/1.1\r\n" + HOST + b"\r\n", 400, "http-path"),
    refused("encoded NUL", b"GET /index.html%00.png HTTP/1.1\r\n" + HOST + b"\r\n", 400, "http-path"),
    refused("encoded newline", b"GET /a%0d%0aX:%20y HTTP/1.1\r\n" + HOST + b"\r\n", 400, "http-path"),
    refused("long path", b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414, "http-target-too-long"),
    # methods and sizes
    refused("unknown method", b"BREW /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 501, "http-method-unknown"),
    refused("TRACE", b"TRACE /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 501, "http-method-unknown"),
    refused("CONNECT", b"CONNECT localhost:22 HTTP/1.1\r\n" + HOST + b"\r\n", 400, "http-request-line"),
    refused("wrong method", b"DELETE /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 405, "http-method"),
    refused("body nobody takes", GET + b"Content-Length: 5\r\n\r\nhello", 400, "http-body-unexpected"),
    refused("wrong media type", b"POST /v1/transactions HTTP/1.1\r\n" + HOST +
            b"Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello", 415, "http-media-type"),
    refused("body announced too large", POST + b"Content-Length: 360449\r\n\r\n" + b"a" * 300000, 413, "too-large"),
    refused("gigabytes announced", POST + b"Content-Length: 99999999999\r\n\r\n" + b"a" * 100000, 413, "too-large"),
    refused("many headers", GET + b"X: y\r\n" * 100 + b"\r\n", 431, "http-head-too-large"),
    refused("large header", GET + b"X: " + b"y" * 20000 + b"\r\n\r\n", 431, "http-head-too-large"),
    refused("endless line", b"GET /" + b"a" * 40000, 414, "http-target-too-long"),
    refused("endless headers", GET + b"X: y\r\n" * 10000, 431, "http-head-too-large"),
    refused("strange expectation", POST + b"Expect: miracles\r\nContent-Length: 5\r\n\r\n", 417, "http-expectation"),
]
KEEP_OPEN = {"climbing, encoded twice"}  # a sound request for something that is not there


def check_refused(port, name, data, status, code):
    sock = dial(port)
    send(sock, data)
    if name in KEEP_OPEN:
        send(sock, GET + b"Connection: close\r\n\r\n")
    got, orderly = read_all(sock)
    sock.close()
    seen = statuses(got)
    expected = [status, 200] if name in KEEP_OPEN else [status]
    assert seen == expected, f"{name}: {seen} instead of {expected}\n{got[:600]!r}"
    assert b'"code":"%s"' % code.encode() in got, f"{name}: {got[:800]!r}"
    assert b"application/problem+json" in got, name
    assert orderly, f"{name}: reset instead of closed"


def check_in_pieces(port):
    """The same verdict when the bytes come one by one."""
    for name, data, status, _ in CASES:
        if len(data) > 400 or name in KEEP_OPEN:
            continue
        sock = dial(port)
        for i in range(len(data)):
            send(sock, data[i:i + 1])
        got, _ = read_all(sock)
        sock.close()
        assert statuses(got) == [status], f"{name} in pieces: {got[:300]!r}"


def check_behind_sound_requests(port):
    """What came before is answered in order, the bad one refused, what follows never looked at."""
    for name, data, status, _ in CASES:
        if len(data) > 10000 or name in KEEP_OPEN:
            continue
        sock = dial(port)
        send(sock, (GET + b"\r\n") * 3 + data)
        got, _ = read_all(sock)
        sock.close()
        assert statuses(got) == [200, 200, 200, status], f"{name} behind others: {statuses(got)}"


def check_slow(port):
    """A byte now and then does not keep a connection alive."""
    def one(start, drip, results):
        sock = dial(port)
        send(sock, start)
        begin = time.monotonic()
        sock.settimeout(0.1)
        while time.monotonic() - begin < 6 * DEADLINE_S:
            send(sock, drip)
            try:
                if not sock.recv(4096):
                    break
            except socket.timeout:
                continue
            except OSError:
                break
        results.append(time.monotonic() - begin)
        sock.close()

    results = []
    starts = [(b"", b""), (b"G", b"E"), (GET + b"X: ", b"y"), (POST + b"Content-Length: 1000\r\n\r\n", b"z")] * 5
    threads = [threading.Thread(target=one, args=(start, drip, results)) for start, drip in starts]
    for thread in threads:
        thread.start()
    time.sleep(DEADLINE_S / 2)
    check_alive(port)  # while they are at it
    for thread in threads:
        thread.join()
    assert len(results) == len(starts) and max(results) < 2.5 * DEADLINE_S, max(results)
    assert min(results) > 0.5 * DEADLINE_S, min(results)


def check_early_goodbye(port):
    """Clients that leave in the middle, in every way."""
    for linger in (True, False):
        for cut in range(0, len(POST) + 60, 7):
            data = POST + b"Content-Length: 40\r\n\r\n" + b"a" * 40
            sock = dial(port)
            if linger:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset
            send(sock, data[:cut])
            sock.close()
    for _ in range(20):  # streams, left without a word
        sock = dial(port)
        send(sock, b"GET /v1/events?from=1 HTTP/1.1\r\n" + HOST + b"\r\n")
        sock.recv(10)
        sock.close()
    time.sleep(1)  # until the server has noticed


def check_half_close(port):
    """A client that has said everything and closes its side still gets its answer."""
    sock = dial(port)
    send(sock, GET + b"Connection: close\r\n\r\n")
    got, _ = read_all(sock)
    assert statuses(got) == [200], got
    sock.close()


def check_crowd(port):
    """More connections than there may be: some are turned away, none is lost, all is well after."""
    crowd = []
    for _ in range(1100):
        try:
            crowd.append(socket.create_connection(("127.0.0.1", port), timeout=2))
        except OSError:
            break
    assert len(crowd) > 900, len(crowd)
    turned_away = 0
    for sock in crowd:
        sock.settimeout(0.01)
        try:
            turned_away += sock.recv(1) == b""
        except socket.timeout:
            pass
        except OSError:
            turned_away += 1
        if turned_away >= 50:
            break
    for sock in crowd:
        sock.close()
    assert turned_away >= 50, turned_away
    time.sleep(0.3)


def check_listeners(port):
    """More listeners than there may be: the next is told to come later."""
    listeners = []
    for _ in range(64):
        sock = dial(port)
        send(sock, b"GET /v1/events HTTP/1.1\r\n" + HOST + b"\r\n")
        assert sock.recv(12) == b"HTTP/1.1 200"
        listeners.append(sock)
    sock = dial(port)
    send(sock, b"GET /v1/events HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    got, _ = read_all(sock)
    assert statuses(got) == [503], got
    for sock in listeners:
        sock.close()


def check_noise(port):
    """Random bytes, and sound requests with one byte changed: an answer or a close, never a crash."""
    state = 20260212
    sound = POST + b"Content-Length: 5\r\n\r\nhello"
    for _ in range(400):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2 ** 64
        at, byte = (state >> 33) % len(sound), (state >> 20) % 256
        sock = dial(port)
        sock.settimeout(0.05)
        send(sock, sound[:at] + bytes([byte]) + sound[at + 1:])
        try:
            got = sock.recv(65536)
            assert got == b"" or got.startswith(b"HTTP/1.1 "), got[:100]
        except socket.timeout:
            pass  # it waits for more
        sock.close()


def check_alive(port):
    sock = dial(port)
    send(sock, GET + b"Connection: close\r\n\r\n")
    got, _ = read_all(sock)
    sock.close()
    assert statuses(got) == [200], got


def main():
    server, port = start_server()
    done = 0
    try:
        for case in CASES:
            check_refused(port, *case)
            check_alive(port)
            done += 1
        for check in (check_in_pieces, check_behind_sound_requests, check_slow, check_early_goodbye,
                      check_half_close, check_listeners, check_crowd, check_noise):
            begin = time.monotonic()
            check(port)
            check_alive(port)
            print(f"{check.__name__}: ok ({time.monotonic() - begin:.1f} s)")
            done += 1
    finally:
        server.stdin.close()
        status = server.wait(timeout=60)
    assert status == 0, f"the server ended with {status}"
    print(f"{done} passed, 0 failed")


if __name__ == "__main__":
    main()
