/** The ffmpeg of this machine, as it was found: what it can do, and what every call of it is wrapped in. */
export type Engine = {
  /** `wasm`: `@ffmpeg/core`, which stands in where the machine has no ffmpeg. */
  mode: 'native' | 'wasm';
  /** Path or name of each program; of both the same file where they are WebAssembly. */
  ffmpeg: string;
  ffprobe: string;
  /** As it names itself: `5.1.9-0+deb12u1`. */
  version: string;
  /** Names of codecs that it can read. */
  decodes: ReadonlySet<string>;
  encoders: ReadonlySet<string>;
  filters: ReadonlySet<string>;
  /** What it takes at most, and why it stands in; null where only the rules of everybody hold. */
  most: { bytes: number; seconds: number; because: string } | null;
  /** Of an encoder. */
  threads: number;
  /** `unshare`: without any network; `none`: behind its own whitelists of protocols and formats alone. */
  sandbox: 'unshare' | 'none';
  /** Whether the system can bound a process (`prlimit`) and put it behind others (`nice`). */
  hasLimits: boolean;
  isNice: boolean;
};

/** What the operator says of it. A program that is null is the one of that name on the PATH. */
export type EngineSettings = { ffmpeg: string | null; ffprobe: string | null; sandbox: 'auto' | 'require' | 'off'; threads: number };

/** What looking for it came to: an engine, or why there is none. */
export type EngineLookUp = { engine: Engine; reason: null } | { engine: null; reason: string };

export type Engines = {
  /** The engine of this machine. What was found stays; what was not there is looked for again. */
  find(): Promise<EngineLookUp>;
};
