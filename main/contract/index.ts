export { AppError, errorCodes, type ErrorCode } from './errors.ts'
export {
  procedures,
  type Procedure,
  type ProcedureInput,
  type ProcedureName,
  type ProcedureOutput,
  type ProcedureRequest,
  type Procedures,
  type Verb,
} from './procedures.ts'
export { eventSchema, progressSchema, type ProcedureEvent, type Progress } from './progress.ts'
export {
  devices,
  metricNames,
  objectives,
  type Counts,
  type Device,
  type Estimate,
  type FailedFile,
  type MetricName,
  type ModelVersion,
  type Moment,
  type Objective,
  type RetrievalMetrics,
  type RowProblem,
} from './shapes.ts'
export {
  createClient,
  createLocalTransport,
  dispatch,
  isProcedureName,
  parseRequest,
  type CallContext,
  type Client,
  type Handlers,
  type Transport,
} from './transport.ts'
