/** The ffmpeg of this machine: its capabilities, and how each call of it is wrapped. */
export type Engine = {
  /** `wasm`: `@ffmpeg/core`, the substitute where the machine has no ffmpeg. */
  mode: 'native' | 'wasm';
  /** Path or name of each program; the same file for both in WebAssembly. */
  ffmpeg: string;
  ffprobe: string;
  /** The version that it reports: `5.1.9-0+deb12u1`. */
  version: string;
  /** Names of the codecs that it can decode. */
  decodes: ReadonlySet<string>;
  encoders: ReadonlySet<string>;
  filters: ReadonlySet<string>;
  /** Its own limits, and their reason; null when only the general rules apply. */
  most: { bytes: number; seconds: number; because: string } | null;
  /** Threads per encoder. */
  threads: number;
  /** `unshare`: without network access; `none`: protected only by ffmpeg's own whitelists of protocols and formats. */
  sandbox: 'unshare' | 'none';
  /** Whether the system can limit a process (`prlimit`) and lower its priority (`nice`). */
  hasLimits: boolean;
  isNice: boolean;
  /** Whether the system can keep it from one of several processors (`taskset`), while few recordings are encoded. */
  leavesCpu: boolean;
  /** Whether the system ends it with the process that started it (`setpriv`), however that one ends. */
  endsWithUs: boolean;
};

/** The operator's settings. A program that is null is looked up on the PATH under its usual name. */
export type EngineSettings = { ffmpeg: string | null; ffprobe: string | null; sandbox: 'auto' | 'require' | 'off'; threads: number };

/** The result of the search: an engine, or why there is none. */
export type EngineLookUp = { engine: Engine; reason: null } | { engine: null; reason: string };

export type Engines = {
  /** The engine of this machine. Once found it is kept; until then each call searches again. */
  find(): Promise<EngineLookUp>;
};
