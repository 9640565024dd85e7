/** Socket.IO as its documentation shows it: rooms in memory, WebSocket alone. */
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { announce } from './announce.ts';

const http = createServer();
const io = new Server(http, { transports: ['websocket'], serveClient: false });

io.on('connection', (socket) => {
	const room = String(socket.handshake.query['room']);
	void socket.join(room);
	socket.on('m', (body) => io.to(room).emit('m', body));
});

announce(http);
