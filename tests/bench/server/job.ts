/** What the bench and its processes say to each other. */

/** How a server is spoken to. */
export type Dialect = 'alcove' | 'raw' | 'socketio' | 'channels';

/** Rooms, and members of each. A connection is in one room. */
export interface Shape {
	rooms: number;
	members: number;
}

/** Who may connect to our server: the others let everybody in. */
export interface Guests {
	/** Ids of the rooms. */
	rooms: string[];
	/** Access tokens of the members, who are in all of the rooms. */
	tokens: string[];
}

export interface Target {
	dialect: Dialect;
	port: number;
	/** Its processes: what it needs beside itself is part of its cost. */
	pids: number[];
	guests: Guests;
}

export type Load =
	/** As many events as the server takes, with a bound on those under way in all rooms together. */
	| { kind: 'saturated'; underWay: number; warm: number; measure: number }
	/** Events at a steady pace; milliseconds between two. */
	| { kind: 'light'; every: number; warm: number; measure: number }
	/** The same in the wake of `flood` milliseconds of all that the server takes, with some who read a byte a second. */
	| { kind: 'beside'; slow: number; flood: number; every: number; warm: number; measure: number }
	/** Connections that say nothing. */
	| { kind: 'idle' };

export interface Job {
	target: Target;
	shape: Shape;
	load: Load;
	/** The 200 bytes that are said, sealed where the server is ours; told over and over. */
	bodies: string[];
}

export interface Measured {
	/** One event to one connection. */
	deliveries: number;
	/** Seconds that it took. */
	seconds: number;
	/** Seconds of processor time of the server, all its threads. */
	cpu: number;
	/** Milliseconds from the sending of an event to each of its deliveries; of the loads with a pace only. */
	latencies: number[];
	/** Bytes that the server holds for the connections; of those that are idle only. */
	memory: number;
}

/** Shared by all that starts a server: it says this when it listens. */
export const LISTENING = 'listening at ';
