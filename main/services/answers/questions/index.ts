/** The questions that a library keeps: imported, asked last, answered rightly by people, and read from a file for measuring. */
export { correctAnswer, undoCorrection } from './corrections.ts'
export { importQuestions } from './import-questions.ts'
export { readKnownQuestions, type KnownQuestion } from './question-file.ts'
export { recentQuestions, rememberQuestion } from './recent-questions.ts'
