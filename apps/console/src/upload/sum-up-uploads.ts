import { isUnsent, type FileUpload } from '@safelight/react/hooks';

export type UploadSum = {
  /** Of the files that are sent, or are going to be. */
  files: number;
  filesSent: number;
  bytes: number;
  bytesSent: number;
  /** Ended without having arrived, or held back until somebody decides. */
  left: number;
  isWaiting: boolean;
};

/** How far all of them together are. */
export function sumUpUploads(all: readonly FileUpload[]): UploadSum {
  const sum: UploadSum = { files: 0, filesSent: 0, bytes: 0, bytesSent: 0, left: 0, isWaiting: false };
  for (const file of all) {
    const { task } = file;
    const isUnder = isUnsent(file);
    // A record exists from the moment that the server has all its bytes.
    const hasArrived = task !== null && task.media !== null && !isUnder;
    if (!isUnder && !hasArrived) {
      sum.left += 1;
      continue;
    }
    sum.files += 1;
    const size = sizeOf(file);
    sum.bytes += size;
    sum.bytesSent += hasArrived ? size : (task?.bytesSent ?? 0);
    if (hasArrived) sum.filesSent += 1;
    if (task !== null && task.waitingFor !== null) sum.isWaiting = true;
  }
  return sum;
}

export const sizeOf = ({ source }: Pick<FileUpload, 'source'>): number => (source instanceof Blob ? source.size : 0);

const counted = (count: number): string => (count === 1 ? 'One file' : `${count} files`);

/** In words, without figures that change all the time: these are read out. */
export function describeSum({ files, filesSent, left, isWaiting }: UploadSum): string {
  const rest = left === 0 ? '' : ` ${counted(left)} not sent: see below.`;
  if (files === 0) return rest.trim();
  if (filesSent < files) return `${filesSent} of ${files} sent. ${isWaiting ? 'Waiting, and going on by itself: leave' : 'Leave'} this tab open.${rest}`;
  if (left > 0) return `${counted(files)} arrived.${rest}`;
  return `${files === 1 ? 'The file has' : `All ${files} files have`} arrived. You may close this tab.`;
}
