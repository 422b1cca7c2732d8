import type { Bench } from '../engine/bench.ts';
import type { VideoTrack } from '../engine/probe.ts';
import type { Recording } from '../engine/read-recording.ts';
import type { TrackScan } from '../engine/scan-packets.ts';
import type { RecordingInput } from '../made.ts';
import type { RecordingContext } from '../recording-context.ts';

/** A video being processed, with everything that its stages need. */
export type VideoWork = { ctx: RecordingContext; input: RecordingInput; bench: Bench; recording: Recording; video: VideoTrack; scan: TrackScan };

/** The part of the whole progress that one step covers. */
export type Share = { from: number; to: number };
