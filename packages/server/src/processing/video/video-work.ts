import type { Bench } from '../engine/bench.ts';
import type { VideoTrack } from '../engine/probe.ts';
import type { Recording } from '../engine/read-recording.ts';
import type { TrackScan } from '../engine/scan-packets.ts';
import type { RecordingInput } from '../made.ts';
import type { RecordingContext } from '../recording-context.ts';

/** One video in work: everything that its stages ask for. */
export type VideoWork = { ctx: RecordingContext; input: RecordingInput; bench: Bench; recording: Recording; video: VideoTrack; scan: TrackScan };

/** The part of the whole progress that one step of the work is. */
export type Share = { from: number; to: number };
