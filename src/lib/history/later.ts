/** The parts of the history that a first visit does without, as one chunk: whoever wants one soon wants another. */
export { Branches } from './branches.ts';
export { AnswerJobs } from './jobs.ts';
export { RoomJobs } from './rooms/jobs.ts';
export { Setups } from './setups.ts';
export { Summaries } from './summaries.ts';
export { Trail } from './trail.ts';
