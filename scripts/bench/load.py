"""The asking side: one process, a few connections, as little work as possible.

Reads an order as JSON from stdin: {port, seconds, connections, method, expect,
requests: [{path, cookie, body, version}]}. Every connection goes round its own
share of the requests, so that no two save the same draft. `body` may hold
`%(version)s`, which follows the `version` of the answers. Writes {rps, took_ms,
versions}. Ends with 1 and the answer when a status is not the expected one.
"""

import json
import socket
import sys
import threading
import time
from typing import Any

from scripts.stack import TOKEN


def main() -> None:
    order = json.load(sys.stdin)
    requests: list[dict[str, Any]] = order["requests"]
    shares = [requests[n :: order["connections"]] for n in range(order["connections"])]
    took: list[list[float]] = [[] for _ in shares]
    trouble: list[str] = []
    until = time.perf_counter() + order["seconds"]

    def go_round(share: list[dict[str, Any]], times: list[float]) -> None:
        number = 0
        while time.perf_counter() < until and not trouble:
            request = share[number % len(share)]
            number += 1
            message = compose(order["method"], request)
            started = time.perf_counter()
            answer = exchange(order["port"], message)
            times.append((time.perf_counter() - started) * 1000)
            status = int(answer[9:12])
            if status != order["expect"]:
                trouble.append(answer.decode(errors="replace")[:3000])
            elif request["version"] is not None:
                request["version"] = json.loads(answer.split(b"\r\n\r\n", 1)[1])["version"]

    started = time.perf_counter()
    threads = [
        threading.Thread(target=go_round, args=pair) for pair in zip(shares, took, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lasted = time.perf_counter() - started
    if trouble:
        sys.exit(trouble[0])
    all_times = [ms for times in took for ms in times]
    json.dump(
        {
            "rps": len(all_times) / lasted,
            "took_ms": [round(ms, 3) for ms in all_times],
            "versions": [request["version"] for request in requests],
        },
        sys.stdout,
    )


def compose(method: str, request: dict[str, Any]) -> bytes:
    body = request["body"]
    if request["version"] is not None:
        body = body.replace("%(version)s", str(request["version"]))
    sent = body.encode()
    head = [
        f"{method} {request['path']} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Cookie: {request['cookie']}; csrftoken={TOKEN}",
        "Connection: close",
        "Accept: */*",
    ]
    if method != "GET":
        kind = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
        head += [
            f"X-CSRFToken: {TOKEN}",
            f"Content-Type: {kind}",
            f"Content-Length: {len(sent)}",
            "X-Requested-With: fetch",
        ]
    return "\r\n".join([*head, "", ""]).encode() + sent


def exchange(port: int, message: bytes) -> bytes:
    """Send, and read until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(message)
        parts = []
        while part := connection.recv(262_144):
            parts.append(part)
    return b"".join(parts)


if __name__ == "__main__":
    main()
