import { MediaUploader, recheckHeld } from '@safelight/react';
import type { MediaRules } from '@safelight/contract/media-rules';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import { MediaDetail } from '../media/media-detail.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { rulesOptions } from '../policies/rules-options.ts';
import { useClient } from '../session/session.ts';
import { DestinationForm } from './destination-form.tsx';
import { acceptOf, DropZone } from './drop-zone.tsx';
import { useArrivedFiles } from './use-arrived-files.ts';
import { UploadList } from './upload-list.tsx';
import { useArrivals, useFileCheck, useFiles, useUploads } from './uploads.ts';
import { useDestination } from './use-destination.ts';
import { WaitingFiles } from './waiting-files.tsx';
import { useShownUpload } from './use-shown-upload.ts';

const noRules: readonly MediaRules[] = [];

/** Files in on the left; on the right what became of the one that is looked at: its variants, its record, its events. */
export function UploadPage() {
  const client = useClient();
  const uploads = useUploads();
  const arrivals = useArrivals();
  const fileCheck = useFileCheck();
  const files = useFiles();
  const { data: all = noRules, error, refetch } = useQuery(rulesOptions(client));
  const { choice, rules, destination, choose } = useDestination(all);
  const { shown, select } = useShownUpload(files);

  const { waiting, send, leaveOut } = useArrivedFiles(destination, rules);
  useEffect(() => {
    fileCheck.learn(all);
    void recheckHeld(uploads, fileCheck.check);
    // Elsewhere nobody keeps them as they are now.
    return () => fileCheck.learn([]);
  }, [uploads, fileCheck, all]);

  return (
    <div className="upload-page" data-showing={shown !== null}>
      <div className="upload-side">
        <header className="page-head">
          <h1>Upload</h1>
          <p className="soft">A file becomes visible only when it is stored, processed and meant to be seen.</p>
        </header>
        {error !== null && all === noRules && <ProblemNotice problem={error} title="The rules could not be read" onRetry={() => void refetch()} />}
        {rules ? (
          <MediaUploader.Root upload={uploads.upload} onFiles={arrivals.offer} accept={acceptOf(rules)} className="upload-parts">
            <DestinationForm all={all} rules={rules} choice={choice} onChoose={choose} />
            <DropZone rules={rules} />
            <WaitingFiles count={waiting.length} place={rules.entityType ?? 'place'} ready={destination !== null} onSend={send} onLeaveOut={leaveOut} />
            <UploadList files={files} rules={all} shownId={shown?.id ?? null} onSelect={select} />
          </MediaUploader.Root>
        ) : all !== noRules ? (
          <EmptyState icon="upload" title="There is no collection to upload to">
            <p className="soft">The configuration of the server names none. Add one to its safelight.config.ts, and reload this page.</p>
          </EmptyState>
        ) : (
          error === null && <div className="skeleton drop-skeleton" role="status" aria-label="Reading the rules" />
        )}
      </div>
      <section className="upload-result" aria-label="What became of it">
        {shown ? (
          <MediaDetail key={shown.media.id} id={shown.media.id} known={shown.media} />
        ) : (
          <EmptyState icon="image" title="Nothing in the tray yet">
            <p className="soft">As soon as the server has a file, its variants, record and events appear here.</p>
          </EmptyState>
        )}
      </section>
    </div>
  );
}
