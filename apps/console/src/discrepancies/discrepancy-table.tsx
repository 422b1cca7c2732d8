import type { Discrepancy, DiscrepancyClass } from '@safelight/contract/discrepancies';

import { describeBytes } from '@safelight/contract/describe-bytes';
import { CopyButton } from '../parts/copy-button.tsx';
import { hrefOf } from '../route/route.ts';
import { classes } from './discrepancy-classes.ts';

/** More are a matter for the download. */
const mostShown = 100;

/** All of one class: what it means, how it is repaired, and where it is so. */
export function DiscrepancyTable({ name, found }: { name: DiscrepancyClass; found: readonly Discrepancy[] }) {
  const { title, meaning, repair, advice } = classes[name];
  return (
    <section className="discrepancy-class" aria-labelledby={`class-${name}`}>
      <header className="section-head">
        <h2 id={`class-${name}`}>
          {title} <span className="fine">{found.length}</span>
        </h2>
        <code className="fine">{name}</code>
      </header>
      <p>{meaning}</p>
      <p className="soft">{advice}</p>
      {repair !== null && (
        <p className="command">
          <code>{repair}</code>
          <CopyButton text={repair} label={`Copy the command for ${title}`} />
        </p>
      )}
      {/* Focusable, so that a keyboard can scroll it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="job-table discrepancy-table" role="region" tabIndex={0} aria-label={`Objects: ${title}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Object</th>
              <th scope="col">Bytes</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, mostShown).map((one) => (
              <tr key={`${one.provider}:${one.location}/${one.key}`}>
                <th scope="row">
                  <code className="object-key">{one.key}</code>
                  <span className="fine">
                    {one.provider}:{one.location}
                    {one.role !== null && `, ${one.role}`}
                    {one.assetId !== null && (
                      <>
                        , <a href={hrefOf('library', one.assetId)}>record {one.assetId.slice(-8)}</a>
                      </>
                    )}
                  </span>
                </th>
                <td className="fine">{describeSizes(one)}</td>
                <td className="fine">{one.detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {found.length > mostShown && (
        <p className="fine">
          The first {mostShown} of {found.length}; the download has them all.
        </p>
      )}
    </section>
  );
}

function describeSizes({ expectedBytes, actualBytes }: Discrepancy): string {
  if (expectedBytes !== null && actualBytes !== null) return `${describeBytes(actualBytes)} instead of ${describeBytes(expectedBytes)}`;
  const known = actualBytes ?? expectedBytes;
  return known === null ? '' : describeBytes(known);
}
