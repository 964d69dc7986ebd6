/** Handlers that answer with fixed, well-formed data: for tests of transports and of the command line. */
import {
  AppError,
  procedures,
  type Counts,
  type Handlers,
  type ProcedureName,
  type RetrievalMetrics,
} from '../../main/contract/index.ts'

export const counts: Counts = {
  ...{ eligible: 3, indexed: 2, failed: 1, pending: 0, segments: 5 },
  ...{ descriptions: 2, exemplars: 1, models: 0 },
}

const estimate = { value: 0.5, low: 0.25, high: 0.75 }
const metrics: RetrievalMetrics = {
  ...{ queries: 4, 'R@1': estimate, 'R@5': estimate, 'R@10': estimate, MAP: estimate, 'P@10': estimate },
  ...{ medianRank: { value: 2, low: null, high: null }, meanRank: { value: 2.5, low: null, high: null } },
}

const found = { title: null, category: null, durationSeconds: 90, highlights: [] }

const encoder = {
  ...{ id: 'built-in', name: 'Built-in', family: 'built-in', licence: 'MIT', precision: 'fp32', dim: 256 },
  ...{ imageSize: 96, contextLength: 32, sizeBytes: 5e6, featureBytes: 0, speed: null, active: true, isOwn: true },
  ...{ seenSegments: 5, segments: 5, models: 0 },
}

/** `changes` replaces single handlers. */
export function fakeHandlers(changes: Partial<Handlers> = {}): Handlers {
  const rest = (Object.keys(procedures) as ProcedureName[]).map((name) => [
    name,
    () => Promise.reject(new Error(`${name} has no fake`)),
  ])
  return {
    ...(Object.fromEntries(rest) as Handlers),
    async import(_, { onEvent }) {
      onEvent({
        ...{ kind: 'progress', stage: 'indexing', unit: 'videos', done: 1, total: 2 },
        ratePerSecond: 2,
        remainingSeconds: 0.5,
      })
      onEvent({ kind: 'note', message: 'b.mp4 is empty.' })
      return {
        ...{ imported: 2, alreadyThere: 0, skipped: 1, segments: 5, frames: 40, sidecars: 0 },
        ...{ elapsedSeconds: 1.25, videoSeconds: 12, counts },
        failed: [{ file: '/v/b.mp4', reason: 'empty', message: 'b.mp4 is empty.' }],
      }
    },
    encoders: async () => ({ encoders: [encoder] }),
    addEncoder: async ({ name = 'CLIP' }) => ({
      ...{ encoder: { ...encoder, id: 'clip', name, isOwn: false, active: false }, wasThere: false },
      findings: [{ state: 'note', topic: 'licence', sentence: 'The export does not state a licence.' }],
    }),
    encoderSource: async ({ name }) => ({
      curated: [{ name: 'owner/model', languages: 'English', licence: 'MIT', sizeBytes: 6e8, goodFor: 'tests' }],
      plan:
        name === undefined
          ? null
          : {
              ...{ name, commit: 'abc1234def5678', licence: null, totalBytes: 7e6 },
              files: [{ path: 'onnx/vision_model.onnx', sizeBytes: 7e6 }],
            },
    }),
    measureEncoder: async ({ encoder: id = 'clip' }) => ({
      encoder: id,
      speed: { picturesPerSecond: 21.26, batchImages: 16, threads: 2, wasBusy: id === 'busy' },
      previous: id === 'busy' ? null : { picturesPerSecond: 12, batchImages: 1, threads: 2, wasBusy: true },
      tried: 9,
    }),
    useEncoder: async ({ encoder: id, leaveOut }) => ({
      ...{ active: leaveOut ? id : 'built-in', previous: 'built-in', switched: leaveOut, videos: 1, frames: 8 },
      ...{ failed: [{ file: '/v/b.mp4', reason: 'missing', message: 'b.mp4 is not there.' }], elapsedSeconds: 2 },
    }),
    describe: async () => ({
      ...{ rows: 2, described: 1, videos: 1, withoutDescription: 1 },
      problems: [
        { row: 3, file: 'x.mp4', reason: 'unknownFile', message: 'x.mp4 is not in the library. Import it first.' },
      ],
    }),
    label: async () => ({ rows: 0, exemplars: 0, concepts: 0, shortened: 0, problems: [] }),
    async train({ objective, seed, marginRadians = 0.02, epochs = 2 }, { onEvent }) {
      onEvent({ kind: 'epoch', epoch: 1, epochs, loss: 1.5, heldOutScore: 0.4 })
      return {
        ...{
          run: 'run-1',
          model: 'mama-1',
          objective,
          marginRadians,
          pairs: 5,
          metaPairs: 7,
          heldOutPairs: 3,
          epochs,
        },
        ...{ resumedAtEpoch: null, elapsedSeconds: 2, device: 'cpu', deviceReason: 'It was asked for.' },
        ...{ heldOutBefore: 0.4, heldOutAfter: 0.5 },
        judgement: {
          verdict: 'better' as const,
          odds: 0.96,
          exemplars: 3,
          firstBefore: 1,
          firstAfter: 2,
          labelsToDecide: null,
        },
        leaning: { pairs: 12.4, batchSize: 64, isFew: true },
        ...{ promoted: true, reason: `seed ${seed}.` },
      }
    },
    search: async ({ text, k }) => ({
      ...{
        query: text,
        model: 'zero-shot',
        segmentsSearched: 5,
        weakFrom: text === 'plonk' ? 0 : Math.min(1, k),
        unmatched: text === 'plonk' ? 3 : 0,
        unknownWords: text === 'plonk' ? ['plonk'] : [],
        pendingVideos: 0,
        tookMs: 2,
      },
      moments: [
        {
          file: '/v/靴.mp4',
          start: 1,
          end: 65.5,
          score: 0.75,
          match: 'strong' as const,
          foundBy: ['picture' as const, 'words' as const],
          ...{ ...found, video: 'v1', segment: 's1', segments: ['s1'], fileName: '靴.mp4', strength: 0.9 },
        },
        {
          ...{ file: "/v/it's\na.mp4", start: 0, end: 2, score: 0.5 },
          ...{ match: 'weak' as const, foundBy: ['picture' as const] },
          ...{ ...found, video: 'v2', segment: 's2', segments: ['s2'], fileName: "it's\na.mp4", strength: 0.3 },
        },
      ].slice(0, text === 'plonk' ? 0 : k),
    }),
    evaluate: async () => ({
      ...{ model: 'mama-1', segments: 5, overall: metrics, problems: [] },
      byFrequency: { popular: metrics, mid: null, rare: metrics },
    }),
    audit: async () => ({
      ...{ run: 'run-1', objective: 'mama' as const, epoch: 2, rule: 'A rule.' },
      pairs: [
        {
          ...{ file: '/v/a.mp4', start: 0, end: 2, text: '=SUM(A1), "quoted"', loss: 4.5, weight: 0.125 },
          ...{ rawWeight: 0.0625, doubt: null },
          ...{ lossPercentile: 100, weightPercentile: 0, verdict: 'suspect' as const },
        },
      ],
    }),
    models: async () => ({ models: [] }),
    exportModel: async ({ model, folder }) => ({ model, folder, files: ['vision.onnx'], sizeBytes: 1 }),
    promote: async ({ model }) => ({ active: model, previous: 'zero-shot' }),
    rollback: () => Promise.reject(new AppError('model.missing', 'No other model version was active before.')),
    devices: async () => ({
      ...{
        device: 'cpu',
        reason: 'Trained on cpu, the only device that works here (12 ms a measured step).',
        wasBusy: false,
      },
      devices: [{ device: 'cpu', engine: 'ONNX Runtime 1.30.0', stepMs: 12, reason: null }],
    }),
    doctor: async () => ({
      ok: true,
      checks: [{ name: 'ffmpeg', state: 'ok', finding: { kind: 'ffmpeg', version: '5.1' }, detail: '5.1' }],
      counts,
      failures: [],
    }),
    counts: async () => counts,
    backup: async ({ file }) => ({ file, sizeBytes: 1234 }),
    restore: async ({ file }) => ({ file, keptAs: null, counts }),
    ...changes,
  }
}
