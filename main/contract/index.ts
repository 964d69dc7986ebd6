export { AppError, errorCodes, type ErrorCode } from './errors.ts'
