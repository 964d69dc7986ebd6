/**
 * A report for support: versions, checks, counts, errors. It names nothing of the customer's: no texts, file names,
 * paths, titles, categories or searches. Whatever is free text is replaced by what kind of thing it was.
 */
import { arch, cpus, platform, release, totalmem } from 'node:os'
import type { Job, ProcedureOutput, Settings } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import { countsOf } from '../library/index.ts'

export type DiagnosticsParts = {
  readonly library: Library
  readonly appVersion: string
  readonly encoderId: string
  readonly settings: Settings
  readonly jobs: readonly Job[]
  readonly doctor: ProcedureOutput<'doctor'>
  readonly storage: ProcedureOutput<'storage'>
  /** Of the host, newest last; it keeps no text of the customer's. */
  readonly log: readonly string[]
  readonly now: () => number
}

export function diagnostics(parts: DiagnosticsParts): ProcedureOutput<'diagnostics'> {
  const { library, settings, jobs, doctor, storage, log } = parts
  const writtenAt = new Date(parts.now()).toISOString()
  const failures = new Map<string, number>()
  for (const { failure } of library.videos.list({ status: 'failed' })) {
    const code = failure?.code ?? 'unknown'
    failures.set(code, (failures.get(code) ?? 0) + 1)
  }
  const report = {
    writtenAt,
    app: { version: parts.appVersion, node: process.versions.node, encoder: parts.encoderId },
    computer: {
      system: `${platform()} ${release()} ${arch()}`,
      processors: cpus().length,
      processor: cpus()[0]?.model ?? '',
      memoryBytes: totalmem(),
      freeDiskBytes: storage.freeBytes,
    },
    counts: countsOf(library),
    // Details of a check may quote paths; its name and state do not.
    checks: doctor.checks.map(({ name, state }) => ({ name, state })),
    failures: Object.fromEntries(failures),
    storage: storage.parts,
    settings: { ...settings, shortcuts: Object.keys(settings.shortcuts).length },
    jobs: jobs.map(({ kind, state, error, createdAt, updatedAt }) => {
      return { kind, state, error: error === null ? null : (error.code ?? 'unexpected'), createdAt, updatedAt }
    }),
    runs: library.runs.all().map((run) => ({
      state: run.state,
      config: run.config,
      epochs: library.runs.curves(run.id).length,
      pairs: library.pairRecords.count(run.id),
      seconds: run.endedAtMs === null ? null : (run.endedAtMs - run.startedAtMs) / 1000,
      hasFailed: run.failure !== null,
    })),
    models: library.models.all().map(({ status, active, hasWeights, metrics }) => {
      return { status, active, hasWeights, metrics }
    }),
    log,
    searchesMs: library.searchLog.recent(100).map(({ tookMs }) => tookMs),
  }
  return { fileName: `mama-diagnostics-${writtenAt.slice(0, 10)}.json`, text: `${JSON.stringify(report, null, 2)}\n` }
}
