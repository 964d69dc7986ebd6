/**
 * Every procedure of the engine, once, by feature: its verb, input, output and a summary. Handlers, transports and clients are
 * derived from this table; nothing else lists the procedures.
 */
import type { z } from 'zod'
import { answersProcedures } from './answers.ts'
import { auditProcedures } from './audit.ts'
import { encodersProcedures } from './encoders.ts'
import { endpointProcedures } from './endpoint.ts'
import { jobsProcedures } from './jobs.ts'
import { labellingProcedures } from './labelling.ts'
import { libraryProcedures } from './library.ts'
import { modelsProcedures } from './models.ts'
import { searchProcedures } from './search.ts'
import { settingsProcedures } from './settings.ts'
import { trainingProcedures } from './training.ts'

/** The features of the app. Each has the same name in every layer: here, in main/services, main/host and the window. */
export type Features = {
  readonly library: typeof libraryProcedures
  readonly search: typeof searchProcedures
  readonly labelling: typeof labellingProcedures
  readonly training: typeof trainingProcedures
  readonly models: typeof modelsProcedures
  readonly encoders: typeof encodersProcedures
  readonly answers: typeof answersProcedures
  readonly endpoint: typeof endpointProcedures
  readonly audit: typeof auditProcedures
  readonly settings: typeof settingsProcedures
  readonly jobs: typeof jobsProcedures
}

export const procedures = {
  ...libraryProcedures,
  ...searchProcedures,
  ...labellingProcedures,
  ...trainingProcedures,
  ...modelsProcedures,
  ...encodersProcedures,
  ...answersProcedures,
  ...endpointProcedures,
  ...auditProcedures,
  ...settingsProcedures,
  ...jobsProcedures,
} as const

export type Procedures = typeof procedures
export type ProcedureName = keyof Procedures
export type ProcedureInput<N extends ProcedureName> = z.output<Procedures[N]['input']>
/** What a caller may write: fields with a default can be left out. */
export type ProcedureRequest<N extends ProcedureName> = z.input<Procedures[N]['input']>
export type ProcedureOutput<N extends ProcedureName> = z.output<Procedures[N]['output']>
