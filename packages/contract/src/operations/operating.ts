import { z } from 'zod';

import { auditListSchema, auditQuerySchema } from '../audit.ts';
import { discrepancyQuerySchema, discrepancyReportSchema } from '../discrepancies.ts';
import { overviewSchema } from '../overview.ts';
import type { Operation } from './operation.ts';

export const operatingOperations = {
  reportDiscrepancies: {
    method: 'POST',
    path: '/admin/discrepancies',
    summary: 'Compare the records with the objects in storage, in both directions; read-only',
    tag: 'Operations',
    scope: 'media:admin',
    body: discrepancyQuerySchema,
    answers: { 200: discrepancyReportSchema },
    errors: ['storage_unavailable'],
  },
  readOverview: {
    method: 'GET',
    path: '/admin/overview',
    summary: 'Read the figures of the site: stored media, arrivals of the last day, waiting jobs and failures',
    tag: 'Operations',
    scope: 'media:manage',
    answers: { 200: z.object({ overview: overviewSchema }) },
  },
  listAudit: {
    method: 'GET',
    path: '/admin/audit',
    summary: 'List removals without an undo window, and who made them; newest first',
    tag: 'Operations',
    scope: 'media:admin',
    query: auditQuerySchema,
    answers: { 200: auditListSchema },
  },
} as const satisfies Record<string, Operation>;
