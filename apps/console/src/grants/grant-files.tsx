import type { GrantFile } from '@safelight/contract/grants';

import { describeBytes } from '@safelight/contract/describe-bytes';
import { TimeAgo } from '../parts/time-ago.tsx';
import { hrefOf } from '../route/route.ts';

/** The files of a purchase, with how often each was had. */
export function GrantFiles({ files, busy, onReset }: { files: readonly GrantFile[]; busy: boolean; onReset: (mediaId: string) => void }) {
  return (
    <div className="job-table">
      <table>
        <caption>Files</caption>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Size</th>
            <th scope="col">Downloads</th>
            <th scope="col">Last</th>
            <th scope="col">
              <span className="visually-hidden">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {files.map((file) => (
            <tr key={file.mediaId}>
              <th scope="row">
                <a className="grant-number" dir="auto" href={hrefOf('library', file.replacedBy ?? file.mediaId)}>
                  {file.fileName}
                </a>
                <span className="fine">{file.replacedBy === null ? '' : 'replaced since it was bought'}</span>
              </th>
              <td className="fine">{describeBytes(file.byteSize)}</td>
              <td className="fine" data-label="downloads">
                {file.maxDownloads === null ? `${file.downloads}, no limit` : `${file.downloads} of ${file.maxDownloads}`}
              </td>
              <td className="fine" data-label="last">
                {file.lastDownloadAt === null ? 'never' : <TimeAgo at={file.lastDownloadAt} />}
              </td>
              <td>
                <button
                  className="button small"
                  type="button"
                  aria-disabled={busy || file.downloads === 0}
                  aria-label={`Reset the downloads of ${file.fileName}`}
                  onClick={() => onReset(file.mediaId)}
                >
                  Reset
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
