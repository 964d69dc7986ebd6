/** The audit: what a run thought of each pair, why, and what a retrain would use. */
import type { FeatureHandlers } from '../../contract/index.ts'
import type { LibraryAccess } from '../shared/library-access.ts'
import { saveText } from '../shared/save-text.ts'
import { auditOverview, auditPairs, auditRun, auditTable, retrainPreview } from './audit.ts'

export type AuditParts = {
  readonly access: LibraryAccess
  /** Of the encoder in use, without loading it. */
  readonly encoderId: () => Promise<string>
}

export function createAudit({ access, encoderId }: AuditParts): { readonly handlers: FeatureHandlers<'audit'> } {
  const { view } = access
  return {
    handlers: {
      audit: async (input) => auditRun(access.open('read'), input),
      auditOverview: async (input) => auditOverview(view(), input),
      auditPairs: async (input) => auditPairs(view(), input),
      retrainPreview: async (input) => retrainPreview(view(), await encoderId(), input),
      auditExport: async ({ run, path }) => {
        const { fileName, text } = auditTable(view(), run)
        return saveText(fileName, text, path)
      },
    },
  }
}
