"""A network between a browser and a server on loopback: slow, far, or cut without either side being told."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

CHUNK_BYTES = 2048
HELD_BYTES = 16_384
"""What each side's socket holds back: more would hide a slow network from the page."""
LOOK_S = 0.02


class SlowNetwork:
    """A port, and what it passes on to the server's port."""

    def __init__(self, server_port: int) -> None:
        self._to = server_port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, HELD_BYTES)
        self.bytes_s = 1e9
        """Bytes a second in each direction."""
        self.delay_s = 0.0
        """One way."""
        self.cut = False
        """Whether nothing passes. Connections stay open, as they do when a phone leaves the network."""

    @property
    def flag(self) -> str:
        """The flag that sends Chromium through this network to the server."""
        here = self._listening.getsockname()[1]
        return f"--host-resolver-rules=MAP 127.0.0.1:{self._to} 127.0.0.1:{here}"

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Pass on what comes."""
        tasks: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tasks.add(asyncio.current_task())  # type: ignore[arg-type]
            with contextlib.suppress(OSError, asyncio.CancelledError):
                there, back = await asyncio.open_connection("127.0.0.1", self._to, limit=HELD_BYTES)
                for one in (writer, back):
                    one.transport.set_write_buffer_limits(HELD_BYTES)
                await asyncio.gather(self._pass(reader, back), self._pass(there, writer))

        server = await asyncio.start_server(connected, sock=self._listening, limit=HELD_BYTES)
        try:
            yield
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on one direction, until either side closes it."""
        clock = asyncio.get_running_loop().time
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due_s, data = await under_way.get()
                await asyncio.sleep(due_s - clock())
                while self.cut:
                    await asyncio.sleep(LOOK_S)
                if not data:
                    writer.close()
                    return
                writer.write(data)
                await writer.drain()

        delivering = asyncio.create_task(deliver())
        try:
            data = b"-"
            while data:
                data = await reader.read(CHUNK_BYTES)
                await asyncio.sleep(len(data) / self.bytes_s)
                await under_way.put((clock() + self.delay_s, data))
            await delivering
        finally:
            delivering.cancel()
