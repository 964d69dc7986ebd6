export {
  fileAnswer,
  jsonAnswer,
  nothingHere,
  parseRange,
  refusal,
  type Answer,
  type AnswerBody,
  type FileRequest,
} from './file-answer.ts'
export {
  mediaAnswer,
  mediaFinder,
  type FindMedia,
  type FoundMedia,
  type MediaKind,
  type MediaSource,
} from './media-answer.ts'
export { securityHeaders } from './security-headers.ts'
export { partsOf, windowAnswer } from './window-answer.ts'
