/** What each command prints for people: plain sentences and aligned tables. Pure; `--json` bypasses this folder. */
import type { ProcedureOutput } from '../../contract/index.ts'
import { answersReports } from './answers.ts'
import { auditReports } from './audit.ts'
import { encodersReports } from './encoders.ts'
import { endpointReports } from './endpoint.ts'
import { labellingReports } from './labelling.ts'
import { libraryReports } from './library.ts'
import { modelsReports } from './models.ts'
import { searchReports } from './search.ts'
import { settingsReports } from './settings.ts'
import { trainingReports } from './training.ts'

const all = {
  ...libraryReports,
  ...labellingReports,
  ...trainingReports,
  ...searchReports,
  ...answersReports,
  ...auditReports,
  ...modelsReports,
  ...settingsReports,
  ...encodersReports,
  ...endpointReports,
}

/** The procedures that the command line has a report for: all that it calls. */
export type CommandName = keyof typeof all

export const reports: { readonly [N in CommandName]: (output: ProcedureOutput<N>) => string } = all
