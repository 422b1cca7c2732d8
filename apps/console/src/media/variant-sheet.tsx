import type { Media } from '@safelight/contract/media';

import { describeBytes } from '@safelight/contract/describe-bytes';
import { describeType } from '@safelight/contract/describe-type';
import { CopyButton } from '../parts/copy-button.tsx';
import { Icon } from '../parts/icon.tsx';

/** A contact sheet: every artifact that may be seen, the smallest first, each at its own proportions. */
export function VariantSheet({ media }: { media: Media }) {
  const variants = Object.entries(media.variants).toSorted(([, a], [, b]) => (a.width ?? 0) - (b.width ?? 0) || a.byteSize - b.byteSize);
  if (variants.length === 0) return null;
  const total = variants.reduce((sum, [, { byteSize }]) => sum + byteSize, 0);
  return (
    <section aria-labelledby={`variants-${media.id}`}>
      <header className="section-head">
        <h3 id={`variants-${media.id}`}>Variants</h3>
        <p className="fine">
          {variants.length} from {describeBytes(media.byteSize)}, {describeBytes(total)} together
        </p>
      </header>
      <ul className="sheet">
        {variants.map(([role, { src, width, height, mimeType, byteSize }]) => (
          <li key={role}>
            <figure className="frame">
              <a href={src} target="_blank" rel="noreferrer" aria-label={`Open ${role}`}>
                {mimeType.startsWith('image/') ? (
                  <img src={src} alt="" width={width ?? undefined} height={height ?? undefined} loading="lazy" decoding="async" />
                ) : mimeType.startsWith('video/') ? (
                  <video src={src} muted playsInline preload="metadata" tabIndex={-1} aria-hidden="true" />
                ) : (
                  <Icon name={mimeType.startsWith('audio/') ? 'audio' : 'file'} />
                )}
              </a>
              <figcaption>
                <strong>{role}</strong>
                {width !== null && height !== null && <span>{`${width} × ${height}`}</span>}
                <span title={`${byteSize} bytes`}>{describeBytes(byteSize)}</span>
                <span title={mimeType}>{describeType(mimeType)}</span>
                <CopyButton text={() => new URL(src, location.href).href} label={`Copy the URL of ${role}`} />
              </figcaption>
            </figure>
          </li>
        ))}
      </ul>
    </section>
  );
}
