/** How an import says no: one clause that names what was found and what is missing. */

/** Thrown inside an import; `message` is a clause that follows "because". Callers turn it into an AppError. */
export class ExportProblem extends Error {
  constructor(clause: string, options?: { cause?: unknown }) {
    super(clause, options)
    this.name = 'ExportProblem'
  }
}
