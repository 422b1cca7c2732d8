import type { Media } from '@safelight/contract/media';

import { lengthOf } from '../format/length-of.ts';
import { momentOf } from '../format/moment-of.ts';
import { describeBytes } from '@safelight/contract/describe-bytes';
import { describeType } from '@safelight/contract/describe-type';

type Field = { name: string; value: string; code?: boolean };

/** The fields that a person looks for, in the order in which they are looked for. What is not there is left out. */
export function fieldsOf(media: Media): Field[] {
  const { entity, width, height, durationMs, altText, review, replaces } = media;
  const fields: (Field | null)[] = [
    { name: 'Id', value: media.id, code: true },
    { name: 'Collection', value: media.collection, code: true },
    entity && { name: 'Entity', value: `${entity.type}/${entity.id}`, code: true },
    { name: 'Owner', value: media.ownerId ?? '', code: true },
    { name: 'Kind', value: `${media.kind}, ${media.purpose}` },
    { name: 'Status', value: media.published ? `${media.status}, published` : `${media.status}, not published` },
    review === 'not_required' ? null : { name: 'Review', value: review },
    { name: 'Source', value: `${describeType(media.mimeType)}, ${describeBytes(media.byteSize)}` },
    width === null || height === null ? null : { name: 'Size', value: `${width} × ${height} pixels, ${((width * height) / 1e6).toFixed(1)} megapixels` },
    durationMs === null ? null : { name: 'Duration', value: durationMs < 60_000 ? `${(durationMs / 1000).toFixed(1)} s` : lengthOf(durationMs) },
    ...recordingFields(media),
    { name: 'Order', value: String(media.sortOrder) },
    altText === null ? null : { name: 'Alt text', value: altText },
    replaces === null ? null : { name: 'Replaces', value: replaces, code: true },
    { name: 'Created', value: momentOf(media.createdAt) },
    { name: 'Changed', value: `${momentOf(media.updatedAt)}, version ${media.version}` },
  ];
  return fields.filter((field) => field !== null);
}

/** What is known of a recording, and how what is shown of it came about. */
function recordingFields({ video, audio, processing }: Media): (Field | null)[] {
  const loudness = audio?.loudness ?? null;
  return [
    video && {
      name: 'Picture',
      value: [video.codec, video.profile, `${video.fps} frames/s${video.vfr ? ', varying' : ''}`, video.hdr === 'none' ? null : video.hdr]
        .filter(Boolean)
        .join(', '),
    },
    audio && { name: 'Sound', value: `${audio.codec}, ${audio.channels === 1 ? 'mono' : `${audio.channels} channels`}, ${audio.sampleRate / 1000} kHz` },
    loudness && { name: 'Loudness', value: `${loudness.integrated} LUFS, peak ${loudness.truePeak} dBFS, range ${loudness.range} LU` },
    processing && { name: 'Made by', value: madeBy(processing) },
  ];
}

const ofSound = { copy: 'its sound kept as it is', encode: 'its sound encoded anew', none: null } as const;
const ofPicture = { remux: 'its picture kept as it is', encode: 'its picture encoded anew', none: null } as const;
const listed = new Intl.ListFormat('en');
function madeBy({ mode, audio, reencodeReasons, engine, cpuMs }: NonNullable<Media['processing']>): string {
  const why = reencodeReasons.length === 0 ? '' : ` because of its ${listed.format(reencodeReasons.map((reason) => reason.replaceAll('_', ' ')))}`;
  const how = [ofSound[audio], ofPicture[mode] && `${ofPicture[mode]}${why}`].filter(Boolean).join(', ');
  return `${mode === 'remux' && audio === 'copy' ? 'its picture and its sound kept as they are' : how || 'no stream'}; ${engine}, ${(cpuMs / 1000).toFixed(1)} s of CPU time`;
}
