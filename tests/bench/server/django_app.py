"""Django Channels over Redis as its documentation shows it, under uvicorn, with room for many messages."""

import os
import socket
import sys
import threading

import django
import uvicorn
import websockets  # noqa: F401  uvicorn needs it, and would only say so later
from django.conf import settings

settings.configure(
    SECRET_KEY="bench",
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": [os.environ["REDIS"]], "capacity": 100_000},
        }
    },
)
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402


class Room(AsyncWebsocketConsumer):
    async def connect(self):
        self.room = self.scope["path"].strip("/")
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()
        await self.send("in")

    async def receive(self, text_data=None, bytes_data=None):
        await self.channel_layer.group_send(self.room, {"type": "said", "text": text_data})

    async def said(self, event):
        await self.send(event["text"])

    async def disconnect(self, code):
        await self.channel_layer.group_discard(self.room, self.channel_name)


# ends with whoever started it
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
print(f"listening at {listener.getsockname()[1]}", flush=True)
config = uvicorn.Config(Room.as_asgi(), log_level="error", lifespan="off", ws_ping_interval=None)
uvicorn.Server(config).run(sockets=[listener])
