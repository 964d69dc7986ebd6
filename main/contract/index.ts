export {
  chooseKinds,
  engineFailedCode,
  engineGoneCode,
  fromShellSchema,
  shellCommands,
  toShellSchema,
  type ChooseKind,
  type DesktopBridge,
  type DraggedMoment,
  type FromShell,
  type OpenedFile,
  type ShellCommand,
  type ToShell,
} from './desktop.ts'
export type { Check, Finding } from './doctor-checks.ts'
export { AppError, errorCodes, type ErrorCode } from './errors.ts'
export { errorOf, failureOf, type Failure } from './failure.ts'
export { followNews, type Following } from './follow.ts'
export { answerModels, type Answer, type AnswerModel, type AnswerMoment } from './answers.ts'
export { settingsSchema, type Settings, type StoragePart } from './settings.ts'
export { verdicts, type AuditedPair, type Verdict } from './audit.ts'
export type { EncoderFinding, EncoderInfo, EncoderSpeed } from './encoders.ts'
export {
  descriptionScopes,
  endpointDialects,
  endpointProblems,
  endpointSettingsSchema,
  type DescriptionScope,
  type EndpointDialect,
  type EndpointInfo,
  type EndpointProblem,
  type EndpointSettings,
} from './endpoint.ts'
export { jobKinds, jobStates, type Job, type JobKind, type JobState } from './jobs.ts'
export { type Balance, type Candidate, type EditOutcome, type EditRequest, type LabelStand } from './labelling.ts'
export {
  textEncodings,
  videoStatuses,
  type ColumnMapping,
  type Exemplar,
  type Grade,
  type TableSource,
  type VideoFilter,
  type VideoRow,
  type VideoSegment,
} from './library.ts'
export {
  createMessageServer,
  createMessageTransport,
  type MessageServer,
  type MessageTransport,
} from './message-transport.ts'
export { replySchema, requestSchema, type Reply, type Request } from './messages.ts'
export type { Promotion } from './models.ts'
export type { Procedure, Verb } from './procedure.ts'
export {
  procedures,
  type Features,
  type ProcedureInput,
  type ProcedureName,
  type ProcedureOutput,
  type ProcedureRequest,
  type Procedures,
} from './procedures.ts'
export {
  changeable,
  eventSchema,
  progressSchema,
  type Changeable,
  type ProcedureEvent,
  type Progress,
} from './progress.ts'
export { type FoundMoment, type Highlight, type SavedSearch } from './search.ts'
export {
  devices,
  metricNames,
  objectives,
  type Counts,
  type Device,
  judgementSchema,
  type Estimate,
  type Judgement,
  type Leaning,
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
  type FeatureHandlers,
  type Handlers,
  type Transport,
} from './transport.ts'
export {
  comparisonMetrics,
  trainableHalfSchema,
  type BlocksPreflight,
  type ComparisonBand,
  type MetricChange,
  type TrainableHalf,
  type TrainingRun,
  type TrainRequest,
  type WeightPoint,
} from './training.ts'
