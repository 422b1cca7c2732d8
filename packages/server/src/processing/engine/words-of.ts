import type { Engine } from './engine.ts';
import { wasmCommand } from './wasm-command.ts';

/** The command that starts one of the programs in a directory, before its own arguments. */
export const wordsOf = ({ mode, ...paths }: Pick<Engine, 'mode' | 'ffmpeg' | 'ffprobe'>, program: 'ffmpeg' | 'ffprobe', directory: string): string[] =>
  mode === 'wasm' ? wasmCommand(paths[program], program, directory) : [paths[program]];
