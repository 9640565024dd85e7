/** The bare minimum to be measured against: `ws`, rooms in memory, nothing kept, nobody asked who they are. */
import { createServer } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import { announce } from './announce.ts';

const rooms = new Map<string, Set<WebSocket>>();
const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });

server.on('connection', (socket, { url = '' }) => {
	const members = rooms.get(url) ?? new Set();
	rooms.set(url, members.add(socket));
	socket.on('message', (data) => {
		for (const member of members) member.send(data, { binary: false });
	});
	socket.on('error', () => undefined);
	socket.on('close', () => members.delete(socket));
	socket.send('in');
});

announce(http);
